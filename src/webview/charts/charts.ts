import {
  formatRate as formatByteRate,
  formatCount,
  formatDecimal,
  formatDuration,
  formatPerSecond,
  formatSize,
} from "../../l10n/figures.ts";
import { t } from "../../l10n/text.ts";
import type { Sample, Snapshot } from "../../protocol/snapshot.ts";
import type { Traffic } from "../../protocol/traffic.ts";
import { h } from "../dom.ts";
import { formatRate, shortBytes } from "../model/format.ts";
import {
  apiColumns,
  type Columns,
  generatorColumns,
  paceColumns,
  pausedSpans,
  stackedStates,
  thin,
  within,
} from "../model/series.ts";
import { STATES } from "../model/states.ts";
import {
  apiSummary,
  connectionSummary,
  generatorSummary,
  paceSummary,
  roundTripSummary,
  type Shown,
  type Summary,
  shardSummary,
  shownIn,
  stateSummary,
  throughputSummary,
} from "../model/summaries.ts";
import {
  CONNECTION_STATES,
  connectionColumns,
  roundTripColumns,
  shardColumns,
  throughputColumns,
} from "../model/traffic-series.ts";
import type { TimeAxis } from "../time/time-axis.ts";
import { Chart, type ChartOptions } from "./chart.ts";
import { readPalette } from "./palette.ts";

/** Points in a chart: more than this, a line a second is thinned. */
const MOST_POINTS = 600;

interface Drawing {
  options: ChartOptions;
  columns(samples: readonly Sample[], limitMs: number | undefined): Columns;
  /** `result`: of a run of traffic that is over and shown as a whole. */
  summary(shown: Shown, limitMs: number | undefined, result: Traffic["total"] | undefined): Summary;
}

const CREATION: readonly Drawing[] = [
  {
    options: {
      title: t("Workspaces"),
      note: t("by state"),
      stacked: true,
      lines: STATES.map(({ state, label }) => ({ label, colour: `--state-${state}`, format: formatCount })),
    },
    columns: stackedStates,
    summary: stateSummary,
  },
  {
    options: {
      title: t("Becoming ready"),
      note: t("a minute, over ten seconds"),
      lines: [{ label: t("ready a minute"), colour: "--green", format: formatRate }],
    },
    columns: paceColumns,
    summary: paceSummary,
  },
  {
    options: {
      title: t("API calls"),
      note: t("a second"),
      lines: [{ label: t("calls a second"), colour: "--blue", format: formatCount }],
    },
    columns: apiColumns,
    summary: apiSummary,
  },
  {
    options: {
      title: t("Generator"),
      note: t("event-loop lateness and CPU"),
      lines: [
        { label: t("late p99"), colour: "--purple", format: formatDuration },
        { label: t("cores"), colour: "--orange", format: formatCores, right: true },
      ],
      tick: durationTick,
    },
    columns: generatorColumns,
    summary: generatorSummary,
  },
];

/** `message`: so that the throughput is also told in messages, which are what loads coderd. */
const trafficDrawings = (message: Traffic["message"]): readonly Drawing[] => [
  {
    options: {
      title: t("Round trip"),
      note: t("from the intended tick"),
      lines: [
        { label: "p50", colour: "--blue", format: formatDuration },
        { label: "p95", colour: "--purple", format: formatDuration },
        { label: "p99", colour: "--orange", format: formatDuration },
      ],
      tick: durationTick,
    },
    columns: roundTripColumns,
    summary: (shown, _, result) => roundTripSummary(shown, result),
  },
  throughput(message),
  {
    options: {
      title: t("Connections"),
      note: t("by state"),
      stacked: true,
      lines: CONNECTION_STATES.map(({ state, label }) => ({
        label,
        colour: `--connection-${state}`,
        format: formatCount,
      })),
    },
    columns: connectionColumns,
    summary: connectionSummary,
  },
  {
    options: {
      title: t("Generator"),
      note: t("how late messages are sent, and CPU"),
      lines: [
        { label: t("late p99"), colour: "--purple", format: formatDuration },
        { label: t("limit"), colour: "--grey", format: formatDuration, dashed: true },
        { label: t("cores"), colour: "--orange", format: formatCores, right: true },
      ],
      tick: durationTick,
    },
    columns: shardColumns,
    summary: shardSummary,
  },
];

