import { formatCount } from "../l10n/figures.ts";
import { t, wordsOf } from "../l10n/text.ts";
import type { Stage } from "../protocol/snapshot.ts";
import { type Drawn, h, KeyedList, setAttribute, setText } from "./dom.ts";

const MARKS: Record<Stage["state"], string> = {
  pending: "",
  active: "▸",
  done: "✓",
  failed: "✕",
  stopped: "■",
  skipped: "–",
};
const SPOKEN: Record<Stage["state"], string> = {
  pending: t("pending"),
  active: t("running"),
  done: t("done"),
  failed: t("failed"),
  stopped: t("stopped"),
  skipped: t("skipped"),
};

/** The run's stages from left to right. */
export function createStepper() {
  const node = h("ol", { class: "stepper", "aria-label": t("Stages") });
  const list = new KeyedList<Stage>(node, ({ id, step }) => `${id} ${step ?? ""}`, createStage);
  return { node, update: (stages: readonly Stage[]) => list.update(stages) };
}

function createStage(): Drawn<Stage> {
  const mark = h("span", { class: "mark", "aria-hidden": "true" });
  const label = h("span", { class: "label" });
  const progress = h("span", { class: "progress" });
  const spoken = h("span", { class: "hidden-text" });
  const node = h("li", {}, mark, label, progress, spoken);
  return {
    node,
    update(stage) {
      setAttribute(node, "data-state", stage.state);
      setAttribute(node, "aria-current", stage.state === "active" ? "step" : undefined);
      setText(mark, MARKS[stage.state]);
      setText(label, labelOf(stage));
      setText(progress, stageProgress(stage));
      setText(spoken, `, ${SPOKEN[stage.state]}`);
    },
  };
}

/** Of several steps, each is known by its name, and its clean-up by what that does. */
function labelOf({ id, step, label }: Stage): string {
  if (step === undefined) return wordsOf(label);
  return id === "jobs" ? step : t("{0} ({1})", wordsOf(label), step);
}

function stageProgress(stage: Stage): string {
  if (stage.total === 0 || stage.state === "pending" || stage.state === "skipped") return "";
  return t("{0} of {1}", formatCount(stage.done), formatCount(stage.total));
}
