import type { Compared } from "../../../src/app/compare/compare.ts";
import type { EndedRecord } from "../../../src/app/runs/ended.ts";
import { jobValues, type StepData } from "../../../src/compare/data.ts";
import { durationsOf } from "../../../src/compare/estimate.ts";
import type { WorkspaceRow } from "../../../src/protocol/snapshot.ts";
import { endedRecord } from "../../one-step.ts";
import { fixtureRows, fixtureSnapshot } from "../../webview/fixtures.ts";

export const COUNT = 60;
const AT = 90_000;

/** A run whose provisioning took `factor` times as long as the fixture's. */
export function finalOf(factor = 1, count = COUNT): EndedRecord {
  const rows = fixtureRows(count, AT).map((row): WorkspaceRow => {
    const { provision } = row.phases;
    // One after the other: what is over in a moment is judged by no single run.
    const begun = row.startedAt === undefined ? {} : { startedAt: 1_000 * row.index };
    return provision === undefined
      ? { ...row, ...begun }
      : { ...row, ...begun, phases: { ...row.phases, provision: provision * factor } };
  });
  return endedRecord({ version: 2, snapshot: fixtureSnapshot(count, AT), rows, samples: [] });
}

/** With what its folder has of it. */
export function compared(final: EndedRecord, data: StepData = jobsData(final), config = {}): Compared {
  const { name, workload, run } = final.snapshot;
  const test = { url: `https://${run.deployment.host}`, steps: [{ name, workload, config }] };
  return { final, known: { test, data: { id: run.id, steps: new Map([[name, data]]) } } };
}

/** Jobs as rows have them. */
function jobsData({ rows, snapshot: { counts } }: EndedRecord): StepData {
  const jobs = jobValues(rows);
  const names = [...new Set(jobs.flatMap(({ values }) => Object.keys(values)))];
  const durations = names.map((name) => {
    const all = durationsOf(jobs.flatMap(({ values }) => values[name] ?? []));
    const ms = (percent: number) => all.percentile(percent)?.ms ?? 0;
    const figures = { count: all.count, mean: all.mean?.ms ?? 0, p50: ms(50), p95: ms(95) };
    return [name, metricOf("duration", [{ labels: {}, ...figures }])] as const;
  });
  const failures = metricOf("share", [{ labels: {}, count: counts.failed, of: counts.total }]);
  return { metrics: { ...Object.fromEntries(durations), failures }, jobs };
}

export const metricOf = (kind: string, series: StepData["metrics"][string]["series"]) => ({
  ...{ kind, unit: "none", better: "lower" },
  series,
});