/** In messages a second, with the bytes at the right; of a run of an older version, the bytes alone. */
function throughput(message: Traffic["message"]): Drawing {
  const size = message?.bytes ?? 1;
  const format = (rate: number) =>
    message ? `${formatPerSecond(rate)}/s · ${formatByteRate(rate * size)}` : formatByteRate(rate);
  return {
    options: {
      title: t("Throughput"),
      note: message ? t("messages and bytes a second, each way") : t("bytes a second, each way"),
      lines: [
        { label: t("offered"), colour: "--grey", format },
        { label: t("achieved"), colour: "--green", format },
      ],
      ...(message
        ? { rightTick: (rate: number) => (rate === 0 ? "0" : formatSize(rate * size)) }
        : { tick: shortBytes }),
    },
    columns: (samples) => throughputColumns(samples, size),
    summary: (shown, _, result) => throughputSummary(shown, result, size),
  };
}

/** The four charts of what a run does, on one time axis with one cursor. */
export class Charts {
  readonly node = h("div", { class: "columns charts" });
  readonly #axis: TimeAxis;
  #drawings: readonly Drawing[] = [];
  #drawn = "";
  #charts: Chart[] = [];
  #samples: Sample[] = [];
  #limitMs: number | undefined;
  #result: Traffic["total"] | undefined;

  constructor(axis: TimeAxis) {
    this.#axis = axis;
    axis.onZoom(() => this.#draw());
    axis.onPoint((source) => {
      // One chart moves the others by itself.
      if (!(source instanceof Chart)) this.#charts[0]?.point(axis.cursor);
    });
  }

  get samples(): readonly Sample[] {
    return this.#samples;
  }

  /** Takes the charts of what this run does; while that is not known, there are none. */
  update({ traffic, counts }: Snapshot): void {
    const wanted = traffic ? `traffic ${traffic.message?.bytes}` : counts.total > 0 ? "creation" : "";
    this.#limitMs = traffic?.lateLimitMs;
    const result = traffic?.part === "over" ? traffic.total : undefined;
    const ended = result !== undefined && this.#result === undefined;
    this.#result = result;
    if (wanted === this.#drawn) {
      if (ended) this.#draw();
      return;
    }
    this.#drawn = wanted;
    this.#drawings = traffic ? trafficDrawings(traffic.message) : wanted ? CREATION : [];
    this.#charts = this.#drawings.map(({ options }) => new Chart(options, this.#axis));
    this.node.replaceChildren(...this.#charts.map((chart) => chart.node));
    this.paint();
  }

  /** Once the charts are in the document, and after each change of the theme. */
  paint(): void {
    const palette = readPalette(this.node);
    for (const chart of this.#charts) chart.paint(palette);
    this.#draw();
  }

  replace(samples: readonly Sample[]): void {
    this.#samples = [...samples];
    this.#draw();
  }

  add(sample: Sample): void {
    const last = this.#samples.at(-1);
    // The series that was asked for and the first samples sent by themselves may overlap.
    if (last && sample.t <= last.t) return;
    this.#samples.push(sample);
    if (this.#samples.length > 7_200) this.#samples.splice(0, 3_600);
    this.#draw();
  }

  #draw(): void {
    this.#axis.extend((this.#samples.at(-1)?.t ?? 0) / 1_000);
    const { span, zoom } = this.#axis;
    const samples = thin(within(this.#samples, span), MOST_POINTS);
    const pauses = pausedSpans(samples);
    const shown = shownIn(this.#samples, span);
    const result = zoom ? undefined : this.#result;
    for (const [n, { columns, summary }] of this.#drawings.entries()) {
      const values = columns(samples, this.#limitMs);
      this.#charts[n]?.draw(values, summary(shown, this.#limitMs, result), pauses);
    }
  }
}

function durationTick(ms: number): string {
  return ms === 0 ? "0" : formatDuration(ms);
}

function formatCores(value: number): string {
  return formatDecimal(value, 2);
}
