import type { Sample, Snapshot, WorkspaceRow } from "../../protocol/snapshot.ts";
import { type StepView, viewOf } from "../../protocol/steps.ts";
import { createCards } from "../cards/cards.ts";
import { cardsOf } from "../cards/described.ts";
import { Charts } from "../charts/charts.ts";
import { h } from "../dom.ts";
import { Described } from "../model/described.ts";
import { createPhases } from "../phases.ts";
import { createTables, OF_LOAD, ofServer } from "../tables/tables.ts";
import type { TimeAxis } from "../time/time-axis.ts";
import { createFailures } from "./failures.ts";
import { createValidity } from "./validity.ts";

/** The parts of a report that are of one step. Each stands among the same parts of the other steps. */
export class ReportStep {
  readonly view: StepView;
  readonly described: Described;
  readonly samples: readonly Sample[];
  readonly rows: readonly WorkspaceRow[];
  readonly charts: Charts;
  /** Figures and charts. */
  readonly course = h("div", { class: "course" });
  readonly failures: HTMLElement | undefined;
  /** Phases and tables; undefined where the step has neither. */
  readonly tables: HTMLElement | undefined;
  readonly validity: HTMLElement;

  constructor(snapshot: Snapshot, name: string, of: Pick<ReportStep, "samples" | "rows">, axis: TimeAxis) {
    this.view = viewOf(snapshot, name);
    this.described = new Described(this.view.description);
    this.samples = of.samples;
    this.rows = of.rows;
    this.charts = new Charts(axis);
    const cards = createCards();
    this.course.append(cards.node, this.charts.node);
    this.charts.replace(this.samples);
    this.charts.update(this.described, this.view);
    cards.update(cardsOf(this.view, this.described, this.samples));
    this.failures = createFailures(this.view, this.rows);
    this.tables = this.#tables();
    this.validity = createValidity(this.view, this.samples);
  }

  get hasBegun(): boolean {
    return this.view.counts.total > 0;
  }

  #tables(): HTMLElement | undefined {
    const { described, view } = this;
    const drawn: HTMLElement[] = [];
    if (described.phaseOrder.length > 0 && view.phases.some(({ count }) => count > 0)) {
      const phases = createPhases();
      phases.update(view.phases, described);
      drawn.push(phases.node);
    }
    for (const isOne of [OF_LOAD.figures, OF_LOAD.series, ofServer]) {
      const tables = createTables(isOne);
      tables.update(described, view.figures);
      if (tables.node.childElementCount > 0) drawn.push(tables.node);
    }
    return drawn.length > 0 ? h("div", { class: "evidence" }, ...drawn) : undefined;
  }
}
