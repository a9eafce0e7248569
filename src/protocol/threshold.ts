import * as z from "zod";
import { formatDuration, parseDuration } from "./duration.ts";

/**
 * What a run is held to: `round_trip.p95<200ms`, `failures.rate<1%`, `achieved.rate>=99%`. The form is k6's:
 * a metric, one of its figures, a comparison, a limit with its unit.
 */

export const thresholdStateSchema = z.object({
  /** As it was asked for, without spaces: `round_trip.p95<200ms`. */
  expression: z.string(),
  /** "Round trip p95" */
  label: z.string(),
  /** "< 200ms" */
  limit: z.string(),
  /** With its unit; null where nothing has been measured. */
  observed: z.string().nullable(),
  /** While the run goes on it is how things stand; `pending` before there is a figure, never at the end. */
  state: z.enum(["pending", "met", "broken"]),
});
export type ThresholdState = z.infer<typeof thresholdStateSchema>;

export type Unit = "duration" | "share" | "count";
export type Comparison = "<" | "<=" | ">" | ">=";

/** A metric that a workload has, with those of its figures that a threshold may name. */
export interface ThresholdMetric {
  name: string;
  label: string;
  figures: Readonly<Record<string, Unit>>;
  /** Where a figure is called something else than metric and figure. */
  labels?: Readonly<Record<string, string>>;
}

export interface Threshold {
  expression: string;
  metric: string;
  figure: string;
  label: string;
  unit: Unit;
  comparison: Comparison;
  /** Milliseconds, a share of 1, or a number. */
  limit: number;
}

const FORM = /^([a-z_]+)\.([a-z0-9]+)(<=|>=|<|>)(.+)$/;

/** Figures of everything that takes time. */
export const PERCENTILES = { p50: "duration", p95: "duration", p99: "duration", max: "duration" } as const;

/** Failed workspaces, of all that the run has: known in every workload. */
export const FAILURES: ThresholdMetric = {
  name: "failures",
  label: "Failures",
  figures: { count: "count", rate: "share" },
  labels: { count: "Failed workspaces", rate: "Failure rate" },
};

/** Returns the threshold, or in one line what is wrong with the text and what would be right. */
export function parseThreshold(text: string, metrics: readonly ThresholdMetric[]): Threshold | string {
  const expression = text.replace(/\s+/g, "");
  const [, name = "", figure = "", comparison, limitText = ""] = FORM.exec(expression) ?? [];
  if (!comparison) return `"${text}" must be like round_trip.p95<200ms or failures.rate<1%`;
  const metric = metrics.find((one) => one.name === name);
  if (!metric)
    return `"${text}": there is no metric "${name}" here, only ${metrics.map((one) => one.name).join(", ")}`;
  const unit = metric.figures[figure];
  if (!unit) return `"${text}": ${name} has ${Object.keys(metric.figures).join(", ")}, not "${figure}"`;
  const limit = parseLimit(limitText, unit);
  if (limit === undefined) return `"${text}": the limit must be ${EXAMPLES[unit]}, not "${limitText}"`;
  return {
    expression,
    metric: name,
    figure,
    label: metric.labels?.[figure] ?? `${metric.label} ${figure}`,
    unit,
    comparison: comparison as Comparison,
    limit,
  };
}

/**
 * Each threshold once, in one spelling: `failures.rate < 1%` and `failures.rate<1.0%` are the same. The spelling of
 * the first is kept, without its spaces.
 */
export function distinctThresholds(expressions: readonly string[]): string[] {
  const found = new Map<string, string>();
  for (const expression of expressions) {
    const plain = expression.replace(/\s+/g, "");
    const meaning = meaningOf(plain);
    if (!found.has(meaning)) found.set(meaning, plain);
  }
  return [...found.values()];
}

function meaningOf(plain: string): string {
  const [, metric, figure, comparison, limit = ""] = FORM.exec(plain) ?? [];
  if (!comparison) return plain;
  const read = /^\d+(\.\d+)?%?$/.test(limit)
    ? `${Number.parseFloat(limit)}${limit.endsWith("%") ? "%" : ""}`
    : `${parseDuration(limit) ?? limit}ms`;
  return `${metric}.${figure}${comparison}${read === "0ms" ? "0" : read}`;
}

const EXAMPLES: Readonly<Record<Unit, string>> = {
  duration: "a duration such as 200ms or 3m",
  share: "a share such as 1%",
  count: "a whole number",
};

function parseLimit(text: string, unit: Unit): number | undefined {
  if (unit === "duration") return parseDuration(text);
  if (unit === "share") return /^\d+(\.\d+)?%$/.test(text) ? Number(text.slice(0, -1)) / 100 : undefined;
  return /^\d+$/.test(text) ? Number(text) : undefined;
}

/** A figure as people read it: `312ms`, `0.8 %`, `12`. */
export function formatFigure(value: number, unit: Unit): string {
  if (unit === "duration") return formatDuration(value);
  if (unit === "count") return String(value);
  return `${formatPercent(value * 100)} %`;
}

/** Two digits after the point at most, and never rounded up to 100 or down to 0 by that. */
function formatPercent(percent: number): string {
  if (percent > 99.99 && percent < 100) return "99.99";
  if (percent > 0 && percent < 0.01) return "0.01";
  return String(Number(percent.toFixed(2)));
}

export function isMet(threshold: Threshold, observed: number): boolean {
  switch (threshold.comparison) {
    case "<":
      return observed < threshold.limit;
    case "<=":
      return observed <= threshold.limit;
    case ">":
      return observed > threshold.limit;
    case ">=":
      return observed >= threshold.limit;
  }
}
