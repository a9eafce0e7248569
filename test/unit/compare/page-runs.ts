import type { PageRun } from "../../../src/app/compare/compare.ts";
import type { StepData } from "../../../src/compare/data.ts";
import type { Sample, Verdict } from "../../../src/protocol/snapshot.ts";
import { say } from "../../../src/text/message.ts";
import { endedRecord } from "../../one-step.ts";
import { valuesOf } from "../../webview/described.ts";
import { TRAFFIC } from "../../webview/traffic-fixtures.ts";
import { trafficFinal } from "../vscode/traffic-fixture.ts";
import { compared, finalOf } from "./compared.ts";
import { Chance, EQUAL, generatedRun } from "./generated.ts";

/** What a run of a comparison is told apart by. */
export interface Told {
  id: string;
  /** Minutes after the first. */
  minute?: number;
  verdict?: Verdict;
  config?: Record<string, unknown>;
  product?: string;
  version?: string;
}

const FIRST = new Date(2026, 10, 26, 9, 0, 0).getTime();

function told(
  run: ReturnType<typeof compared>,
  { id, minute = 0, verdict = "passed", ...more }: Told,
): PageRun {
  const { final, known } = run;
  const { outcome } = final.snapshot;
  const header = {
    ...final.whole.run,
    id,
    createdAt: FIRST + minute * 60_000,
    deployment: { ...final.whole.run.deployment, version: more.version ?? "v2.26.0" },
  };
  const ended = {
    ...{ orphans: 0, kept: 0, exitCode: verdict === "passed" ? 0 : 1, ...outcome, verdict },
    ...{ succeeded: 59, failed: 1, summary: say("{0} succeeded, {1} failed", 59, 1) },
  };
  for (const snapshot of [final.whole, final.snapshot])
    Object.assign(snapshot, { run: header, outcome: ended });
  return { final, known, product: more.product ?? "0.1.0" };
}

/** A run that creates workspaces, whose provisioning took `factor` times as long. */
export function creation(factor: number, about: Told): PageRun {
  const final = finalOf(factor);
  const slower = (ms: number) => Math.round(ms * (1 + (factor - 1) * 0.6));
  final.rows = final.rows.map((row) =>
    row.readyMs === undefined ? row : { ...row, readyMs: slower(row.readyMs) },
  );
  return told(compared(final, undefined, { template: "kubernetes", count: 60, ...about.config }), about);
}

/** Traffic whose round trip is so long, for so many seconds. */
export function traffic(p50: number, seconds: number, about: Told): PageRun {
  const noise = { run: 0, second: 0.03, correlation: 0.6, message: 0.1 };
  const generated = generatedRun("", new Chance(p50), noise, { ...EQUAL, seconds: 120, roundTripMs: p50 });
  const data: StepData = generated.steps.get("traffic") ?? { metrics: {} };
  const final = trafficFinal(p50);
  const samples = Array.from({ length: seconds }, (_, second): Sample => {
    const wander = p50 * (1 + ((second * 7_919) % 11) / 50 + second / seconds / 4);
    const values = { "round_trip.p50": wander, "round_trip.p95": wander * 3, "round_trip.p99": wander * 5 };
    return { step: "workspace-traffic", second: second + 5, values: valuesOf(TRAFFIC, values) };
  });
  const { whole, snapshot, ...rest } = final;
  const record = endedRecord({ ...rest, snapshot, samples });
  for (const step of record.whole.steps) step.begunAt = 5_000;
  return told(compared(record, data, { connections: 50, ...about.config }), about);
}
