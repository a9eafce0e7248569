import { formatShown, formatValue } from "../../l10n/shown.ts";
import { lookedUp } from "../../l10n/text.ts";
import type { Chart, FigureRef, Figures, FigureUnit } from "../../protocol/description.ts";
import { figureKey } from "../../protocol/figure-key.ts";
import { percentileOf, unitOf } from "../../protocol/figure-unit.ts";
import type { Sample } from "../../protocol/snapshot.ts";
import type { Described } from "../model/described.ts";
import { formatRate } from "../model/format.ts";

type ChartLine = Chart["lines"][number];

/** A line of a chart as it is drawn: where its values are, and how they are written. */
export interface Line {
  label: string;
  /** Name of a CSS variable. */
  colour: string;
  unit: FigureUnit;
  /** On the axis at the right. */
  right: boolean;
  /** A limit, not a measurement. */
  dashed: boolean;
  /** What it is of; a limit is of nothing that was measured. */
  measured?: { figure: FigureRef; place: number | undefined; wholeRun: boolean };
  /** The same at all times. */
  constant?: number;
  per?: NonNullable<ChartLine["per"]>;
  /** Seconds from look to look. */
  every?: number;
  /** What the legend says of a stretch of time. */
  summary: "mean" | "max" | "last" | "percentile";
  /** The description leaves the summary to what the figure is. */
  isPlain: boolean;
  format(value: number): string;
}

/** `p95` is 0.95; undefined where it is no percentile. */
export function shareOf(figure: string): number | undefined {
  const percent = percentileOf(figure);
  return percent === undefined ? undefined : percent / 100;
}

/** The lines of a chart, its limit among them: above what is at the right. */
export function linesOf(chart: Chart, described: Described): Line[] {
  const lines = chart.lines.map((line) => lineOf(line, chart, described));
  if (!chart.limit) return lines;
  const unit = lines.find(({ right }) => !right)?.unit ?? "count";
  const at = lines.findLastIndex(({ right }) => !right) + 1;
  return [...lines.slice(0, at), limitOf(chart.limit, unit), ...lines.slice(at)];
}

function lineOf(line: ChartLine, chart: Chart, described: Described): Line {
  const { figure, per, every } = line;
  const metric = described.description.metrics.find(({ name }) => name === figure.metric);
  const unit = (metric && unitOf(metric, figure.figure)) ?? "count";
  const isPercentile = shareOf(figure.figure) !== undefined && metric?.kind === "duration";
  return {
    label: lookedUp(line.label),
    colour: `--${chart.stacked ? "area" : "colour"}-${line.colour}`,
    unit,
    right: line.right ?? false,
    dashed: line.dashed ?? false,
    measured: { figure, place: described.placeOf(figure), wholeRun: metric?.whole ?? false },
    ...(per ? { per } : {}),
    ...(every === undefined ? {} : { every }),
    summary: line.summary ?? (isPercentile ? "percentile" : "mean"),
    isPlain: line.summary === undefined && per === undefined,
    format: formatOf(unit, per !== undefined, line.right ? undefined : chart.also),
  };
}

function limitOf({ label, value }: NonNullable<Chart["limit"]>, unit: FigureUnit): Line {
  return {
    label: lookedUp(label),
    colour: "--colour-grey",
    unit,
    right: false,
    dashed: true,
    constant: value,
    summary: "last",
    isPlain: false,
    format: (limit) => formatValue(limit, unit),
  };
}

/** So many in a stretch of time are a number of their own; `also` is beside the value in its other unit. */
function formatOf(unit: FigureUnit, isPer: boolean, also: Chart["also"]): Line["format"] {
  const format = isPer ? formatRate : (value: number) => formatValue(value, unit);
  if (!also) return format;
  return (value) => `${format(value)} · ${formatValue(value * also.factor, also.unit)}`;
}

/** What was measured in a second; null where nothing was. */
export function valueIn({ measured }: Line, sample: Sample | undefined): number | null {
  return measured?.place === undefined ? null : (sample?.values[measured.place] ?? null);
}

/** The figure that the run as a whole has come to. */
export function resultOf(line: Line, figures: Figures): string | undefined {
  if (!line.measured || !line.isPlain) return undefined;
  const figure = figures[figureKey(line.measured.figure)];
  if (!figure) return undefined;
  return figure.atLeast ? formatShown(figure) : line.format(figure.value);
}
