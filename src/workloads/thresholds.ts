import * as z from "zod";
import type { Option } from "../contract/option.ts";
import type { PhaseLabel } from "../contract/plan.ts";
import {
  distinctThresholds,
  FAILURES,
  PERCENTILES,
  parseThreshold,
  type Threshold,
  type ThresholdMetric,
} from "../protocol/threshold.ts";

/** The option that both front ends offer; which metrics it knows is the workload's. */
export function thresholdOption(metrics: readonly ThresholdMetric[]): Option {
  return {
    key: "thresholds",
    flag: "threshold",
    env: "CODER_SCALETEST_THRESHOLD",
    kind: "list",
    placeholder: "metric.figure<limit",
    description: `What the run is held to, such as ${exampleOf(metrics)}; may be repeated; a broken one exits with 99. Metrics: ${metrics.map((one) => one.name).join(", ")}`,
  };
}

function exampleOf(metrics: readonly ThresholdMetric[]): string {
  return metrics.some((one) => one.name === "round_trip") ? "round_trip.p95<200ms" : "ready.p95<3m";
}

/** Schema of the option: expressions, each checked against the workload's metrics, and each once. */
export function thresholdsSchema(metrics: readonly ThresholdMetric[]) {
  return z
    .array(z.string())
    .superRefine((expressions, context) => {
      for (const expression of expressions) {
        const parsed = parseThreshold(expression, metrics);
        if (typeof parsed === "string") context.addIssue({ code: "custom", message: parsed });
      }
    })
    .transform(distinctThresholds)
    .default([]);
}

/** Of a configuration that has been checked. */
export function thresholdsOf(
  expressions: readonly string[],
  metrics: readonly ThresholdMetric[],
): Threshold[] {
  return distinctThresholds(expressions)
    .map((expression) => parseThreshold(expression, metrics))
    .filter((parsed) => typeof parsed !== "string");
}

/** Of workloads that bring workspaces up. */
export function creationMetrics(phases: readonly PhaseLabel[]): ThresholdMetric[] {
  return [
    FAILURES,
    { name: "ready", label: "Time to ready", figures: PERCENTILES },
    ...phases.map(({ name, label }) => ({ name, label: capital(label), figures: PERCENTILES })),
  ];
}

/** Of workloads that put a steady load on workspaces. */
export const TRAFFIC_METRICS: readonly ThresholdMetric[] = [
  FAILURES,
  { name: "round_trip", label: "Round trip", figures: PERCENTILES },
  {
    name: "achieved",
    label: "Achieved",
    figures: { rate: "share" },
    labels: { rate: "Achieved of offered" },
  },
  {
    name: "ticks",
    label: "Messages",
    figures: { missed: "count", lost: "count", wrong: "count" },
  },
  {
    name: "connections",
    label: "Connections",
    figures: { failed: "count", dropped: "count" },
  },
  { name: "reconnect", label: "Reconnection", figures: PERCENTILES },
];

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
