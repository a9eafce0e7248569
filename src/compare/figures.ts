import { comparedFigures, type FigureUnit, type Metric } from "../protocol/description.ts";
import { unitOf } from "../protocol/figure-unit.ts";
import type { RunResult } from "../protocol/result.ts";
import type { Labels } from "../protocol/series-key.ts";

/** A metric in a run's result. */
export type MetricResult = NonNullable<RunResult["metrics"]>[string];

/** One figure by which a run is judged against an earlier one. */
export interface JudgedFigure {
  metric: Metric;
  figure: string;
  unit: FigureUnit;
}

/** What of a metric is better or worse: nothing where neither way is better, and what only draws pictures. */
export function judgedFigures(metric: Metric): JudgedFigure[] {
  if (metric.better === "none" || metric.judged === false) return [];
  return figuresOf(metric).flatMap((figure) => {
    const unit = unitOf(metric, figure);
    return unit ? [{ metric, figure, unit }] : [];
  });
}

/** Of counts, their shares: how many messages are lost says nothing without how many were sent. */
function figuresOf(metric: Metric): string[] {
  const { kind, aliases = {} } = metric;
  if (kind === "share") return ["rate"];
  // Jobs are few: their mean shows what no percentile of them can.
  if (isOfJobs(metric)) return ["mean", ...comparedFigures(metric)];
  if (kind !== "counter") return comparedFigures(metric);
  const shares = Object.entries(aliases).flatMap(([name, { per }]) => (per ? [name] : []));
  return shares.length > 0 ? shares : comparedFigures(metric).filter((figure) => figure === "rate");
}

/** Each job has one value of it, or none. */
export function isOfJobs({ phase, name }: Metric): boolean {
  return phase === true || name === "ready";
}

/** What a figure came to in a whole run; of a share, also what it is of. */
export interface Measured {
  value: number;
  /** Of durations: how many. */
  count: number;
  share?: Share;
}

export interface Share {
  n: number;
  of: number;
}

/** undefined where the run has not measured it. */
export function measuredIn(
  { metric, figure }: Pick<JudgedFigure, "metric" | "figure">,
  result: MetricResult | undefined,
): Measured | undefined {
  if (!result) return undefined;
  if (metric.kind === "duration") {
    const whole = seriesWith(result, {});
    const [value, count] = [numberIn(whole, figure), numberIn(whole, "count")];
    return value === undefined || count === undefined ? undefined : { value, count };
  }
  const share = shareIn(metric, figure, result);
  if (share) return share.of > 0 ? { value: share.n / share.of, count: share.of, share } : undefined;
  const value = sumOf(result, {}, figure);
  return value === undefined ? undefined : { value, count: value };
}

function shareIn(metric: Metric, figure: string, result: MetricResult): Share | undefined {
  if (metric.kind === "share")
    return { n: sumOf(result, {}, "count") ?? 0, of: sumOf(result, {}, "of") ?? 0 };
  const alias = metric.aliases?.[figure];
  if (!alias?.per) return undefined;
  return { n: sumOf(result, alias.labels, "count") ?? 0, of: sumOf(result, alias.per, "count") ?? 0 };
}

type Series = MetricResult["series"][number];

/** Of all series together, where a result has that besides each of them. */
function seriesWith({ series }: MetricResult, labels: Labels): Series | undefined {
  return series.find((one) => Object.keys(one.labels).length === Object.keys(labels).length) ?? series[0];
}

function sumOf({ series }: MetricResult, labels: Labels, figure: string): number | undefined {
  const own = series.filter((one) => Object.keys(one.labels).length > 0);
  const wanted = (own.length > 0 ? own : series).filter((one) =>
    Object.entries(labels).every(([name, value]) => one.labels[name] === value),
  );
  const values = wanted.flatMap((one) => numberIn(one, figure) ?? []);
  return values.length > 0 ? values.reduce((sum, value) => sum + value, 0) : undefined;
}

function numberIn(series: Series | undefined, figure: string): number | undefined {
  const value = series?.[figure];
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}
