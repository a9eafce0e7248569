import type { Snapshot } from "../protocol/snapshot.ts";
import type { ThresholdState } from "../protocol/threshold.ts";
import { type Drawn, h, KeyedList, setAttribute, setHidden, setText } from "./dom.ts";

const SPOKEN: Record<ThresholdState["state"], string> = {
  pending: "no figure yet",
  met: "met",
  broken: "broken",
};
const MARKS: Record<ThresholdState["state"], string> = { pending: "…", met: "✓", broken: "✕" };

/** What the run is held to, and how it stands: not by colour alone. */
export function createThresholds() {
  const list = h("ul", { class: "thresholds", "aria-label": "Thresholds" });
  const items = new KeyedList<ThresholdState>(list, ({ expression }) => expression, createThreshold);
  // Of a threshold that breaks, a screen reader hears at once; of its figures only where it looks.
  const broken = h("p", { class: "hidden-text", role: "status" });
  const node = h("div", {}, list, broken);
  node.hidden = true;

  function update({ thresholds = [] }: Pick<Snapshot, "thresholds">): void {
    setHidden(node, thresholds.length === 0);
    items.update(thresholds);
    setText(broken, brokenText(thresholds));
  }

  return { node, update };
}

export function brokenText(thresholds: readonly ThresholdState[]): string {
  const broken = thresholds.filter(({ state }) => state === "broken");
  if (broken.length === 0) return "";
  const heading = broken.length === 1 ? "Threshold broken" : `${broken.length} thresholds broken`;
  return `${heading}: ${broken.map(({ label, limit }) => `${label} ${limit}`).join(", ")}`;
}

function createThreshold(): Drawn<ThresholdState> {
  const mark = h("span", { class: "sign", "aria-hidden": "true" });
  const label = h("span", { class: "label" });
  const observed = h("strong", { class: "observed" });
  const spoken = h("span", { class: "hidden-text" });
  const node = h("li", {}, mark, label, observed, spoken);
  return {
    node,
    update(threshold) {
      setAttribute(node, "data-state", threshold.state);
      setAttribute(node, "title", threshold.expression);
      setText(mark, MARKS[threshold.state]);
      setText(label, `${threshold.label} ${threshold.limit}`);
      setText(observed, threshold.observed ?? "–");
      setText(spoken, `, ${SPOKEN[threshold.state]}`);
    },
  };
}
