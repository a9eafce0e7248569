import uPlot from "uplot";
import { formatClock } from "../../protocol/duration.ts";
import { h, setAttribute, setText } from "../dom.ts";
import type { Columns } from "../model/series.ts";
import { createSection } from "../section.ts";
import type { Palette } from "./palette.ts";

export interface Line {
  label: string;
  /** Name of a CSS variable. */
  colour: string;
  format(value: number): string;
  /** Right-hand scale. */
  right?: boolean;
}

/** Part of the run's time that all charts show, in seconds; undefined is all of it. */
export type Zoom = { min: number; max: number } | undefined;

export interface ChartOptions {
  title: string;
  note: string;
  lines: readonly Line[];
  /**
   * Columns are sums from the bottom up, and are drawn as filled areas, the highest first. The legend shows
   * each line's own part.
   */
  stacked?: boolean;
}

const HEIGHT = 150;
const SYNC_KEY = "run";
/** Seconds between two labels of the time axis. */
const TIME_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 43_200, 86_400];
const NO_DATA: uPlot.AlignedData = [[]];

/** One chart: heading, legend with the values under the shared cursor (or the newest), canvas, spoken text. */
export class Chart {
  readonly node: HTMLElement;
  readonly #options: ChartOptions;
  readonly #canvas = h("div", { class: "canvas", role: "img" });
  readonly #section: ReturnType<typeof createSection>;
  readonly #values: HTMLElement[] = [];
  readonly #zoomTo: (zoom: Zoom) => void;
  #zoom: Zoom;
  #plot: uPlot | undefined;
  #columns: Columns = [[]];

  /** `zoomTo` is told of a part that was marked with the pointer, or of a double click, which ends it. */
  constructor(options: ChartOptions, zoomTo: (zoom: Zoom) => void) {
    this.#options = options;
    this.#zoomTo = zoomTo;
    this.#canvas.addEventListener("dblclick", () => zoomTo(undefined));
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
    this.#plot = new uPlot(plotOptions(this.#options, palette, width, this.#hooks()), NO_DATA, this.#canvas);
    this.draw(this.#columns);
  }

  zoom(zoom: Zoom): void {
    this.#zoom = zoom;
    this.draw(this.#columns);
  }

  draw(columns: Columns): void {
    this.#columns = columns;
    this.#plot?.setData(aligned(columns, this.#options.stacked ?? false));
    this.#showValues();
  }

  #hooks(): PlotHooks {
    return {
      cursorMoved: () => this.#showValues(),
      xRange: (min, max) => (this.#zoom ? [this.#zoom.min, this.#zoom.max] : [min, max]),
      selected: (plot) => {
        const { left, width } = plot.select;
        if (width > 0) this.#zoomTo({ min: plot.posToVal(left, "x"), max: plot.posToVal(left + width, "x") });
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

  /** The values under the cursor, or the newest ones where the pointer is elsewhere. */
  #showValues(): void {
    const [times = []] = this.#columns;
    const index = this.#plot?.cursor.idx ?? times.length - 1;
    const values = this.#options.lines.map((line, n) => this.#valueAt(line, n, index));
    for (const [n, node] of this.#values.entries()) setText(node, values[n] ?? "");
    const time = times[index];
    const parts = this.#options.lines.map((line, n) => `${values[n]} ${line.label}`);
    const spoken =
      time === undefined ? "no data yet" : `at ${formatClock(time * 1_000)}: ${parts.join(", ")}`;
    setAttribute(this.#canvas, "aria-label", `${this.#options.title}, ${spoken}`);
  }

  #valueAt(line: Line, n: number, index: number): string {
    const value = this.#columns[n + 1]?.[index];
    if (value === undefined) return "–";
    const below = this.#options.stacked && n > 0 ? (this.#columns[n]?.[index] ?? 0) : 0;
    return line.format(value - below);
  }
}

/** uPlot paints its series in order; of stacked ones the tallest has to come first. */
function aligned(columns: Columns, stacked: boolean): uPlot.AlignedData {
  const [times = [], ...values] = columns;
  return [times, ...(stacked ? values.reverse() : values)];
}

interface PlotHooks {
  cursorMoved(): void;
  xRange(min: number, max: number): [number, number];
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
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    padding: [8, right ? 4 : 18, 0, 0],
    cursor: {
      sync: { key: SYNC_KEY, setSeries: false },
      y: false,
      points: { show: false },
      drag: { x: true, y: false, setScale: false },
    },
    scales: {
      x: { time: false, range: (_, min, max) => hooks.xRange(min ?? 0, max ?? 1) },
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
      axis(palette, { size: 40, space: 36, values: (_, ticks) => ticks.map(compact) }),
      ...(right
        ? [axis(palette, { scale: "right", side: 1, size: 36, space: 26, grid: { show: false } })]
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
  return value >= 10_000 ? `${value / 1_000}k` : String(value);
}
