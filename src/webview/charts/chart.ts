import uPlot from "uplot";
import { localFigure } from "../../l10n/figures.ts";
import { listed, t } from "../../l10n/text.ts";
import { formatClock } from "../../protocol/duration.ts";
import { h, setAttribute, setText } from "../dom.ts";
import type { Columns } from "../model/series.ts";
import type { Summary } from "../model/summaries.ts";
import { createSection } from "../section.ts";
import { type Span, TIME_STEPS, type TimeAxis } from "../time/time-axis.ts";
import type { Palette } from "./palette.ts";

export interface Line {
  label: string;
  /** Name of a CSS variable. */
  colour: string;
  format(value: number): string;
  /** Right-hand scale. */
  right?: boolean;
  /** A limit, not a measurement. */
  dashed?: boolean;
}

export interface ChartOptions {
  title: string;
  note: string;
  lines: readonly Line[];
  /**
   * Columns are sums from the bottom up, and are drawn as filled areas, the highest first. The legend shows
   * each line's own part.
   */
  stacked?: boolean;
  /** Short labels of the left-hand scale; by default numbers. */
  tick?(value: number): string;
  /** Labels of the same scale at the right, in another unit. */
  rightTick?(value: number): string;
}

const HEIGHT = 150;
const SYNC_KEY = "run";
const NO_DATA: uPlot.AlignedData = [[]];

/**
 * One chart: heading, legend with the values under the shared cursor (or what is shown comes to), canvas, spoken
 * text.
 */
export class Chart {
  readonly node: HTMLElement;
  readonly #options: ChartOptions;
  readonly #canvas = h("div", { class: "canvas", role: "img" });
  readonly #section: ReturnType<typeof createSection>;
  readonly #values: HTMLElement[] = [];
  readonly #axis: TimeAxis;
  #plot: uPlot | undefined;
  #columns: Columns = [[]];
  #pauses: readonly Span[] = [];
  #summary: Summary = { values: [] };

