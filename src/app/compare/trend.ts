import path from "node:path";
import * as z from "zod";
import { judgedFigures, measuredIn } from "../../compare/figures.ts";
import { type TestOf, testDifferences } from "../../compare/same-test.ts";
import type { TrendPoint } from "../../protocol/compare-page.ts";
import { endingOf } from "../../protocol/ending.ts";
import { metricResultSchema } from "../../protocol/result.ts";
import type { Snapshot } from "../../protocol/snapshot.ts";
import { readTop } from "../../runs/json-top.ts";
import { isNewer } from "../../runs/newer.ts";
import { RESULT_FILE } from "../../runs/run-file.ts";
import type { RunEntry } from "../../runs/run-list.ts";
import { workloadByName } from "../../workloads/index.ts";

/** More runs than this a trend does not show. */
const MOST_RUNS = 20;

const metricsSchema = z.record(z.string(), metricResultSchema).catch({});
const measuredSchema = z.looseObject({
  metrics: metricsSchema.optional(),
  steps: z.record(z.string(), z.looseObject({ metrics: metricsSchema.optional() })).optional(),
});

/** The name of a figure in a trend; `figure` is `metric.figure`. */
export function trendKey(step: string, figure: string): string {
  return `${step}/${figure}`;
}

/**
 * The last runs of a test, of all that are stored, the earliest first. `described`: a run of it, which says what its
 * figures are. A run whose result cannot be read has no point.
 */
export async function readTrend(
  test: TestOf,
  { steps }: Pick<Snapshot, "steps">,
  stored: readonly RunEntry[],
): Promise<TrendPoint[]> {
  const newest = stored
    .filter((entry) => entry.result && !isNewer(entry.file) && isOf(test, entry))
    .sort((a, b) => b.file.createdAt - a.file.createdAt)
    .slice(0, MOST_RUNS)
    .reverse();
  const points = await Promise.all(newest.map((entry) => pointOf(entry, steps)));
  return points.filter((point) => point !== undefined);
}

function isOf(test: TestOf, { file: { deployment, steps } }: RunEntry): boolean {
  const other = { url: deployment.url, sandbox: deployment.sandbox, steps };
  return testDifferences(other, test, workloadByName).length === 0;
}

async function pointOf(
  { file, folder, result }: RunEntry,
  steps: Snapshot["steps"],
): Promise<TrendPoint | undefined> {
  const top = await readTop(path.join(folder, RESULT_FILE), [
    "metrics",
    ...(steps.length > 1 ? ["steps"] : []),
  ]);
  const read = measuredSchema.safeParse(top);
  if (!read.success) return undefined;
  const values = steps.flatMap(({ name, description }) => {
    const own = (steps.length > 1 ? read.data.steps?.[name]?.metrics : read.data.metrics) ?? {};
    return description.metrics.flatMap(judgedFigures).flatMap((figure) => {
      const measured = measuredIn(figure, own[figure.metric.name]);
      return measured
        ? [[trendKey(name, `${figure.metric.name}.${figure.figure}`), measured.value] as const]
        : [];
    });
  });
  return {
    id: file.id,
    createdAt: file.createdAt,
    ending: result ? endingOf(result.outcome) : null,
    values: Object.fromEntries(values),
  };
}
