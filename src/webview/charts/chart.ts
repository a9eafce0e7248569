import uPlot from "uplot";
import { listed, t, wordsOf } from "../../l10n/text.ts";
import { formatClock } from "../../protocol/duration.ts";
import { h, setAttribute, setHidden, setText } from "../dom.ts";
import { createSection } from "../section.ts";
import type { TimeAxis } from "../time/time-axis.ts";
import type { Columns } from "./columns.ts";
import type { Flag } from "./flags.ts";
import { leftOutAt, type Mark } from "./groups.ts";
import type { Line } from "./lines.ts";
import type { Palette } from "./palette.ts";
import { type ChartOptions, HEIGHT, type PlotHooks, plotOptions } from "./plot.ts";
import { drawFlags, shade, writeAbove } from "./shade.ts";
import type { Summary } from "./summary.ts";

/** Of what is marked, a screen reader hears no more. */
const MOST_SPOKEN = 5;
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
  readonly #items: HTMLElement[] = [];
  readonly #axis: TimeAxis;
  #plot: uPlot | undefined;
  #seconds: Columns = [[]];
  /** The same as they are drawn. */
  #columns: Columns = [[]];
  #marks: readonly Mark[] = [];
  #flags: readonly Flag[] = [];
  #summary: Summary = { texts: [] };
  /** Which lines the legend has: a part that is nowhere more than 0 is none of the whole. */
  #present: readonly boolean[] = [];

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
    const shadeMarks = (plot: uPlot) => shade(plot, palette, this.#marks, this.#options.stacked);
    // Areas would hide what is behind them.
    options.hooks = { ...options.hooks, [this.#options.stacked ? "draw" : "drawClear"]: [shadeMarks] };
    options.hooks.draw = [
      ...(options.hooks.draw ?? []),
      (plot: uPlot) => drawFlags(plot, palette, this.#flags),
      (plot: uPlot) => writeAbove(plot, palette, this.#marks, this.#flags),
    ];
    this.#plot = new uPlot(options, NO_DATA, this.#canvas);
    this.draw(this.#seconds, this.#summary, this.#marks, this.#flags);
  }

  /** The legend shows the summary while nothing is pointed at; `marks` are shaded, `flags` are lines across. */
  draw(seconds: Columns, summary: Summary, marks: readonly Mark[], flags: readonly Flag[]): void {
    const wasNamed = this.#isNamed;
    this.#flags = flags;
    this.#seconds = seconds;
    const columns = withBegin(seconds);
    this.#columns = columns;
    this.#summary = summary;
    this.#marks = marks;
    this.#plot?.setData(aligned(columns, this.#options.stacked));
    // Room above the plot is made where its size is reckoned.
    if (this.#plot && this.#isNamed !== wasNamed)
      this.#plot.setSize({ width: this.#plot.width, height: HEIGHT });
    const present = this.#options.lines.map((_, n) => !this.#options.stacked || isSomewhere(columns, n));
    this.#present = present.includes(true) ? present : present.map(() => true);
    for (const [n, item] of this.#items.entries()) setHidden(item, this.#present[n] === false);
    this.#showValues();
  }

  /** Puts the shared cursor there, which moves it in all charts. */
  point(seconds: number | undefined): void {
    if (!this.#plot) return;
    const left = seconds === undefined ? -10 : this.#plot.valToPos(seconds, "x");
    this.#plot.setCursor({ left, top: seconds === undefined ? -10 : 0 });
  }

  get #isNamed(): boolean {
    return this.#flags.length + this.#marks.length > 0;
  }

  #hooks(): PlotHooks {
    return {
      isNamed: () => this.#isNamed,
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
    const item = h("span", { class: "legend-item" }, swatch, line.label, value);
    this.#items.push(item);
    return item;
  }

  /** The values under the cursor, or what is shown comes to where the pointer is elsewhere. */
  #showValues(): void {
    const index = this.#plot?.cursor.idx ?? undefined;
    const values = this.#options.lines.map((line, n) =>
      index === undefined ? (this.#summary.texts[n] ?? "") : this.#valueAt(line, n, index),
    );
    for (const [n, node] of this.#values.entries()) setText(node, values[n] ?? "");
    const parts = this.#options.lines.flatMap((line, n) =>
      this.#present[n] === false ? [] : [`${values[n]} ${line.label}`],
    );
    const reason = this.#leftOut(index);
    const flagged = this.#flagged(index);
    setAttribute(this.#canvas, "title", reason);
    const spoken = [this.#spoken(index, listed(parts)), reason ?? "", flagged].filter(Boolean);
    setAttribute(this.#canvas, "aria-label", listed(spoken));
  }

  /** What is marked: at what is pointed at, or in all that is shown. */
  #flagged(index: number | undefined): string {
    const time = index === undefined ? undefined : this.#columns[0][index];
    const { min, max } = this.#axis.span;
    const near = this.#flags.filter(({ at }) =>
      time === undefined ? at >= min && at <= max : Math.abs(at - time) < 1,
    );
    return listed(
      near.slice(0, MOST_SPOKEN).map(({ at, text }) => t("{0} at {1}", text, formatClock(at * 1_000))),
    );
  }

  /** What a second that is pointed at is left out for. */
  #leftOut(index: number | undefined): string | undefined {
    const time = index === undefined ? undefined : this.#columns[0][index];
    const reason = time === undefined ? undefined : leftOutAt(this.#marks, time);
    return reason === undefined ? undefined : t("left out: {0}", wordsOf(reason));
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

  #valueAt(line: Line, n: number, index: number): string {
    const value = this.#columns[n + 1]?.[index];
    if (value === undefined || value === null) return "–";
    const below = this.#options.stacked && n > 0 ? (this.#columns[n]?.[index] ?? 0) : 0;
    return line.format(value - below);
  }
}

/** A second is drawn where it ends, and as long as it is: so is the first. */
function withBegin([times, ...values]: Columns): Columns {
  const [first, second = (first ?? 0) + 1] = times;
  if (first === undefined) return [times, ...values];
  const begin = Math.max(0, first - (second - first));
  if (begin >= first) return [times, ...values];
  return [[begin, ...times], ...values.map((column) => [column[0] ?? null, ...column])];
}

/** Whether a part of a stacked chart is more than 0 in any of what is shown. */
function isSomewhere([times, ...columns]: Columns, n: number): boolean {
  const [own, below] = [columns[n], n > 0 ? columns[n - 1] : undefined];
  return times.some((_, index) => (own?.[index] ?? 0) > (below?.[index] ?? 0));
}

/** uPlot paints its series in order; of stacked ones the tallest has to come first. */
function aligned(columns: Columns, stacked: boolean): uPlot.AlignedData {
  const [times = [], ...values] = columns;
  return [times, ...(stacked ? values.reverse() : values)];
}
