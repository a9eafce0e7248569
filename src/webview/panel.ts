import * as z from "zod";
import type { ToPanel } from "../protocol/panel.ts";
import type { Snapshot } from "../protocol/snapshot.ts";
import { type Connection, createBanner } from "./banner.ts";
import { createCauses } from "./causes.ts";
import { Charts } from "./charts/charts.ts";
import { h, setAttribute, setHidden, setText } from "./dom.ts";
import { createEvents } from "./events.ts";
import { createFigures } from "./figures.ts";
import { createHeader } from "./header.ts";
import { figures } from "./model/figures.ts";
import { createPhases } from "./phases.ts";
import type { Port } from "./port.ts";
import { createStepper } from "./stepper.ts";
import { FIRST_QUERY, tableQuerySchema } from "./workspaces/query.ts";
import { Workspaces } from "./workspaces/section.ts";

/** Kept by the editor while the panel is hidden or the window reloads; `runId` tells it which run to show. */
const keptSchema = z
  .looseObject({ query: tableQuerySchema.catch(FIRST_QUERY) })
  .catch({ query: FIRST_QUERY });

/** The live panel of one run. It draws what it is told and asks for pages of the table; it knows no more. */
export class Panel {
  readonly #port: Port;
  readonly #header: ReturnType<typeof createHeader>;
  readonly #banner = createBanner();
  readonly #waiting = h("p", { class: "waiting", role: "status" }, "Connecting to the run…");
  readonly #notice = h("p", { class: "notice", role: "alert" });
  readonly #warnings = h("ul", { class: "warnings", "aria-label": "Warnings" });
  readonly #stepper = createStepper();
  readonly #figures = createFigures();
  readonly #charts = new Charts();
  readonly #phases = createPhases();
  readonly #causes: ReturnType<typeof createCauses>;
  readonly #events = createEvents();
  readonly #workspaces: Workspaces;
  readonly #content = h("main");
  #connection: Connection = { state: "connecting" };
  #snapshot: Snapshot | undefined;
  #painted = false;

  constructor(root: HTMLElement, port: Port) {
    this.#port = port;
    this.#header = createHeader(port);
    this.#causes = createCauses((name) => this.#workspaces.show(name));
    const kept = keptSchema.parse(port.getState() ?? {});
    this.#workspaces = new Workspaces(port, kept.query, (query) => this.#keep({ query }));
    this.#content.append(
      this.#header.node,
      this.#banner.node,
      this.#stepper.node,
      this.#warnings,
      this.#figures.node,
      this.#charts.node,
      h(
        "div",
        { class: "columns" },
        this.#phases.node,
        h("div", { class: "stack" }, this.#causes.node, this.#events.node),
      ),
      this.#workspaces.node,
    );
    this.#content.hidden = true;
    this.#notice.hidden = true;
    root.append(this.#waiting, this.#notice, this.#content);
  }

  receive(message: ToPanel): void {
    switch (message.type) {
      case "connection":
        this.#connection = message;
        this.#draw();
        break;
      case "snapshot":
        if (this.#snapshot?.run.id !== message.snapshot.run.id)
          this.#keep({ runId: message.snapshot.run.id });
        this.#snapshot = message.snapshot;
        this.#draw();
        break;
      case "series":
        this.#charts.replace(message.samples);
        break;
      case "sample":
        this.#charts.add(message.sample);
        break;
      case "page":
        this.#workspaces.receive(message.request, message.page);
        break;
      case "notice":
        setText(this.#notice, message.text);
        setAttribute(this.#notice, "data-tone", message.level === "error" ? "bad" : undefined);
        setHidden(this.#notice, message.text === "");
        break;
    }
  }

  #keep(state: Record<string, unknown>): void {
    const before = this.#port.getState();
    this.#port.setState({ ...(typeof before === "object" ? before : {}), ...state });
  }

  #draw(): void {
    const snapshot = this.#snapshot;
    this.#banner.update(this.#connection, snapshot);
    setText(this.#waiting, waitingText(this.#connection));
    setHidden(this.#waiting, snapshot !== undefined);
    setHidden(this.#content, snapshot === undefined);
    if (!snapshot) return;
    if (!this.#painted) {
      this.#painted = true;
      this.#charts.paint();
    }
    this.#header.update(snapshot, this.#connection.state === "attached");
    this.#stepper.update(snapshot.stages);
    this.#drawWarnings(snapshot.warnings);
    this.#figures.update(figures(snapshot, this.#charts.samples));
    this.#phases.update(snapshot.phases);
    this.#causes.update(snapshot);
    this.#events.update(snapshot.events);
    this.#workspaces.update(snapshot, performance.now());
  }

  #drawWarnings(warnings: readonly string[]): void {
    setHidden(this.#warnings, warnings.length === 0);
    if (this.#warnings.textContent === warnings.join("")) return;
    this.#warnings.replaceChildren(...warnings.map((warning) => h("li", {}, warning)));
  }
}

function waitingText({ state, message }: Connection): string {
  const texts = {
    connecting: "Connecting to the run…",
    attached: "Waiting for the run's first figures…",
    lost: "The connection to the run is lost.",
    closed: "The run is gone.",
  };
  return message ? `${texts[state]} ${message}` : texts[state];
}
