import { distinctThresholds, parseThreshold, ThresholdError } from "../../measure/threshold.ts";
import { type Message, say } from "../../text/message.ts";
import { SaidError } from "../../text/said-error.ts";
import { startable, workloadNamed } from "../../workloads/index.ts";

/**
 * Those of the setting's expressions that a workload has the metric for, each once: one list serves every run.
 * Throws with one line where an expression fits none of them.
 */
export function thresholdsFor(workload: string, expressions: readonly unknown[]): string[] {
  const texts = expressions.map((expression) => String(expression).trim()).filter(Boolean);
  const lists = startable.map(({ metrics }) => metrics);
  const every = [...new Map(lists.flat().map((metric) => [metric.name, metric])).values()];
  for (const text of texts) {
    const fits = lists.some((metrics) => problemOf(text, metrics) === undefined);
    const problem = fits ? undefined : problemOf(text, every);
    if (problem) throw new SaidError(say('{0}: "{1}": {2}', "scaletest.thresholds", text, problem));
  }
  const { metrics } = workloadNamed(workload);
  const own = texts.filter((text) => problemOf(text, metrics) === undefined);
  return distinctThresholds(own, metrics).map(({ expression }) => expression);
}

function problemOf(text: string, metrics: Parameters<typeof parseThreshold>[1]): Message | undefined {
  try {
    parseThreshold(text, metrics);
    return undefined;
  } catch (error) {
    if (error instanceof ThresholdError) return error.said;
    throw error;
  }
}
