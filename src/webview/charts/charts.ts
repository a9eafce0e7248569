import { formatSize } from "../../l10n/figures.ts";
import { lookedUp } from "../../l10n/text.ts";
import type { Chart as ChartDescription, Figures } from "../../protocol/description.ts";
import type { Sample } from "../../protocol/snapshot.ts";
import type { StepView } from "../../protocol/steps.ts";
import type { Message } from "../../text/message.ts";
import { h } from "../dom.ts";
import type { Described } from "../model/described.ts";
import type { TimeAxis } from "../time/time-axis.ts";
import { Chart } from "./chart.ts";
import { columnsOf } from "./columns.ts";
import { flagsOf } from "./flags.ts";
import { groupsIn, leftOutAt, marksIn, shownIn } from "./groups.ts";
import { type Line, linesOf } from "./lines.ts";
import { readPalette } from "./palette.ts";
import type { ChartOptions } from "./plot.ts";
import { summaryOf } from "./summary.ts";

/** Points in a chart: more than this, a line a second is thinned. */
const MOST_POINTS = 600;

interface Drawing {
  lines: readonly Line[];
  stacked: boolean;
  chart: Chart;
}

/** The charts that a run describes, on one time axis with one cursor. */
export class Charts {
  readonly node = h("div", { class: "columns charts" });
  readonly #axis: TimeAxis;
  #described: Described | undefined;
  #drawings: readonly Drawing[] = [];
  #samples: readonly Sample[] = [];
  #result: Figures | undefined;
  #view: StepView | undefined;

  constructor(axis: TimeAxis) {
    this.#axis = axis;
    axis.onZoom(() => this.#draw());
    axis.onPoint((source) => {
      // One chart moves the others by itself.
      if (!(source instanceof Chart)) this.#drawings[0]?.chart.point(axis.cursor);
    });
  }

  get samples(): readonly Sample[] {
    return this.#samples;
  }

  /** Takes the charts of what this run describes. */
  update(described: Described, view: StepView): void {
    const { part, figures, outcome } = view;
    this.#view = view;
    // Without parts, all of the run is measured.
    const isOver = part ? part.over : outcome !== null;
    const result = isOver ? figures : undefined;
    const hasTurned = (result === undefined) !== (this.#result === undefined);
    this.#result = result;
    if (described === this.#described) {
      if (hasTurned) this.#draw();
      return;
    }
    this.#described = described;
    this.#drawings = described.description.charts.map((chart) => this.#drawingOf(chart, described));
    this.node.replaceChildren(...this.#drawings.map(({ chart }) => chart.node));
    this.paint();
  }

  #drawingOf(chart: ChartDescription, described: Described): Drawing {
    const options = optionsOf(chart, linesOf(chart, described));
    return { lines: options.lines, stacked: options.stacked, chart: new Chart(options, this.#axis) };
  }

  /** Once the charts are in the document, and after each change of the theme. */
  paint(): void {
    const palette = readPalette(this.node);
    for (const { chart } of this.#drawings) chart.paint(palette);
    this.#draw();
  }

  /** Draws these seconds from now on; their owner adds to them. */
  replace(samples: readonly Sample[]): void {
    this.#samples = samples;
    this.#draw();
  }

  /** One has been added. */
  added(): void {
    this.#draw();
  }

  /** Whether there are seconds that are not in the figures. */
  get hasLeftOut(): boolean {
    return this.#samples.some(({ invalid }) => invalid !== undefined);
  }

  /** Why the second that is pointed at is left out of the figures. */
  leftOut(): { second: number; reason: Message } | undefined {
    const { cursor } = this.#axis;
    if (cursor === undefined) return undefined;
    const time = Math.max(1, Math.round(cursor));
    const group = shownIn(this.#samples, { min: time - 1, max: time });
    const reason = leftOutAt(marksIn(this.#samples, group), time);
    return reason === undefined ? undefined : { second: time - 1, reason };
  }

  #draw(): void {
    this.#axis.extend((this.#samples.at(-1)?.second ?? -1) + 1);
    const described = this.#described;
    if (!described) return;
    const { span, zoom } = this.#axis;
    const samples = this.#samples;
    const groups = groupsIn(samples, span, MOST_POINTS);
    const group = shownIn(samples, span);
    const marks = marksIn(samples, group);
    const shown = {
      described,
      samples,
      group,
      span,
      result: zoom ? undefined : this.#result,
      merged: new Map(),
    };
    const flags = this.#view ? flagsOf(described, samples, this.#view) : [];
    for (const { lines, stacked, chart } of this.#drawings) {
      chart.draw(columnsOf(lines, stacked, samples, groups), summaryOf(lines, shown), marks, flags);
    }
  }
}

function optionsOf(chart: ChartDescription, lines: readonly Line[]): ChartOptions {
  const { also } = chart;
  return {
    title: lookedUp(chart.title),
    note: lookedUp(chart.note),
    lines,
    stacked: chart.stacked ?? false,
    ...(also ? { rightTick: (value: number) => (value === 0 ? "0" : formatSize(value * also.factor)) } : {}),
  };
}
