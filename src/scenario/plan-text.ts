import type { PlanLane, PlanPicture } from "../protocol/plan-page.ts";
import { english } from "../text/message.ts";
import type { PlannedStep } from "./plan.ts";
import { planPicture } from "./plan-picture.ts";

const WIDTH = 100;
const NAME_WIDTH = 16;
const LOAD_WIDTH = 18;
const LANE = WIDTH - NAME_WIDTH - LOAD_WIDTH - 4;
const LEVELS = [..."▁▂▃▄▅▆▇█"];
/** A part whose length nobody knows. */
const UNKNOWN = "░";
const MARK = "▼";

/** A picture of a plan in lines of at most 100 columns: a lane for each step, then what is known of each. */
export function planText(plan: readonly PlannedStep[]): string {
  if (plan.length === 0) return "";
  const { lanes, ticks } = planPicture(plan);
  const lines = [
    ...lanes.map(laneOf),
    axisOf(ticks),
    "",
    ...plan.map(({ name, workload }, at) => sentenceOf(name, workload, lanes[at])),
    ...(lanes.some(({ unknownFrom }) => unknownFrom !== undefined)
      ? ["", `${UNKNOWN} as long as its work takes`]
      : []),
  ];
  return `${lines.map((line) => line.trimEnd()).join("\n")}\n`;
}

function laneOf(lane: PlanLane): string {
  const [from, until] = [columnOf(lane.from), columnOf(lane.until)];
  const cells = Array.from({ length: LANE }, (_, column) => {
    const isIn = column >= Math.min(from, LANE - 1) && column < Math.max(until, from + 1);
    return isIn ? cellOf(lane, (column + 0.5) / LANE) : " ";
  });
  if (lane.isMarked) cells[Math.min(LANE - 1, from)] = MARK;
  return `${clip(lane.name, NAME_WIDTH)} │${cells.join("")}│ ${lane.load ? english(lane.load.said) : ""}`;
}

function columnOf(share: number): number {
  return Math.round(share * LANE);
}

function cellOf({ points, load: full, unknownFrom }: PlanLane, at: number): string {
  if (unknownFrom !== undefined && at >= unknownFrom) return UNKNOWN;
  const most = Math.max(1, full?.value ?? 1, ...points.map(({ load }) => load));
  const part = loadAt(points, at) / most;
  return LEVELS[Math.min(LEVELS.length - 1, Math.max(0, Math.ceil(part * LEVELS.length) - 1))] ?? " ";
}

function loadAt(points: PlanLane["points"], at: number): number {
  const next = points.findIndex((point) => point.at >= at);
  const [a, b] = [points[next - 1], points[next]];
  if (!a || !b) return (b ?? points.at(-1))?.load ?? 0;
  return b.at > a.at ? a.load + ((b.load - a.load) * (at - a.at)) / (b.at - a.at) : b.load;
}

function axisOf(ticks: PlanPicture["ticks"]): string {
  const cells = Array.from({ length: LANE + LOAD_WIDTH }, () => " ");
  for (const { at, said } of ticks) {
    const [column, text] = [columnOf(at), english(said)];
    const isFree = cells
      .slice(Math.max(0, column - 1), column + text.length + 1)
      .every((cell) => cell === " ");
    if (isFree && column + text.length <= cells.length) cells.splice(column, text.length, ...text);
  }
  return `${" ".repeat(NAME_WIDTH)}  ${cells.join("")}`.slice(0, WIDTH);
}

/** "terminals: begins when create ends; ramp 1m, hold 10m; 120 connections" */
function sentenceOf(name: string, workload: string, lane: PlanLane | undefined): string {
  const says = [lane?.sentence, lane?.load?.said].flatMap((one) => (one ? english(one) : [])).join("; ");
  const sentence = `${name}${name === workload ? "" : ` (${workload})`}: ${says}`;
  return sentence.length > WIDTH ? `${sentence.slice(0, WIDTH - 1)}…` : sentence;
}

function clip(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, width - 1)}…` : text.padEnd(width);
}