  constructor(options: ChartOptions, axis: TimeAxis) {
    this.#options = options;
    this.#axis = axis;
    this.#canvas.addEventListener("dblclick", () => axis.zoomTo(undefined));
    const legend = h("div", { class: "legend" });
    this.#section = createSection(options.title, options.note, this.#canvas);
    if (options.stacked) this.#canvas.after(legend);
    else this.#section.aside.append(legend);
    for (const line of options.lines) legend.append(this.#legendItem(line));
    this.node = this.#section.node;
    this.node.classList.add("chart");
    new ResizeObserver(() => this.#resize()).observe(this.#canvas);
  }

  /** (Re)makes the drawing with the colours of the theme. */
  paint(palette: Palette): void {
    this.#plot?.destroy();
    const width = this.#canvas.clientWidth || 400;
    const options = plotOptions(this.#options, palette, width, this.#hooks());
    const shadePauses = (plot: uPlot) => shade(plot, palette, this.#pauses, this.#options.stacked ?? false);
    // Areas would hide what is behind them.
    options.hooks = { ...options.hooks, [this.#options.stacked ? "draw" : "drawClear"]: [shadePauses] };
    options.hooks.draw = [
      ...(options.hooks.draw ?? []),
      (plot: uPlot) => namePauses(plot, palette, this.#pauses),
    ];
    this.#plot = new uPlot(options, NO_DATA, this.#canvas);
    this.draw(this.#columns, this.#summary, this.#pauses);
  }

  /** The legend shows the summary while nothing is pointed at; `pauses` are shaded. */
  draw(columns: Columns, summary: Summary, pauses: readonly Span[]): void {
    this.#columns = columns;
    this.#summary = summary;
    this.#pauses = pauses;
    this.#plot?.setData(aligned(columns, this.#options.stacked ?? false));
    this.#showValues();
  }

  /** Puts the shared cursor there, which moves it in all charts. */
  point(seconds: number | undefined): void {
    if (!this.#plot) return;
    const left = seconds === undefined ? -10 : this.#plot.valToPos(seconds, "x");
    this.#plot.setCursor({ left, top: seconds === undefined ? -10 : 0 });
  }

  #hooks(): PlotHooks {
    return {
      cursorMoved: (plot) => {
        this.#showValues();
        const left = plot.cursor.left ?? -1;
        this.#axis.point(left < 0 ? undefined : plot.posToVal(left, "x"), this);
      },
      xRange: () => {
        const { min, max } = this.#axis.span;
        return [min, max];
      },
      selected: (plot) => {
        const { left, width } = plot.select;
        if (width > 0)
          this.#axis.zoomTo({ min: plot.posToVal(left, "x"), max: plot.posToVal(left + width, "x") });
        plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
      },
    };
  }

  #resize(): void {
    const width = this.#canvas.clientWidth;
    if (width > 0 && this.#plot && this.#plot.width !== width) this.#plot.setSize({ width, height: HEIGHT });
  }

  #legendItem(line: Line): HTMLElement {
    const swatch = h("span", { class: "swatch", "aria-hidden": "true" });
    swatch.style.background = `var(${line.colour})`;
    const value = h("span", { class: "number value" });
    this.#values.push(value);
    return h("span", { class: "legend-item" }, swatch, line.label, value);
  }

  /** The values under the cursor, or what is shown comes to where the pointer is elsewhere. */
  #showValues(): void {
    const index = this.#plot?.cursor.idx ?? undefined;
    const values = this.#options.lines.map((line, n) =>
      index === undefined ? this.#summaryOf(line, n) : this.#valueAt(line, n, index),
    );
    for (const [n, node] of this.#values.entries()) setText(node, values[n] ?? "");
    const parts = this.#options.lines.map((line, n) => `${values[n]} ${line.label}`);
    setAttribute(this.#canvas, "aria-label", this.#spoken(index, listed(parts)));
  }

  #spoken(index: number | undefined, values: string): string {
    const { title } = this.#options;
    const [times = []] = this.#columns;
    if (times.length === 0) return t("{0}, no data yet", title);
    const { span } = this.#summary;
    const at = index === undefined ? span && span.min === span.max && span.min : times[index];
    if (typeof at === "number") return t("{0}, at {1}: {2}", title, formatClock(at * 1_000), values);
    if (!span) return t("{0}, measured: {1}", title, values);
    const [from, to] = [formatClock(span.min * 1_000), formatClock(span.max * 1_000)];
    return t("{0}, from {1} to {2}: {3}", title, from, to, values);
  }

  #summaryOf(line: Line, n: number): string {
    const { values, words } = this.#summary;
    const value = values[n];
    if (value === undefined || value === null) return "–";
    return [words?.[n], line.format(value)].filter(Boolean).join(" ");
  }

  #valueAt(line: Line, n: number, index: number): string {
    const value = this.#columns[n + 1]?.[index];
    if (value === undefined || value === null) return "–";
    const below = this.#options.stacked && n > 0 ? (this.#columns[n]?.[index] ?? 0) : 0;
    return line.format(value - below);
  }
}

/** uPlot paints its series in order; of stacked ones the tallest has to come first. */
function aligned(columns: Columns, stacked: boolean): uPlot.AlignedData {
  const [times = [], ...values] = columns;
  return [times, ...(stacked ? values.reverse() : values)];
}

/** Shades the time in which the run was paused. */
function shade(plot: uPlot, palette: Palette, pauses: readonly Span[], overAreas: boolean): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.fillStyle = overAreas ? palette.background : palette.line;
  ctx.globalAlpha = overAreas ? 0.6 : 1;
  for (const pause of pauses) {
    const { left, width } = placeOf(plot, pause);
    if (width > 0) ctx.fillRect(left, bbox.top, width, bbox.height);
  }
  ctx.restore();
}

/** Writes the word above all lines, where there is room for it. */
function namePauses(plot: uPlot, palette: Palette, pauses: readonly Span[]): void {
  const { ctx, bbox } = plot;
  const size = Math.round(11 * devicePixelRatio);
  ctx.save();
  ctx.font = palette.font.replace(/\d+px/, `${size}px`);
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  const word = t("paused");
  const room = ctx.measureText(word).width + size;
  for (const pause of pauses) {
    const { left, width } = placeOf(plot, pause);
    if (width < room) continue;
    const [x, y] = [left + width / 2, bbox.top + bbox.height / 2];
    ctx.fillStyle = palette.background;
    ctx.fillRect(x - room / 2, y - size, room, 2 * size);
    ctx.fillStyle = palette.text;
    ctx.fillText(word, x, y);
  }
  ctx.restore();
}

/** Of the canvas, cut to the chart's own part of it. */
function placeOf(plot: uPlot, { min, max }: Span): { left: number; width: number } {
  const { left: from, width: all } = plot.bbox;
  const left = Math.max(from, plot.valToPos(min, "x", true));
  const right = Math.min(from + all, plot.valToPos(max, "x", true));
  return { left, width: right - left };
}

interface PlotHooks {
  cursorMoved(plot: uPlot): void;
  xRange(): [number, number];
  selected(plot: uPlot): void;
}

function plotOptions(
  options: ChartOptions,
  palette: Palette,
  width: number,
  hooks: PlotHooks,
): uPlot.Options {
  const lines = options.lines.map((line) => seriesOf(line, palette, options.stacked ?? false));
  const right = options.lines.find((line) => line.right);
  const { rightTick } = options;
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    padding: [8, right || rightTick ? 4 : 18, 0, 0],
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
      axis(palette, { size: 40, space: 36, values: (_, ticks) => ticks.map(options.tick ?? compact) }),
      ...(right
        ? [
            axis(palette, {
              scale: "right",
              side: 1,
              size: 36,
              space: 26,
              grid: { show: false },
              values: (_, ticks) => ticks.map(compact),
            }),
          ]
        : []),
      ...(rightTick
        ? [
            axis(palette, {
              side: 1,
              scale: "y",
              size: 44,
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

function fromZero(_: uPlot, _min: number, max: number): [number, number] {
  return [0, Number.isFinite(max) && max > 0 ? max * 1.05 : 1];
}

function compact(value: number): string {
  return value >= 10_000
    ? localFigure(`${value / 1_000}k`)
    : localFigure(String(Number(value.toPrecision(6))));
}
