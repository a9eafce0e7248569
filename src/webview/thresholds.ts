import { localFigure } from "../l10n/figures.ts";
import { formatShare } from "../l10n/shown.ts";
import { listed, plural, t, wordsOf } from "../l10n/text.ts";
import { formatClock } from "../protocol/duration.ts";
import type { PanelPlace } from "../protocol/panel.ts";
import type { Sample } from "../protocol/snapshot.ts";
import type { StepView } from "../protocol/steps.ts";
import type { ThresholdState } from "../protocol/threshold.ts";
import { type Drawn, h, KeyedList, setAttribute, setHidden, setText } from "./dom.ts";
import type { Described } from "./model/described.ts";
import { courseOf, createSpark } from "./spark.ts";

const SPOKEN: Record<ThresholdState["state"], string> = {
  pending: t("no figure yet"),
  met: t("met"),
  broken: t("broken"),
};
const MARKS: Record<ThresholdState["state"], string> = { pending: "…", met: "✓", broken: "✕" };

/** The seconds of a step, with what they are of. */
export interface Seconds {
  described: Described;
  samples: readonly Sample[];
}

interface Shown {
  threshold: ThresholdState;
  seconds: Seconds | undefined;
}

/** What the run is held to, and how it stands: not by colour alone. `look`: somebody wants to see when it was worst. */
export function createThresholds(look: (at: PanelPlace) => void) {
  const list = h("ul", { class: "thresholds", "aria-label": t("Thresholds") });
  const items = new KeyedList<Shown>(
    list,
    ({ threshold }) => threshold.expression,
    () => createThreshold(look),
  );
  // Of a threshold that breaks, a screen reader hears at once; of its figures only where it looks.
  const broken = h("p", { class: "hidden-text", role: "status" });
  const node = h("div", {}, list, broken);
  node.hidden = true;

  function update(
    { thresholds = [] }: Pick<StepView, "thresholds">,
    secondsOf: (step: string | undefined) => Seconds | undefined,
  ): void {
    setHidden(node, thresholds.length === 0);
    items.update(thresholds.map((threshold) => ({ threshold, seconds: secondsOf(threshold.step) })));
    setText(broken, brokenText(thresholds));
  }

  return { node, update };
}

export function brokenText(thresholds: readonly ThresholdState[]): string {
  const broken = thresholds.filter(({ state }) => state === "broken");
  if (broken.length === 0) return "";
  return plural(
    broken.length,
    { one: "{0} threshold broken: {1}", other: "{0} thresholds broken: {1}" },
    listed(broken.map(({ label, limit }) => `${wordsOf(label)} ${wordsOf(limit)}`)),
  );
}

function createThreshold(look: (at: PanelPlace) => void): Drawn<Shown> {
  const mark = h("span", { class: "sign", "aria-hidden": "true" });
  const label = h("span", { class: "label" });
  const observed = h("strong", { class: "observed" });
  const spoken = h("span", { class: "hidden-text" });
  const margin = h("span", { class: "margin" });
  const spark = createSpark();
  const worst = h("button", { type: "button", class: "link" });
  const node = h("li", {}, mark, label, observed, spoken, margin, spark.node, worst);
  let at: PanelPlace | undefined;
  worst.addEventListener("click", () => at && look(at));
  return {
    node,
    update({ threshold, seconds }) {
      setAttribute(node, "data-state", threshold.state);
      setAttribute(node, "title", threshold.expression);
      setText(mark, MARKS[threshold.state]);
      setText(label, `${wordsOf(threshold.label)} ${wordsOf(threshold.limit)}`);
      setText(observed, threshold.observed ? localFigure(wordsOf(threshold.observed)) : "–");
      setText(spoken, `, ${SPOKEN[threshold.state]}`);
      setText(margin, marginText(threshold));
      setHidden(margin, margin.textContent === "");
      const { figure, bound } = threshold;
      const course =
        figure && bound !== undefined && seconds ? courseOf(figure, seconds.described, seconds.samples) : [];
      spark.update(course, bound ?? 0, !threshold.expression.includes(">"));
      at = threshold.state === "broken" ? placeOf(threshold) : undefined;
      setHidden(worst, at === undefined);
      if (at) setText(worst, t("worst at {0}", formatClock(at.from * 1_000)));
    },
  };
}

/** "12 % to spare", "56 % off"; empty where it is all or nothing. */
function marginText({ margin, state, observed }: ThresholdState): string {
  if (margin === undefined || observed === null || Math.abs(margin) >= 1) return "";
  const share = formatShare(Math.abs(margin));
  if (margin < 0) return t("{0} off", share);
  return state === "met" ? t("{0} to spare", share) : "";
}

/** Of one with a window that slides; of others, no second is the worst. */
function placeOf({ step, worst }: ThresholdState): PanelPlace | undefined {
  return worst && { ...worst, ...(step === undefined ? {} : { step }) };
}
