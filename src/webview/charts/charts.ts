import { formatDuration } from "../../protocol/duration.ts";
import type { Sample } from "../../protocol/snapshot.ts";
import { h } from "../dom.ts";
import { formatCount, formatRate } from "../model/format.ts";
import { apiColumns, generatorColumns, paceColumns, stackedStates, thin } from "../model/series.ts";
import { STATES } from "../model/states.ts";
import { Chart, type ChartOptions } from "./chart.ts";
import { onThemeChange, readPalette } from "./palette.ts";

/** Points in a chart: more than this, a line a second is thinned. */
const MOST_POINTS = 600;

/** The four charts, on one time axis with one cursor. */
export class Charts {
  readonly node = h("div", { class: "columns charts" });
  readonly #states = this.#chart({
    title: "Workspaces",
    note: "by state",
    stacked: true,
    lines: STATES.map(({ state, label }) => ({ label, colour: `--state-${state}`, format: formatCount })),
  });
  readonly #pace = this.#chart({
    title: "Becoming ready",
    note: "a minute, over ten seconds",
    lines: [{ label: "ready a minute", colour: "--green", format: formatRate }],
  });
  readonly #api = this.#chart({
    title: "API calls",
    note: "a second",
    lines: [{ label: "calls a second", colour: "--blue", format: formatCount }],
  });
  readonly #generator = this.#chart({
    title: "Generator",
    note: "event-loop lateness and CPU",
    lines: [
      { label: "late p99", colour: "--purple", format: formatDuration },
      { label: "cores", colour: "--orange", format: (value) => value.toFixed(2), right: true },
    ],
  });
  #samples: Sample[] = [];

  constructor() {
    this.node.append(this.#states.node, this.#pace.node, this.#api.node, this.#generator.node);
    onThemeChange(() => this.paint());
  }

  get samples(): readonly Sample[] {
    return this.#samples;
  }

  /** Once the panel is in the document, and after each change of the theme. */
  paint(): void {
    const palette = readPalette(this.node);
    for (const chart of this.#all()) chart.paint(palette);
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

  #chart(options: ChartOptions): Chart {
    return new Chart(options, (zoom) => {
      for (const chart of this.#all()) chart.zoom(zoom);
    });
  }

  #draw(): void {
    const samples = thin(this.#samples, MOST_POINTS);
    this.#states.draw(stackedStates(samples));
    this.#pace.draw(paceColumns(samples));
    this.#api.draw(apiColumns(samples));
    this.#generator.draw(generatorColumns(samples));
  }

  #all(): Chart[] {
    return [this.#states, this.#pace, this.#api, this.#generator];
  }
}
