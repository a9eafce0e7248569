import { localFigure } from "../l10n/figures.ts";
import { listed, plural, t, wordsOf } from "../l10n/text.ts";
import { formatClock } from "../protocol/duration.ts";
import type { PanelPlace } from "../protocol/panel.ts";
import type { StepView } from "../protocol/steps.ts";
import type { ThresholdState } from "../protocol/threshold.ts";
import { type Drawn, h, KeyedList, setAttribute, setHidden, setText } from "./dom.ts";

const SPOKEN: Record<ThresholdState["state"], string> = {
  pending: t("no figure yet"),
  met: t("met"),
  broken: t("broken"),
};
const MARKS: Record<ThresholdState["state"], string> = { pending: "…", met: "✓", broken: "✕" };

/** What the run is held to, and how it stands: not by colour alone. `look`: somebody wants to see when it was worst. */
export function createThresholds(look: (at: PanelPlace) => void) {
  const list = h("ul", { class: "thresholds", "aria-label": t("Thresholds") });
  const items = new KeyedList<ThresholdState>(
    list,
    ({ expression }) => expression,
    () => createThreshold(look),
  );
  // Of a threshold that breaks, a screen reader hears at once; of its figures only where it looks.
  const broken = h("p", { class: "hidden-text", role: "status" });
  const node = h("div", {}, list, broken);
  node.hidden = true;

  function update({ thresholds = [] }: Pick<StepView, "thresholds">): void {
    setHidden(node, thresholds.length === 0);
    items.update(thresholds);
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

function createThreshold(look: (at: PanelPlace) => void): Drawn<ThresholdState> {
  const mark = h("span", { class: "sign", "aria-hidden": "true" });
  const label = h("span", { class: "label" });
  const observed = h("strong", { class: "observed" });
  const spoken = h("span", { class: "hidden-text" });
  const worst = h("button", { type: "button", class: "link" });
  const node = h("li", {}, mark, label, observed, spoken, worst);
  let at: PanelPlace | undefined;
  worst.addEventListener("click", () => at && look(at));
  return {
    node,
    update(threshold) {
      setAttribute(node, "data-state", threshold.state);
      setAttribute(node, "title", threshold.expression);
      setText(mark, MARKS[threshold.state]);
      setText(label, `${wordsOf(threshold.label)} ${wordsOf(threshold.limit)}`);
      setText(observed, threshold.observed ? localFigure(wordsOf(threshold.observed)) : "–");
      setText(spoken, `, ${SPOKEN[threshold.state]}`);
      at = threshold.state === "broken" ? placeOf(threshold) : undefined;
      setHidden(worst, at === undefined);
      if (at) setText(worst, t("worst at {0}", formatClock(at.from * 1_000)));
    },
  };
}

/** Of one with a window that slides; of others, no second is the worst. */
function placeOf({ step, worst }: ThresholdState): PanelPlace | undefined {
  return worst && { ...worst, ...(step === undefined ? {} : { step }) };
}
