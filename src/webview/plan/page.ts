import { plural, t, wordsOf } from "../../l10n/text.ts";
import type { FromPlanPage, PlanPicture, ToPlanPage } from "../../protocol/plan-page.ts";
import { h, setHidden, setText } from "../dom.ts";
import { createAxis } from "./axis.ts";
import { coloured, createPlanLanes } from "./lanes.ts";
import { timeText } from "./pointer.ts";
import { createTogether } from "./together.ts";

/** What a scenario will do, before anything is run: its load over time, by step. */
export class PlanPage {
  readonly #title = h("h1");
  readonly #summary = h("p", { class: "summary" });
  readonly #errorText = h("span");
  readonly #errors: HTMLElement;
  readonly #empty = h("p", { class: "empty" });
  readonly #grid = h("div", { class: "plan-grid" });
  readonly #pointed = h("p", { class: "pointed", "aria-hidden": "true" });
  readonly #cross = h("span", { class: "cross" });
  readonly #unknown: HTMLElement;
  readonly #together = createTogether();
  readonly #lanes: ReturnType<typeof createPlanLanes>;
  readonly #axis = createAxis();
  #picture: PlanPicture | undefined;

  constructor(root: HTMLElement, post: (message: FromPlanPage) => void) {
    this.#lanes = createPlanLanes((step) => post({ type: "reveal", step }));
    const show = h("button", { type: "button", class: "link" }, t("Show Problems"));
    show.addEventListener("click", () => post({ type: "showProblems" }));
    this.#errors = h("div", { class: "banner", "data-tone": "bad", role: "status" }, this.#errorText, show);
    const swatch = h("span", { class: "swatch unknown", "aria-hidden": "true" });
    this.#unknown = h("p", { class: "note" }, swatch, t("as long as its work takes"));
    this.#cross.hidden = true;
    this.#axis.lines.append(this.#cross);
    this.#grid.append(this.#together.node, this.#lanes.node, this.#axis.node, this.#axis.lines);
    const heading = h("header", { class: "plan-header" }, this.#title, this.#summary);
    const foot = h("div", { class: "foot" }, this.#unknown, this.#pointed);
    root.append(h("main", {}, heading, this.#errors, this.#empty, this.#grid, foot));
    this.#follow();
  }

  update({ title, picture, errors }: ToPlanPage): void {
    this.#picture = picture;
    const lanes = coloured(picture.lanes);
    setText(this.#title, title);
    setText(this.#summary, summaryOf(picture));
    setHidden(this.#errors, errors === 0);
    setText(
      this.#errorText,
      plural(errors, {
        one: "The file has {0} mistake: what cannot be read is missing here.",
        other: "The file has {0} mistakes: what cannot be read is missing here.",
      }),
    );
    const isEmpty = lanes.length === 0;
    setHidden(this.#empty, !isEmpty);
    setText(this.#empty, t("There is no step to show yet."));
    setHidden(this.#grid, isEmpty);
    setHidden(this.#unknown, !lanes.some(({ unknownFrom }) => unknownFrom !== undefined));
    this.#together.update(lanes);
    this.#lanes.update(lanes);
    this.#axis.update(picture.ticks);
  }

  /** A line goes with the pointer, and says which time that is and how many connections there are. */
  #follow(): void {
    const { lines } = this.#axis;
    const leave = () => {
      this.#cross.hidden = true;
      this.#together.point(undefined);
      setText(this.#pointed, "");
    };
    this.#grid.addEventListener("pointermove", ({ clientX }) => {
      const { left, width } = lines.getBoundingClientRect();
      const share = (clientX - left) / width;
      if (!this.#picture || !(share >= 0 && share <= 1)) {
        leave();
        return;
      }
      lines.append(this.#cross);
      this.#cross.hidden = false;
      this.#cross.style.left = `${share * 100}%`;
      this.#together.point(share);
      setText(this.#pointed, timeText(this.#picture, share));
    });
    this.#grid.addEventListener("pointerleave", leave);
  }
}

/** "4 steps · ends 11m after the end of create" */
function summaryOf({ lanes, end }: PlanPicture): string {
  const steps = plural(lanes.length, { one: "{0} step", other: "{0} steps" });
  return [steps, ...(end ? [wordsOf(end)] : [])].join(" · ");
}
