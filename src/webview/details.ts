import { t } from "../l10n/text.ts";
import type { WorkspacesPage } from "../protocol/messages.ts";
import type { AskedRow, PanelPlace } from "../protocol/panel.ts";
import type { StepView } from "../protocol/steps.ts";
import { english } from "../text/message.ts";
import { createBottlenecks } from "./bottlenecks.ts";
import { createConfig } from "./config.ts";
import { h } from "./dom.ts";
import { createEvents } from "./events.ts";
import { Failures } from "./failures/failures.ts";
import type { Keeper } from "./kept.ts";
import { Lookup } from "./lookup.ts";
import type { Described } from "./model/described.ts";
import { createPhases } from "./phases.ts";
import type { Port } from "./port.ts";
import { createTables, OF_LOAD, ofServer } from "./tables/tables.ts";
import { type TabState, Tabs } from "./tabs.ts";
import type { TimeAxis } from "./time/time-axis.ts";
import { Workspaces } from "./workspaces/section.ts";

/** What is drawn of a run. */
interface Drawn {
  view: StepView;
  described: Described;
  attached: boolean;
  /** There is something to be drawn: jobs are known. */
  begun: boolean;
}

/** What is below the charts: each part has a tab, and the one that is shown is drawn. */
export class Details {
  readonly node: HTMLElement;
  readonly #lookup: Lookup;
  readonly #workspaces: Workspaces;
  readonly #failures: Failures;
  readonly #bottlenecks: ReturnType<typeof createBottlenecks>;
  readonly #phases = createPhases();
  readonly #figures = createTables(OF_LOAD.figures);
  readonly #series = createTables(OF_LOAD.series);
  readonly #server = createTables(ofServer);
  readonly #config = createConfig();
  readonly #events = createEvents();
  readonly #tabs: Tabs;
  #drawn: Drawn | undefined;

  constructor(port: Port, axis: TimeAxis, keeper: Keeper, look: (at: PanelPlace) => void) {
    this.#lookup = new Lookup(port);
    this.#workspaces = new Workspaces(port, axis, keeper, this.#lookup);
    this.#bottlenecks = createBottlenecks(look);
    this.#failures = new Failures(port, this.#lookup, {
      showWorkspace: (name) => this.showWorkspace(name),
      showAll: ({ cause }) => {
        this.#tabs.show("workspaces");
        this.#workspaces.showFailed(english(cause));
      },
    });
    this.#tabs = this.#tabsOf(keeper);
    this.node = this.#tabs.node;
  }

  update(drawn: Drawn): void {
    this.#drawn = drawn;
    const { view, described, begun } = drawn;
    const { figures } = view;
    const hasFigures = this.#figures.update(described, figures);
    const hasSeries = this.#series.update(described, figures);
    const hasServer = this.#server.update(described, figures);
    this.#bottlenecks.update(view);
    this.#tabs.update({
      ...statesOf(drawn),
      messages: { present: begun && (hasFigures || hasSeries), label: loadLabel(described) },
      server: { present: begun && hasServer },
    });
    this.#drawShown();
  }

  receive(request: number, page: WorkspacesPage): void {
    if (!this.#lookup.receive(request, page)) this.#workspaces.receive(request, page);
  }

  /** What is shown is as long as it will be only when rows have come. */
  get awaitsRows(): boolean {
    const shown = this.#tabs.current;
    return shown === "workspaces" || shown === "failures";
  }

  take(asked: readonly AskedRow[]): void {
    this.#config.take(asked);
    this.#drawShown();
  }

  showWorkspace(name: string): void {
    this.#tabs.show("workspaces");
    this.#workspaces.show(name);
  }

  /** The failures of one cause, by its English. */
  showFailure(cause: string): void {
    this.#tabs.show("failures");
    this.#failures.open(cause);
    this.node.scrollIntoView({ block: "start" });
  }

  #tabsOf(keeper: Keeper): Tabs {
    const load = h("div", { class: "columns" }, this.#figures.node, this.#series.node);
    return new Tabs(
      [
        { id: "failures", label: t("Failures"), node: this.#failures.node },
        { id: "workspaces", label: t("Workspaces"), node: this.#workspaces.node },
        { id: "bottlenecks", label: t("What breaks first"), node: this.#bottlenecks.node },
        { id: "phases", label: t("Phases"), node: this.#phases.node },
        { id: "messages", label: t("Messages"), node: load },
        { id: "server", label: t("Server"), node: this.#server.node },
        { id: "config", label: t("Configuration"), node: this.#config.node },
        { id: "log", label: t("Log"), node: this.#events.node },
      ],
      keeper.first.tab,
      { chosen: (tab) => keeper.keep({ tab }), shown: () => this.#drawShown() },
    );
  }

  /** What nobody sees is not drawn. */
  #drawShown(): void {
    if (!this.#drawn) return;
    const { view, described, attached } = this.#drawn;
    switch (this.#tabs.current) {
      case "failures":
        return this.#failures.update(view, attached);
      case "workspaces":
        return this.#workspaces.update(view, described, attached, performance.now());
      case "phases":
        return this.#phases.update(view.phases, described);
      case "config":
        return this.#config.update(view.run);
      case "log":
        return this.#events.update(view.events);
    }
  }
}

/** Of the tabs that do not depend on which tables a run has. */
function statesOf({ view, begun }: Drawn): Record<string, TabState> {
  const { counts, causes, phases, bottlenecks, events } = view;
  const failed = Math.max(counts.failed, ...causes.map(({ count }) => count));
  const named = bottlenecks?.named.length ?? 0;
  return {
    failures: { present: causes.length > 0, leads: true, count: failed, most: counts.total },
    workspaces: { present: begun, count: counts.total },
    bottlenecks: {
      present: bottlenecks !== undefined,
      leads: named > 0,
      ...(named > 0 ? { count: named } : {}),
    },
    phases: { present: begun && phases.some(({ count }) => count > 0) },
    config: { present: true },
    log: { present: events.length > 0 },
  };
}

/** A load on a schedule sends messages. */
function loadLabel({ description }: Described): string {
  return description.load ? t("Messages") : t("Measurements");
}
