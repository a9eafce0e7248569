import * as z from "zod";
import { field } from "../contract/fields/field.ts";
import type { PhaseLabel } from "../contract/plan.ts";
import {
  distinctThresholds,
  FAILURES,
  PERCENTILES,
  parseThreshold,
  type Threshold,
  type ThresholdMetric,
} from "../protocol/threshold.ts";
import { coder } from "./common-fields.ts";

/** What a run is held to; which metrics there are is the workload's. */
export function thresholdField(metrics: readonly ThresholdMetric[]) {
  return field(thresholdsSchema(metrics), {
    flag: "threshold",
    env: coder("THRESHOLD"),
    placeholder: "metric.figure<limit",
    default: [],
    description: `What the run is held to, such as ${exampleOf(metrics)}; may be repeated; a broken one exits with 99. Metrics: ${metrics.map((one) => one.name).join(", ")}`,
  });
}

function exampleOf(metrics: readonly ThresholdMetric[]): string {
  return metrics.some((one) => one.name === "round_trip") ? "round_trip.p95<200ms" : "ready.p95<3m";
}

/** Expressions, each checked against the workload's metrics, and each once. */
function thresholdsSchema(metrics: readonly ThresholdMetric[]) {
  return z
    .array(z.string())
    .superRefine((expressions, context) => {
      for (const expression of expressions) {
        const parsed = parseThreshold(expression, metrics);
        if (typeof parsed === "string") context.addIssue({ code: "custom", message: parsed });
      }
    })
    .transform(distinctThresholds);
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
