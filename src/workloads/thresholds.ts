import * as z from "zod";
import { field } from "../contract/fields/field.ts";
import { issueOf } from "../contract/fields/problem.ts";
import type { Metric } from "../measure/metric.ts";
import { distinctThresholds, type Threshold, ThresholdError } from "../measure/threshold.ts";
import { say } from "../text/message.ts";
import { saidOf } from "../text/said-error.ts";
import { coder } from "./common-fields.ts";

/** What the run is held to; which metrics there are is the workload's. */
export function thresholdField(metrics: readonly Metric[], example: string) {
  return field(thresholdsSchema(metrics), {
    flag: "threshold",
    env: coder("THRESHOLD"),
    placeholder: "metric.figure<limit",
    default: [],
    description: `Threshold, such as ${example}; may be repeated; a broken one exits with 99. Metrics: ${namesOf(metrics)}`,
  });
}

/** Those of the deployment itself are the same for all, and in a list of their own. */
function namesOf(metrics: readonly Metric[]): string {
  const own = metrics.map(({ name }) => name).filter((name) => !name.startsWith("server_"));
  return own.length < metrics.length
    ? `${own.join(", ")}, server_… (docs/server-metrics.md)`
    : own.join(", ");
}

/** Expressions, each checked against the workload's metrics, and each once. */
function thresholdsSchema(metrics: readonly Metric[]) {
  return z.array(z.string()).transform((expressions, context) => {
    try {
      for (const expression of expressions) readThreshold(expression, metrics);
      return distinctThresholds(expressions, metrics).map(({ expression }) => expression);
    } catch (error) {
      context.addIssue(issueOf(saidOf(error)));
      return z.NEVER;
    }
  });
}

/** Throws ThresholdError with one line that begins with the text. */
function readThreshold(text: string, metrics: readonly Metric[]): void {
  try {
    distinctThresholds([text], metrics);
  } catch (error) {
    if (!(error instanceof ThresholdError)) throw error;
    throw new ThresholdError(say('"{0}": {1}', text, error.said), error.offset, error.length);
  }
}

/** Of a configuration that has been checked. */
export function thresholdsOf(expressions: readonly string[], metrics: readonly Metric[]): Threshold[] {
  return distinctThresholds(expressions, metrics);
}
