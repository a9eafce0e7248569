import { t, wordsOf } from "../../l10n/text.ts";
import type { Step, StepState } from "../../protocol/snapshot.ts";
import { type Drawn, h, KeyedList, setAttribute, setHidden, setText } from "../dom.ts";
import type { TimeAxis } from "../time/time-axis.ts";
import { type Bar, barsOf } from "./bars.ts";

const STATES: Record<StepState, string> = {
  pending: t("not begun"),
  preparing: t("being prepared"),
  active: t("under way"),
  done: t("done"),
  failed: t("failed"),
  refused: t("did not begin"),
  stopped: t("stopped"),
  skipped: t("skipped"),
};
const VERDICTS = {
  passed: t("Passed"),
  failed: t("Failed"),
  refused: t("Refused"),
  interrupted: t("Stopped"),
  invalid: t("Invalid"),
};
const MARKS: Record<StepState, string> = {
  pending: "",
  preparing: "…",
  active: "▸",
  done: "✓",
  failed: "✕",
  refused: "✕",
  stopped: "■",
  skipped: "–",
};

interface Lane {
  step: Step;
  bars: readonly Bar[];
  isShown: boolean;
}

/**
 * A lane for each step of a run on the run's own time; the one that is chosen is what the panel shows. Without `choose`,
 * there is nothing to choose.
 */
export function createLanes(axis: TimeAxis, choose?: (step: string) => void) {
  const list = h("ol", { class: "lanes", "aria-label": t("Steps") });
  const lanes = new KeyedList<Lane>(
    list,
    ({ step }) => step.name,
    () => createLane(choose),
  );
  let shown: { steps: readonly Step[]; elapsedMs: number; name: string } | undefined;

  function draw(): void {
    if (!shown) return;
    const { steps, elapsedMs, name } = shown;
    const { span } = axis;
    lanes.update(
      steps.map((step) => ({
        step,
        bars: barsOf(step, elapsedMs / 1_000, span),
        isShown: step.name === name,
      })),
    );
  }
  axis.onZoom(draw);

  /** `name`: of the step that is shown. A run of one step has no lanes. */
  function update(steps: readonly Step[], elapsedMs: number, name: string): void {
    shown = { steps, elapsedMs, name };
    setHidden(list, steps.length < 2);
    if (steps.length > 1) draw();
  }
  return { node: list, update };
}

function createLane(choose: ((step: string) => void) | undefined): Drawn<Lane> {
  const mark = h("span", { class: "mark", "aria-hidden": "true" });
  const name = h("span", { class: "name" });
  const button = choose
    ? h("button", { type: "button", class: "lane-name" }, mark, name)
    : h("span", { class: "lane-name" }, mark, name);
  const track = h("div", { class: "track", "aria-hidden": "true" });
  const says = h("span", { class: "says" });
  const node = h("li", {}, button, track, says);
  const bars = new KeyedList<Bar>(track, ({ part }) => part, createBar);
  let step = "";
  button.addEventListener("click", () => choose?.(step));
  return {
    node,
    update(lane) {
      step = lane.step.name;
      setAttribute(node, "data-state", lane.step.verdict ?? lane.step.state);
      if (choose) setAttribute(button, "aria-pressed", String(lane.isShown));
      setText(mark, markOf(lane.step));
      setText(name, lane.step.name);
      if (choose) setAttribute(button, "title", t("Show step {0}", lane.step.name));
      bars.update(lane.bars);
      setText(says, saysOf(lane.step));
    },
  };
}

function createBar(): Drawn<Bar> {
  const node = h("span", { class: "bar" });
  return {
    node,
    update({ part, from, until }) {
      setAttribute(node, "data-part", part);
      node.style.left = `${from * 100}%`;
      node.style.width = `${Math.max(0, until - from) * 100}%`;
    },
  };
}

/** Of a step that is over, by what it came to. */
function markOf({ state, verdict }: Step): string {
  if (state === "done" && verdict !== undefined && verdict !== "passed")
    return verdict === "invalid" ? "!" : "✕";
  return MARKS[state];
}

/** "Passed", or what it is doing, and what it came to. */
function saysOf({ state, verdict, summary, part }: Step): string {
  const outcome = summary ? wordsOf(summary) : "";
  const word = verdict ? VERDICTS[verdict] : STATES[state];
  if (outcome) return `${word} · ${outcome}`;
  return state === "active" && part ? wordsOf(part.label) : word;
}
