import { t } from "../../l10n/text.ts";
import type { Sample } from "../../protocol/snapshot.ts";
import type { StepView } from "../../protocol/steps.ts";
import { PLOT } from "../charts/plot.ts";
import { type Drawn, h, KeyedList, setAttribute, setHidden, setText } from "../dom.ts";
import type { TimeAxis } from "../time/time-axis.ts";
import { type Band, stageBands, stepBands, type Waiting } from "./bands.ts";

/** So many charts are beside each other at most; the style sheet says how many. */
const MOST_COLUMNS = 4;
/** Height of a lane, and what is between two, in CSS pixels. */
const LANE = 20;
const BETWEEN = 2;

interface ShownBand {
  band: Band;
  /** Shares of what is shown. */
  from: number;
  until: number;
  /** Of the band itself: where its measured part begins. */
  hold: number;
  isShown: boolean;
}

/**
 * The run's steps, or what its only step has gone through, on the time axis of the charts: once above each column of
 * them, from edge to edge of what they draw. A band zooms to its time, and of several steps it chooses which is shown.
 */
export function createRibbon(axis: TimeAxis, choose: (step: string) => void) {
  const press = (band: Band) => {
    const { zoom } = axis;
    const isThere = zoom && "min" in zoom && zoom.min === band.from && zoom.max === band.until;
    if (band.step !== undefined) choose(band.step);
    axis.zoomTo(isThere ? undefined : { min: band.from, max: Math.max(band.until, band.from + 1) });
  };
  const tracks = Array.from({ length: MOST_COLUMNS }, (_, column) => createTrack(column === 0, press));
  const row = h("div", { class: "columns ribbons" }, ...tracks.map(({ node }) => node));
  const says = h("p", { class: "says" });
  const toCome = h("ol", { class: "to-come", "aria-label": t("Steps to come") });
  const waiting = new KeyedList<Waiting>(
    toCome,
    ({ key }) => key,
    () => createWaiting(choose),
  );
  const next = h("div", { class: "next" }, h("span", { class: "dim" }, t("To come:")), toCome);
  const line = h("div", { class: "ribbon-line" }, says, next);
  const node = h("div", { class: "ribbon-part" }, line, row);
  let shown: { view: StepView; samples: readonly Sample[] } | undefined;

  function draw(): void {
    if (!shown) return;
    const { view, samples } = shown;
    const isSteps = view.steps.length > 1;
    const { bands, waiting: later } = isSteps
      ? stepBands(view.steps, view.elapsedMs / 1_000)
      : { bands: stageBands(view, samples), waiting: [] };
    setHidden(node, bands.length === 0 && later.length === 0);
    const placed = placedIn(bands, axis, view.name);
    const label = isSteps ? t("Steps") : t("Parts of the run");
    for (const track of tracks) track.update(placed, label);
    const chosen = bands.find(({ step }) => step !== undefined && step === view.name);
    setText(says, chosen ? `${chosen.name}: ${chosen.says}` : "");
    setHidden(next, later.length === 0);
    setHidden(line, chosen === undefined && later.length === 0);
    waiting.update(later);
  }
  axis.onZoom(draw);

  function update(view: StepView, samples: readonly Sample[]): void {
    shown = { view, samples };
    draw();
  }
  return { node, update };
}

/** Those that are in sight. */
function placedIn(bands: readonly Band[], { span: { min, max } }: TimeAxis, name: string): ShownBand[] {
  const share = (second: number) => Math.min(1, Math.max(0, (second - min) / (max - min)));
  return bands.flatMap((band) => {
    const [from, until] = [share(band.from), share(band.until)];
    if (until <= from) return [];
    const hold = (share(band.hold) - from) / (until - from);
    return [{ band, from, until, hold, isShown: band.step === name }];
  });
}

/** `isFirst`: the others are copies for the eye. */
function createTrack(isFirst: boolean, press: (band: Band) => void) {
  const list = h("ol", { class: "ribbon" });
  list.style.marginLeft = `${PLOT.left}px`;
  list.style.marginRight = `${PLOT.right}px`;
  const node = h("div", isFirst ? {} : { "aria-hidden": "true" }, list);
  const bands = new KeyedList<ShownBand>(
    list,
    ({ band }) => band.key,
    () => createBand(press, isFirst),
  );
  return {
    node,
    update(shown: readonly ShownBand[], label: string): void {
      setAttribute(list, "aria-label", label);
      const lanes = Math.max(1, ...shown.map(({ band }) => band.lane + 1));
      list.style.height = `${lanes * (LANE + BETWEEN) - BETWEEN}px`;
      bands.update(shown);
    },
  };
}

function createBand(press: (band: Band) => void, isFirst: boolean): Drawn<ShownBand> {
  const mark = h("span", { class: "mark", "aria-hidden": "true" });
  const name = h("span", { class: "name" });
  const spoken = h("span", { class: "hidden-text" });
  const measured = h("span", { class: "measured", "aria-hidden": "true" });
  const button = h("button", { type: "button" }, measured, mark, name, spoken);
  if (!isFirst) button.tabIndex = -1;
  const node = h("li", {}, button);
  let shown: Band | undefined;
  button.addEventListener("click", () => shown && press(shown));
  return {
    node,
    update({ band, from, until, hold, isShown }) {
      shown = band;
      setAttribute(node, "data-state", band.state);
      if (band.step !== undefined) setAttribute(button, "aria-pressed", String(isShown));
      node.style.left = `${from * 100}%`;
      node.style.width = `${(until - from) * 100}%`;
      node.style.top = `${band.lane * (LANE + BETWEEN)}px`;
      measured.style.left = `${Math.max(0, hold) * 100}%`;
      setText(mark, band.mark);
      setHidden(mark, band.mark === "");
      setText(name, band.name);
      setText(spoken, band.says ? `, ${band.says}` : "");
      const text = [band.name, band.says].filter(Boolean).join(": ");
      setAttribute(button, "title", t("{0} (click: zoom to it)", text));
    },
  };
}

function createWaiting(choose: (step: string) => void): Drawn<Waiting> {
  const button = h("button", { type: "button", class: "link" });
  const says = h("span", { class: "dim" });
  const node = h("li", {}, button, " ", says);
  let step = "";
  button.addEventListener("click", () => choose(step));
  return {
    node,
    update(waiting) {
      step = waiting.key;
      setText(button, waiting.name);
      setText(says, waiting.says);
    },
  };
}
