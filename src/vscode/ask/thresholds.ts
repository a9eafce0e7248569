import { distinctThresholds, parseThreshold, ThresholdError } from "../../measure/threshold.ts";
import type { Started } from "./tables.ts";
import { METRICS } from "./tables.ts";

/**
 * Those of the setting's expressions that a workload has the metric for, each once: one list serves every run.
 * Throws with one line where an expression fits none of them.
 */
export function thresholdsFor(workload: Started, expressions: readonly unknown[]): string[] {
  const texts = expressions.map((expression) => String(expression).trim()).filter(Boolean);
  const every = [
    ...new Map(
      Object.values(METRICS)
        .flat()
        .map((metric) => [metric.name, metric]),
    ).values(),
  ];
  for (const text of texts) {
    const fits = Object.values(METRICS).some((metrics) => problemOf(text, metrics) === undefined);
    const problem = fits ? undefined : problemOf(text, every);
    if (problem !== undefined) throw new Error(`scaletest.thresholds: "${text}": ${problem}`);
  }
  const own = texts.filter((text) => problemOf(text, METRICS[workload]) === undefined);
  return distinctThresholds(own, METRICS[workload]).map(({ expression }) => expression);
}

function problemOf(text: string, metrics: Parameters<typeof parseThreshold>[1]): string | undefined {
  try {
    parseThreshold(text, metrics);
    return undefined;
  } catch (error) {
    if (error instanceof ThresholdError) return error.message;
    throw error;
  }
}
