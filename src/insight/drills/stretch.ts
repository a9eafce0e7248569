import type { DrillLine } from "../../protocol/drill.ts";
import type { Message } from "../../text/message.ts";
import type { Of, Point, RunView } from "../causes/rule.ts";

/** Seconds of a run: `until` is not among them. */
export interface Stretch {
  from: number;
  until: number;
}

export function pointsIn(line: readonly Point[], { from, until }: Stretch): Point[] {
  return line.filter(({ second }) => second >= from && second < until);
}

export function sumIn(line: readonly Point[], stretch: Stretch): number {
  return pointsIn(line, stretch).reduce((sum, { value }) => sum + value, 0);
}

/** undefined where nothing was measured in it. */
export function mostIn(line: readonly Point[], stretch: Stretch): number | undefined {
  const points = pointsIn(line, stretch);
  return points.length > 0 ? Math.max(...points.map(({ value }) => value)) : undefined;
}

export const meanAndCount = (metric: string): readonly [Of, Of] => [
  { metric, figure: "mean" },
  { metric, figure: "count" },
];

/** Of all durations of these metrics in a stretch, each counts as often as it was measured. */
export function meanIn(view: RunView, metrics: readonly string[], stretch: Stretch): number | undefined {
  let [sum, count] = [0, 0];
  for (const metric of metrics) {
    const [mean, counts] = meanAndCount(metric);
    const bySecond = new Map(view.line(counts).map(({ second, value }) => [second, value]));
    for (const { second, value } of pointsIn(view.line(mean), stretch)) {
      const n = bySecond.get(second) ?? 0;
      sum += n * value;
      count += n;
    }
  }
  return count > 0 ? sum / count : undefined;
}

/**
 * When it was done: by the program of the run that began last before the deployment shows it, `reachS` before that at most;
 * else when it shows.
 */
export function momentOf({ programs }: RunView, shownAt: number, reachS: number): number {
  // What shows within a second is told as that second's begin.
  const program = programs.findLast(({ from }) => from < shownAt + 1 && shownAt - from <= reachS);
  return program ? Math.floor(program.from) : shownAt;
}

export function lineOf(what: Message, promised: DrillLine["seen"], seen: DrillLine["seen"]): DrillLine {
  return { what, promised, seen };
}

/** What is promised, or seen: in words, and as a number where there is one. */
export function side(text: Message, value: number | null = null): DrillLine["seen"] {
  return { text, value };
}
