import { readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { readRecord } from "../../src/app/runs/record.ts";
import { runText } from "../../src/l10n/run-text.ts";
import { resetTranslation, translateBy } from "../../src/l10n/text.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { outside } from "../webview/pseudo.ts";
import { CommandLine, runFolder } from "./product.ts";

/** What runs really say, held against the texts that can be translated: none of it may be missing. */

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await startSandbox({ buildTimeMs: [50, 100] });
  translateBy((message, ...values) => {
    const text = message.replace(/\{(\d+)\}/g, (_, index) => String(values[index]));
    return `⟦${text}⟧`;
  }, "en-XA");
});
afterEach(async () => {
  resetTranslation();
  await sandbox.close();
});

/** Runs to the end, and returns what is not in the bundle of all that was said. */
async function untranslated(...args: string[]): Promise<string[]> {
  const line = new CommandLine(args, { CODER_URL: sandbox.url, CODER_SESSION_TOKEN: sandbox.token });
  await line.ended;
  const folder = runFolder(line.home);
  const events = readFileSync(path.join(folder, "events.ndjson"), "utf8").trim().split("\n");
  const final = await readRecord(folder);
  rmSync(line.home, { recursive: true, force: true });
  if (!final) throw new Error("the run did not come to its end");
  const { snapshot, rows } = final;
  const { steps } = snapshot;
  const said = [
    ...events.map((event) => (JSON.parse(event) as { text: string }).text),
    ...snapshot.stages.map(({ label }) => label),
    ...steps.flatMap(({ phases }) => phases.map(({ label }) => label)),
    ...snapshot.warnings,
    ...steps.flatMap(({ causes }) => causes.map(({ cause }) => cause)),
    ...(snapshot.thresholds ?? []).map(({ label }) => label),
    snapshot.outcome?.summary ?? "",
    ...rows.flatMap(({ doing, cause }) => [doing, cause ?? ""]),
  ];
  return [...new Set(said)].filter((text) => /[a-z]/i.test(outside(runText(text))));
}

const thresholds = (...all: string[]) => all.flatMap((one) => ["--threshold", one]);

it("of a creation in which much goes wrong", async () => {
  sandbox.deployment.faults.set({ buildFailureRate: 0.3, startupFails: 0.2 });
  const left = await untranslated(
    ...["create-workspaces", "--count", "20", "--template", "two-agents", "--concurrency", "0"],
    ...["--run-command", "echo hello"],
    ...thresholds("ready.p95<1ms", "queue.p99<1m", "failures.rate<1%", "failures.count<1", "api.max<1m"),
  );
  expect(left).toEqual([]);
});

it("of traffic to what a run has kept, and of the clean-up after it", async () => {
  const kept = await untranslated(
    ...["create-workspaces", "--count", "3", "--template", "kubernetes", "--concurrency", "0"],
    ...["--no-cleanup"],
  );
  expect(kept).toEqual([]);
  const traffic = await untranslated(
    ...["workspace-traffic", "--ssh", "--rate", "10KB/s", "--duration", "2s"],
    ...thresholds("round_trip.p95<1ms", "achieved.rate>=10%", "ticks.missed<1", "connections.dropped<9"),
  );
  expect(traffic).toEqual([]);
  expect(await untranslated("cleanup", "--yes")).toEqual([]);
});
