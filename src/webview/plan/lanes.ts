import { t, wordsOf } from "../../l10n/text.ts";
import type { PlanLane } from "../../protocol/plan-page.ts";
import { type Drawn, h, KeyedList, setAttribute, setHidden, setText } from "../dom.ts";
import { type Corner, pathOf, picture, svg } from "./svg.ts";

/** Colours of steps, in the order of the file: those that the charts of a run have. */
const COLOURS = ["blue", "purple", "orange", "green", "yellow"] as const;

export interface ColouredLane extends PlanLane {
  colour: string;
}

export function coloured(lanes: readonly PlanLane[]): ColouredLane[] {
  let next = 0;
  // What puts no load on the deployment is grey.
  return lanes.map((lane) => ({
    ...lane,
    colour: lane.isLoad ? (COLOURS[next++ % COLOURS.length] ?? "blue") : "grey",
  }));
}

/** A lane for each step: its load over the time of the plan, and what the file says of it. */
export function createPlanLanes(reveal: (step: string) => void) {
  const node = h("ol", { class: "plan-lanes", "aria-label": t("Steps") });
  const list = new KeyedList<ColouredLane>(
    node,
    ({ name }) => name,
    () => createLane(reveal),
  );
  return { node, update: (lanes: readonly ColouredLane[]) => list.update(lanes) };
}

function createLane(reveal: (step: string) => void): Drawn<ColouredLane> {
  const name = h("span", { class: "name" });
  const kind = h("span", { class: "kind" });
  const button = h("button", { type: "button", class: "plan-step" }, name, kind);
  const area = svg("path", { class: "area" });
  const edge = svg("path", { class: "edge", "vector-effect": "non-scaling-stroke" });
  const unknown = h("span", { class: "unknown" });
  const mark = h("span", { class: "mark" });
  const track = h("div", { class: "track", "aria-hidden": "true" });
  track.append(picture(area, edge), unknown, mark);
  const sentence = h("p", { class: "sentence" });
  const load = h("span", { class: "load" });
  const node = h("li", {}, button, h("div", { class: "course" }, track, sentence), load);
  let step = "";
  button.addEventListener("click", () => reveal(step));
  return {
    node,
    update(lane) {
      step = lane.name;
      setAttribute(node, "data-colour", lane.colour);
      setAttribute(node, "data-load", String(lane.isLoad));
      setText(name, lane.name);
      setText(kind, lane.kind === lane.name ? "" : lane.kind);
      setAttribute(button, "title", t("Show step {0} in the file", lane.name));
      drawShape(lane, area, edge);
      placeUnknown(unknown, lane);
      setHidden(mark, !lane.isMarked);
      mark.style.left = percent(lane.from);
      setText(sentence, wordsOf(lane.sentence));
      setText(load, lane.load ? wordsOf(lane.load.said) : "");
    },
  };
}

function drawShape(lane: PlanLane, area: SVGPathElement, edge: SVGPathElement): void {
  const { from, until, points, load, unknownFrom } = lane;
  const most = Math.max(load?.value ?? 0, ...points.map((point) => point.load)) || 1;
  const end = unknownFrom ?? until;
  const corners: Corner[] = [
    { at: from, height: 0 },
    ...points.filter(({ at }) => at <= end).map((point) => ({ at: point.at, height: point.load / most })),
  ];
  const last = corners.at(-1)?.height ?? 0;
  const outline = [...corners, { at: end, height: last }, { at: end, height: 0 }];
  setAttribute(area, "d", end > from ? pathOf(outline, true) : "");
  setAttribute(edge, "d", end > from ? pathOf(outline) : "");
}

function placeUnknown(node: HTMLElement, { unknownFrom, until }: PlanLane): void {
  setHidden(node, unknownFrom === undefined);
  node.style.left = percent(unknownFrom ?? 0);
  node.style.width = percent(until - (unknownFrom ?? until));
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(3))}%`;
}
