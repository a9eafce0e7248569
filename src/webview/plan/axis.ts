import { wordsOf } from "../../l10n/text.ts";
import type { PlanPicture } from "../../protocol/plan-page.ts";
import { h } from "../dom.ts";

type Tick = PlanPicture["ticks"][number];

/** Between two labels. */
const GAP = 10;

/** The line of time below the lanes, and the lines that go from it through them. */
export function createAxis() {
  const track = h("div", { class: "axis-track" });
  const node = h("div", { class: "axis", "aria-hidden": "true" }, track);
  const lines = h("div", { class: "lines", "aria-hidden": "true" });
  let ticks: readonly Tick[] = [];

  function update(all: readonly Tick[]): void {
    ticks = all;
    place();
  }

  /** Where there is room: those that matter most come first. */
  function place(): void {
    const width = track.clientWidth;
    // Without its base, a time that is counted from there says nothing; the begin goes without saying.
    const order = ({ base }: Tick) => (base?.step !== undefined ? 0 : base ? 1 : 2);
    const labels = ticks
      .toSorted((a, b) => order(a) - order(b))
      .map((tick) => {
        const label = h("span", { class: "tick" }, wordsOf(tick.said));
        if (tick.base) label.dataset.base = "true";
        return { tick, label };
      });
    track.replaceChildren(...labels.map(({ label }) => label));
    const taken: { from: number; until: number }[] = [];
    const shown: Tick[] = [];
    for (const { tick, label } of labels) {
      const wide = label.offsetWidth;
      const from = Math.max(0, Math.min(width - wide, tick.at * width - wide / 2));
      const until = from + wide;
      if (taken.some((other) => from < other.until + GAP && until > other.from - GAP)) {
        label.remove();
        continue;
      }
      taken.push({ from, until });
      shown.push(tick);
      label.style.left = `${from}px`;
    }
    lines.replaceChildren(...shown.map(lineOf));
  }

  new ResizeObserver(place).observe(track);
  return { node, lines, update };
}

function lineOf({ at, base }: Tick): HTMLElement {
  const line = h("span", { class: "line" });
  if (base) line.dataset.base = "true";
  line.style.left = `${at * 100}%`;
  return line;
}
