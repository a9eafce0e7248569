import { t } from "../../l10n/text.ts";
import type { Step } from "../../protocol/snapshot.ts";
import { type Drawn, h, KeyedList, setAttribute, setHidden, setText } from "../dom.ts";
import { type Band, stepBands, type Waiting } from "../ribbon/bands.ts";
import type { Span, TimeAxis } from "../time/time-axis.ts";

/** One that has not begun has no band. */
type Lane = Waiting & Partial<Band> & { span: Span };

/** A lane for each step of a run on the run's own time, for a report: a panel has its ribbon. */
export function createLanes(axis: TimeAxis) {
  const list = h("ol", { class: "lanes", "aria-label": t("Steps") });
  const lanes = new KeyedList<Lane>(list, ({ key }) => key, createLane);
  let shown: { steps: readonly Step[]; elapsedMs: number } | undefined;

  function draw(): void {
    if (!shown) return;
    const { bands, waiting } = stepBands(shown.steps, shown.elapsedMs / 1_000);
    const { span } = axis;
    lanes.update([...bands, ...waiting].map((lane) => ({ ...lane, span })));
  }
  axis.onZoom(draw);

  /** A run of one step has no lanes. */
  function update(steps: readonly Step[], elapsedMs: number): void {
    shown = { steps, elapsedMs };
    setHidden(list, steps.length < 2);
    if (steps.length > 1) draw();
  }
  return { node: list, update };
}

function createLane(): Drawn<Lane> {
  const mark = h("span", { class: "mark", "aria-hidden": "true" });
  const name = h("span", { class: "name" });
  const label = h("span", { class: "lane-name" }, mark, name);
  const before = h("span", { class: "bar", "data-part": "before" });
  const measured = h("span", { class: "bar", "data-part": "measured" });
  const track = h("div", { class: "track", "aria-hidden": "true" }, before, measured);
  const says = h("span", { class: "says" });
  const node = h("li", {}, label, track, says);
  return {
    node,
    update({ name: step, mark: sign = "", says: said, state, from, hold, until, span }) {
      setAttribute(node, "data-state", state ?? "pending");
      setText(mark, sign);
      setText(name, step);
      setText(says, said);
      place(before, from, hold, span);
      place(measured, hold, until, span);
    },
  };
}

/** Seconds; nothing is drawn of what has not been. */
function place(
  bar: HTMLElement,
  from: number | undefined,
  until: number | undefined,
  { min, max }: Span,
): void {
  const share = (second: number) => Math.min(1, Math.max(0, (second - min) / (max - min)));
  const [left, right] = [share(from ?? min), share(until ?? from ?? min)];
  setHidden(bar, right <= left);
  bar.style.left = `${left * 100}%`;
  bar.style.width = `${(right - left) * 100}%`;
}
