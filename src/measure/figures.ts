import { type DurationFigure, Durations } from "./durations.ts";
import { type FigureUnit, figureUnit, type Metric, percentileOf } from "./metric.ts";
import { type Labels, matches, parseSeriesKey } from "./series.ts";
import { addValues, type Value } from "./values.ts";

/** One number of a metric. */
export interface Figure {
  value: number;
  unit: FigureUnit;
  /** True where it is only known to be at least that: some of what it is made of did not end. */
  atLeast?: boolean;
}

/** What was measured over some time: values by series key, and how much measured time that was, in milliseconds. */
export interface Measured {
  values: ReadonlyMap<string, Value>;
  ms: number;
}

/**
 * One figure of a metric over some time, of all its series with these labels; its own aliases count as figures.
 * undefined where nothing was measured: that is not zero, and no threshold is met by it.
 */
export function figureOf(
  metric: Metric,
  figure: string,
  labels: Labels,
  measured: Measured,
): Figure | undefined {
  const alias = metric.aliases?.[figure];
  if (alias)
    return figureOf({ ...metric, aliases: {} }, alias.figure, { ...labels, ...alias.labels }, measured);
  const unit = figureUnit(metric, figure);
  if (unit === undefined) return undefined;
  const all = select(metric.name, labels, measured);
  const number = numberOf(metric, figure, all, measured);
  if (number === undefined) return undefined;
  return typeof number === "number"
    ? { value: number, unit }
    : { value: number.ms, unit, ...(number.atLeast ? { atLeast: true } : {}) };
}

/** A counter that could have counted, and did not, is 0; everything else that was not measured is absent. */
function numberOf(
  { kind }: Metric,
  figure: string,
  all: readonly Value[],
  { ms }: Measured,
): number | DurationFigure | undefined {
  if (kind === "duration") return durationFigure(figure, all);
  const sum = all.length > 0 ? all.reduce(addValues) : undefined;
  if (kind === "counter") {
    const n = sum?.kind === "counter" ? sum.n : 0;
    if (ms <= 0) return undefined;
    return figure === "rate" ? (n * 1_000) / ms : n;
  }
  if (sum?.kind === "share") {
    if (figure === "count") return sum.n;
    if (figure === "of") return sum.of;
    return sum.of > 0 ? sum.n / sum.of : undefined;
  }
  if (sum?.kind !== "gauge") return undefined;
  if (figure === "mean") return sum.looks > 0 ? sum.sum / sum.looks : undefined;
  return sum[figure as "last" | "min" | "max"];
}

function durationFigure(figure: string, all: readonly Value[]): number | DurationFigure | undefined {
  const durations = new Durations();
  for (const value of all) if (value.kind === "duration") durations.add(value);
  if (durations.count === 0) return undefined;
  if (figure === "count") return durations.count;
  if (figure === "unfinished") return durations.unfinished;
  const percent = percentileOf(figure);
  return percent === undefined ? durations[figure as "min" | "max" | "mean"] : durations.percentile(percent);
}

function select(metric: string, labels: Labels, { values }: Measured): Value[] {
  const found: Value[] = [];
  for (const [key, value] of values) {
    const series = parseSeriesKey(key);
    if (series?.metric === metric && matches(series.labels, labels)) found.push(value);
  }
  return found;
}
