import type { FigureRef, ShownFigure } from "../protocol/description.ts";
import { figureUnit, percentileOf } from "../protocol/figure-unit.ts";
import type { Labels } from "../protocol/series-key.ts";
import { type DurationFigure, Durations } from "./durations.ts";
import type { FigureUnit, Metric } from "./metric.ts";
import { matches, seriesOf } from "./series.ts";
import { addValues, type Value } from "./values.ts";

/** One number of a metric. */
export interface Figure {
  value: number;
  unit: FigureUnit;
  /** True where it is only known to be at least that: some of what it is made of did not end. */
  atLeast?: boolean;
}

/** What was measured over some time, in milliseconds: values by series key. */
export interface Measured {
  values: ReadonlyMap<string, Value | Durations>;
  /** Of the measured part: what rates are of. */
  ms: number;
  /** Of the whole step: what the rates of metrics are of that count over all of it. */
  wholeMs: number;
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
  if (alias) {
    const own = { ...metric, aliases: {} };
    const of = figureOf(own, alias.figure, { ...labels, ...alias.labels }, measured);
    if (!alias.per || !of) return of;
    const all = figureOf(own, alias.figure, { ...labels, ...alias.per }, measured);
    return all && all.value > 0 ? { value: of.value / all.value, unit: "share" } : undefined;
  }
  const unit = figureUnit(metric, figure);
  if (unit === undefined) return undefined;
  const all = select(metric.name, labels, measured);
  const number = numberOf(metric, figure, all, metric.whole ? measured.wholeMs : measured.ms);
  if (number === undefined) return undefined;
  return typeof number === "number"
    ? { value: number, unit }
    : { value: number.ms, unit, ...(number.atLeast ? { atLeast: true } : {}) };
}

/** The same for a message: with how many of how many did not end, where that is why no more is known. */
export function shownFigure(
  metric: Metric,
  { figure, labels = {} }: Pick<FigureRef, "figure" | "labels">,
  measured: Measured,
): ShownFigure | undefined {
  const found = figureOf(metric, figure, labels, measured);
  if (!found) return undefined;
  const { value, unit, atLeast } = found;
  if (!atLeast) return { value, unit };
  const count = (one: string) => figureOf(metric, one, labels, measured)?.value ?? 0;
  return { value, unit, atLeast: { unfinished: count("unfinished"), of: count("count") } };
}

/** A counter that could have counted, and did not, is 0; everything else that was not measured is absent. */
function numberOf(
  { kind }: Metric,
  figure: string,
  all: readonly Measurement[],
  ms: number,
): number | DurationFigure | undefined {
  if (kind === "duration") return durationFigure(figure, all);
  const sum = sumOf(all);
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

function sumOf(all: readonly Measurement[]): Value | undefined {
  const plain = all.flatMap((one) => (one instanceof Durations ? [] : [one]));
  return plain.length > 0 ? plain.reduce(addValues) : undefined;
}

function durationFigure(figure: string, all: readonly Measurement[]): number | DurationFigure | undefined {
  const durations = durationsOf(all);
  if (durations.count === 0) return undefined;
  if (figure === "count") return durations.count;
  if (figure === "unfinished") return durations.unfinished;
  if (figure === "ended") return durations.count - durations.unfinished;
  const percent = percentileOf(figure);
  return percent === undefined ? durations[figure as "min" | "max" | "mean"] : durations.percentile(percent);
}

function durationsOf(all: readonly Measurement[]): Durations {
  const [only] = all;
  if (all.length === 1 && only instanceof Durations) return only;
  const durations = new Durations();
  for (const value of all) {
    if (value instanceof Durations) durations.merge(value);
    else if (value.kind === "duration") durations.add(value);
  }
  return durations;
}

type Measurement = Value | Durations;

function select(metric: string, labels: Labels, { values }: Measured): Measurement[] {
  const found: Measurement[] = [];
  for (const [key, value] of values) {
    // Most are of another metric: that is seen without a look at their labels.
    if (!key.startsWith(metric)) continue;
    const series = seriesOf(key);
    if (series?.metric === metric && matches(series.labels, labels)) found.push(value);
  }
  return found;
}
