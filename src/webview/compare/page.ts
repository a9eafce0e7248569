import { plural, t, wordsOf } from "../../l10n/text.ts";
import {
  type ComparePageState,
  type Comparison,
  comparePageStateSchema,
  type FromComparePage,
  type ToComparePage,
} from "../../protocol/compare-page.ts";
import { h, setHidden, setText } from "../dom.ts";
import { createConfiguration } from "./configuration.ts";
import { createFigures } from "./figures.ts";
import { createOverlays } from "./overlays.ts";
import { namesOf } from "./run-name.ts";
import { createRuns } from "./runs.ts";
import { createTrend } from "./trend.ts";

/** The page's way to the editor. */
export interface ComparePort {
  post(message: FromComparePage): void;
  getState(): unknown;
  /** Survives hiding and reloading the page. */
  setState(state: ComparePageState): void;
}

/** Runs beside each other: what each comes to, what was different, and all figures; the answer first. */
export class ComparePage {
  readonly #port: ComparePort;
  readonly #title = h("h1");
  readonly #said = h("span", { class: "said", role: "status" });
  readonly #warnings = h("ul", { class: "warnings" });
  readonly #main = h("main", { class: "compare" });
  readonly #runs: ReturnType<typeof createRuns>;
  readonly #configuration = createConfiguration();
  readonly #figures = createFigures();
  readonly #overlays = createOverlays();
  readonly #trend: ReturnType<typeof createTrend>;
  #state: ComparePageState | undefined;

  constructor(root: HTMLElement, port: ComparePort) {
    this.#port = port;
    this.#state = comparePageStateSchema.safeParse(port.getState()).data;
    const open = (run: string) => port.post({ type: "open", run });
    this.#runs = createRuns({ choose: (run) => port.post({ type: "baseline", run }), open });
    this.#trend = createTrend({ open, chosen: (trend) => this.#keep({ trend }) });
    const copy = h("button", { type: "button", class: "secondary" }, t("Copy as Markdown"));
    copy.addEventListener("click", () => {
      setText(this.#said, "");
      port.post({ type: "copy" });
    });
    this.#main.append(
      h("header", {}, this.#title, h("span", { class: "actions" }, this.#said, copy)),
      this.#runs.node,
      this.#warnings,
      this.#configuration.node,
      this.#overlays.node,
      this.#figures.node,
      this.#trend.node,
    );
    this.#main.hidden = true;
    root.append(this.#main);
  }

  receive(message: ToComparePage): void {
    switch (message.type) {
      case "comparison":
        return this.#draw(message);
      case "trend":
        return this.#trend.update(message.points);
      case "copied":
        return setText(this.#said, t("Copied"));
    }
  }

  #draw(comparison: Comparison): void {
    const { runs, baseline, warnings } = comparison;
    const names = namesOf(runs);
    setText(
      this.#title,
      plural(runs.length, { one: "{0} scale test compared", other: "{0} scale tests compared" }),
    );
    this.#warnings.replaceChildren(...warnings.map((warning) => h("li", {}, wordsOf(warning))));
    setHidden(this.#warnings, warnings.length === 0);
    this.#runs.update(comparison);
    this.#configuration.update(comparison, names);
    this.#overlays.update(comparison, names);
    this.#figures.update(comparison, names);
    this.#trend.describe(comparison, this.#state?.trend);
    setHidden(this.#main, false);
    this.#keep({ runs: runs.map(({ id }) => id), baseline: runs[baseline]?.id ?? "" });
  }

  #keep(changes: Partial<ComparePageState>): void {
    this.#state = { runs: [], baseline: "", ...this.#state, ...changes };
    this.#port.setState(this.#state);
  }
}
