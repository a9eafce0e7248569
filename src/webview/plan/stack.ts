import type { PlanLane } from "../../protocol/plan-page.ts";

type Shape = Pick<PlanLane, "from" | "until" | "points">;

/** A layer of a stack: its lower and upper edge at each of the places, in the unit of the load. */
export interface Layer {
  lower: readonly number[];
  upper: readonly number[];
}

/** Loads of several steps on each other. A place where a load jumps is there twice. */
export interface Stack {
  at: readonly number[];
  layers: readonly Layer[];
  /** The most of all together at a time. */
  most: number;
}

export function stackOf(shapes: readonly Shape[]): Stack {
  const edges = shapes.flatMap(({ from, until, points }) => [from, until, ...points.map(({ at }) => at)]);
  const places = [...new Set(edges)].sort((a, b) => a - b);
  // Just before a place, and from there on.
  const at = places.flatMap((place) => [place, place]);
  let lower = at.map(() => 0);
  const layers = shapes.map((shape) => {
    const upper = lower.map((base, index) => base + loadAt(shape, at[index] ?? 0, index % 2 === 0));
    const layer = { lower, upper };
    lower = upper;
    return layer;
  });
  return { at, layers, most: Math.max(0, ...lower) };
}

/** Load of a step at a place; `isBefore`: just before it. */
export function loadAt({ from, until, points }: Shape, at: number, isBefore = false): number {
  const isIn = isBefore ? at > from && at <= until : at >= from && at < until;
  if (!isIn) return 0;
  const next = points.findIndex((point) => (isBefore ? point.at >= at : point.at > at));
  const [a, b] = [points[next - 1], points[next]];
  if (!a || !b) return (b ?? points.at(-1))?.load ?? 0;
  return a.load + ((b.load - a.load) * (at - a.at)) / (b.at - a.at);
}
