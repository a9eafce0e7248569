import { formatDuration } from "../protocol/duration.ts";
import type { PlannedStep } from "./plan.ts";
import { PlanScale } from "./plan-scale.ts";
import type { Moment } from "./times.ts";

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
  const scale = new PlanScale(plan);
  const lines = [
    ...plan.map((step) => laneOf(step, scale)),
    axisOf(plan, scale),
    "",
    ...plan.map(sentenceOf),
    ...(scale.ends.size > 0 ? ["", `${UNKNOWN} as long as its work takes`] : []),
  ];
  return `${lines.map((line) => line.trimEnd()).join("\n")}\n`;
}

function laneOf(step: PlannedStep, scale: PlanScale): string {
  const [from, until] = [columnOf(scale.at(step.begin), scale), columnOf(scale.at(step.end), scale)];
  const cells = Array.from({ length: LANE }, (_, column) => {
    const isIn = column >= Math.min(from, LANE - 1) && column < Math.max(until, from + 1);
    if (!isIn) return " ";
    return cellOf(step, scale, ((column + 0.5) * scale.totalMs) / LANE);
  });
  if (step.mark) cells[Math.min(LANE - 1, from)] = MARK;
  const { load } = step;
  return `${clip(step.name, NAME_WIDTH)} │${cells.join("")}│ ${load ? `${load.value} ${load.unit}` : ""}`;
}

function columnOf(ms: number, { totalMs }: PlanScale): number {
  return Math.round((ms / totalMs) * LANE);
}

function cellOf(step: PlannedStep, scale: PlanScale, ms: number): string {
  const isUnknown = step.lengthMs === undefined && ms >= scale.at(step.hold);
  if (isUnknown) return UNKNOWN;
  const most = Math.max(1, step.load?.value ?? 1, ...step.points.map(({ load }) => load));
  const part = step.points.length > 0 ? loadAt(step, scale, ms) / most : rampAt(step, scale, ms);
  return LEVELS[Math.min(LEVELS.length - 1, Math.max(0, Math.ceil(part * LEVELS.length) - 1))] ?? " ";
}

function loadAt({ points }: PlannedStep, scale: PlanScale, ms: number): number {
  const next = points.findIndex(({ at }) => scale.at(at) >= ms);
  const [a, b] = [points[next - 1], points[next]];
  if (!a || !b) return (b ?? points.at(-1))?.load ?? 0;
  const [from, to] = [scale.at(a.at), scale.at(b.at)];
  return to > from ? a.load + ((b.load - a.load) * (ms - from)) / (to - from) : b.load;
}

/** Of a load whose size is not known, its form. */
function rampAt({ begin, rampMs }: PlannedStep, scale: PlanScale, ms: number): number {
  return rampMs > 0 ? Math.min(1, (ms - scale.at(begin)) / rampMs) : 1;
}

/** Where time is known from: the run's begin, and the ends of steps of unknown length that others follow. */
function axisOf(plan: readonly PlannedStep[], scale: PlanScale): string {
  const cells = Array.from({ length: LANE + LOAD_WIDTH }, () => " ");
  const put = (column: number, text: string) => {
    const isFree = cells
      .slice(Math.max(0, column - 1), column + text.length + 1)
      .every((cell) => cell === " ");
    if (isFree && column + text.length <= cells.length) cells.splice(column, text.length, ...text);
  };
  const bases = [undefined, ...scale.ends.keys()].filter((base) =>
    plan.some(({ begin }) => begin.after === base),
  );
  for (const base of bases)
    put(columnOf(scale.at({ after: base, ms: 0 }), scale), base ? `${base} ends` : "0");
  for (const { begin, end } of plan)
    for (const moment of [begin, end])
      if (moment.ms > 0)
        put(columnOf(scale.at(moment), scale), `${moment.after ? "+" : ""}${writeShort(moment.ms)}`);
  return `${" ".repeat(NAME_WIDTH)}  ${cells.join("")}`.slice(0, WIDTH);
}

/** "terminals: begins when create ends; ramp 1m, hold 10m; 120 connections" */
function sentenceOf({ name, workload, begin, rampMs, holdMs, load, mark }: PlannedStep): string {
  const length = [
    ...(rampMs > 0 ? [`ramp ${writeShort(rampMs)}`] : []),
    ...(holdMs !== undefined ? [`hold ${writeShort(holdMs)}`] : []),
  ].join(", ");
  const parts = [
    mark
      ? `begins ${mark.ms > 0 ? `${writeShort(mark.ms)} into` : "with"} the hold of ${mark.step}`
      : beginText(begin),
    ...(length ? [length] : []),
    ...(load ? [`${load.value} ${load.unit}`] : []),
  ];
  const sentence = `${name}${name === workload ? "" : ` (${workload})`}: ${parts.join("; ")}`;
  return sentence.length > WIDTH ? `${sentence.slice(0, WIDTH - 1)}…` : sentence;
}

function beginText({ after, ms }: Moment): string {
  if (after === undefined) return ms === 0 ? "begins at once" : `begins at ${writeShort(ms)}`;
  return ms === 0 ? `begins when ${after} ends` : `begins ${writeShort(ms)} after the end of ${after}`;
}

/** `10m`, not `10m0s`. */
function writeShort(ms: number): string {
  return formatDuration(ms)
    .replace(/(?<=[hm])0s$/, "")
    .replace(/(?<=h)0m$/, "");
}

function clip(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, width - 1)}…` : text.padEnd(width);
}
