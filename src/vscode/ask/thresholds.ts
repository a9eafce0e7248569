import { distinctThresholds, parseThreshold, type ThresholdMetric } from "../../protocol/threshold.ts";
import { CREATION_METRICS } from "../../workloads/create-workspaces/config.ts";
import { TRAFFIC_METRICS } from "../../workloads/thresholds.ts";

const METRICS = {
  "create-workspaces": CREATION_METRICS,
  "workspace-traffic": TRAFFIC_METRICS,
} as const satisfies Record<string, readonly ThresholdMetric[]>;

/**
 * Those of the setting's expressions that a workload has the metric for, each once: one list serves every run.
 * Throws with one line where an expression fits none of them.
 */
export function thresholdsFor(workload: keyof typeof METRICS, expressions: readonly unknown[]): string[] {
  const texts = expressions.map((expression) => String(expression).trim()).filter(Boolean);
  for (const text of texts) {
    const problems = Object.values(METRICS).map((metrics) => parseThreshold(text, metrics));
    const every = [
      ...new Map(
        Object.values(METRICS)
          .flat()
          .map((metric) => [metric.name, metric]),
      ).values(),
    ];
    const problem = problems.every((one) => typeof one === "string") && parseThreshold(text, every);
    if (typeof problem === "string") throw new Error(`scaletest.thresholds: ${problem}`);
  }
  return distinctThresholds(texts).filter(
    (text) => typeof parseThreshold(text, METRICS[workload]) !== "string",
  );
}
