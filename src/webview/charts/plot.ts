import uPlot from "uplot";
import { formatDuration, localFigure } from "../../l10n/figures.ts";
import { formatShare } from "../../l10n/shown.ts";
import { formatClock } from "../../protocol/duration.ts";
import { shortBytes } from "../model/format.ts";
import { TIME_STEPS } from "../time/time-axis.ts";
import type { Line } from "./lines.ts";
import type { Palette } from "./palette.ts";

export interface ChartOptions {
  title: string;
  note: string;
  lines: readonly Line[];
  /**
   * Columns are sums from the bottom up, and are drawn as filled areas, the highest first. The legend shows
   * each line's own part.
   */
  stacked: boolean;
  /** Labels of the same scale at the right, in another unit. */
  rightTick?(value: number): string;
}

export const HEIGHT = 150;
/** From the canvas's edges to where the time begins and ends: the same in all charts, so that they line up. */
export const PLOT = { left: 40, right: 48 };
const FREE_PX = 4;
/** Above the plot: with room for words, where something is marked. */
const ABOVE_PX = { plain: 8, named: 18 };
const SYNC_KEY = "run";
/** A second is drawn where it ends, and its value is that of all of it. */
const STEPS = uPlot.paths.stepped?.({ align: -1 });

export interface PlotHooks {
  cursorMoved(plot: uPlot): void;
  xRange(): [number, number];
  selected(plot: uPlot): void;
  /** Whether words are to stand above the plot. */
  isNamed(): boolean;
}

/** How uPlot is to draw a chart in the colours of the theme. */
export function plotOptions(
  options: ChartOptions,
  palette: Palette,
  width: number,
  hooks: PlotHooks,
): uPlot.Options {
  const lines = options.lines.map((line) => seriesOf(line, palette, options.stacked));
  const right = options.lines.find((line) => line.right);
  const left = options.lines.find((line) => !line.right);
  const { rightTick } = options;
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    padding: [
      () => (hooks.isNamed() ? ABOVE_PX.named : ABOVE_PX.plain),
      right || rightTick ? FREE_PX : PLOT.right,
      0,
      0,
    ],
    cursor: {
      sync: { key: SYNC_KEY, setSeries: false },
      y: false,
      points: { show: false },
      drag: { x: true, y: false, setScale: false },
    },
    scales: {
      x: { time: false, range: () => hooks.xRange() },
      y: { range: fromZero },
      right: { range: fromZero },
    },
    axes: [
      axis(palette, {
        size: 24,
        incrs: TIME_STEPS,
        grid: { show: false },
        values: (_, ticks) => ticks.map((s) => formatClock(s * 1_000)),
      }),
      axis(palette, { size: PLOT.left, space: 36, values: (_, ticks) => ticks.map(tickOf(left)) }),
      ...(right
        ? [
            axis(palette, {
              scale: "right",
              side: 1,
              size: PLOT.right - FREE_PX,
              space: 26,
              grid: { show: false },
              values: (_, ticks) => ticks.map(tickOf(right)),
            }),
          ]
        : []),
      ...(rightTick
        ? [
            axis(palette, {
              side: 1,
              scale: "y",
              size: PLOT.right - FREE_PX,
              space: 26,
              grid: { show: false },
              values: (_, ticks) => ticks.map(rightTick),
            }),
          ]
        : []),
    ],
    series: [{}, ...(options.stacked ? lines.reverse() : lines)],
    hooks: { setCursor: [hooks.cursorMoved], setSelect: [hooks.selected] },
  };
}

function seriesOf(line: Line, palette: Palette, stacked: boolean): uPlot.Series {
  const colour = palette.of(line.colour);
  return {
    label: line.label,
    scale: line.right ? "right" : "y",
    stroke: stacked ? palette.background : colour,
    width: stacked ? 0.5 : 1.5,
    ...(stacked ? { fill: colour } : {}),
    ...(line.dashed ? { dash: [4, 4] } : {}),
    points: { show: false },
    // A second has one value; of what is between two, nothing is known.
    ...(STEPS ? { paths: STEPS } : {}),
  };
}

function axis(palette: Palette, own: uPlot.Axis): uPlot.Axis {
  return {
    stroke: palette.text,
    font: palette.font,
    ticks: { show: false },
    gap: 4,
    ...own,
    grid: { stroke: palette.line, width: 1, ...own.grid },
  };
}

/** Short labels of a scale, by what its lines are measured in. */
function tickOf(line: Line | undefined): (value: number) => string {
  if (line?.unit === "duration") return (ms) => (ms === 0 ? "0" : formatDuration(ms));
  if (line?.unit === "share") return formatShare;
  return line?.unit.startsWith("bytes") ? shortBytes : compact;
}

function fromZero(_: uPlot, _min: number, max: number): [number, number] {
  return [0, Number.isFinite(max) && max > 0 ? max * 1.05 : 1];
}

function compact(value: number): string {
  return value >= 10_000
    ? localFigure(`${value / 1_000}k`)
    : localFigure(String(Number(value.toPrecision(6))));
}
