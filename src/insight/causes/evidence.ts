import type { Evidence } from "../../protocol/bottlenecks.ts";
import type { FigureUnit } from "../../protocol/description.ts";
import { figureKey } from "../../protocol/figure-key.ts";
import { formatFigure } from "../../protocol/format-figure.ts";
import type { Message } from "../../text/message.ts";
import type { Found, Of, Point } from "./rule.ts";

/** One thing that speaks for a cause by itself. */
export interface Reason {
  /** How sure it is, from 0 to 1. */
  strength: number;
  since: number | undefined;
  said: Evidence;
}

export function evidence(of: Of, value: number, text: Message): Evidence {
  return { text, figure: figureKey(of), value };
}

/** A figure as it is written in a line, with as many digits as anybody reads. */
export function written(value: number, unit: FigureUnit): string {
  if (unit === "duration")
    return formatFigure(value >= 10 ? Math.round(value) : Number(value.toPrecision(2)), unit);
  if (unit === "share") return formatFigure(Number(value.toPrecision(2)), unit);
  if (unit === "bytes") return formatFigure(Number(value.toPrecision(3)), unit);
  return formatFigure(value >= 100 ? Math.round(value) : Number(value.toPrecision(2)), unit);
}

export function found(
  strength: number,
  since: number | undefined,
  because: readonly (Evidence | undefined)[],
  counter: readonly (Evidence | undefined)[] = [],
): Found {
  return {
    kind: "found",
    strength: Math.round(Math.min(1, Math.max(0, strength)) * 100) / 100,
    since,
    because: because.filter((one) => one !== undefined),
    counter: counter.filter((one) => one !== undefined),
  };
}

/** When something began: the first look from which on most looks have it, over the next few; else the first that has it. */
export function sinceOf(line: readonly Point[], has: (value: number) => boolean): number | undefined {
  const first = line.findIndex(({ value }, at) => {
    if (!has(value)) return false;
    const next = line.slice(at, at + 4);
    return next.filter((one) => has(one.value)).length * 2 > next.length;
  });
  return (first >= 0 ? line[first] : line.find(({ value }) => has(value)))?.second;
}

/** The earliest of some begins, of which any may not be known. */
export function earliest(begins: readonly (number | undefined)[]): number | undefined {
  const known = begins.filter((one) => one !== undefined);
  return known.length > 0 ? Math.min(...known) : undefined;
}

/** Share of the looks that have it; 0 where nobody looked. */
export function shareOf(line: readonly Point[], has: (value: number) => boolean): number {
  return line.length > 0 ? line.filter(({ value }) => has(value)).length / line.length : 0;
}

/** 0 at `from` and below, 1 at `to` and above. */
export function between(value: number, from: number, to: number): number {
  return Math.min(1, Math.max(0, (value - from) / (to - from)));
}
