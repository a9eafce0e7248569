import type { FigureUnit } from "../../protocol/description.ts";

/** Values to pixels, and values that are written beside them. */
export interface Scale {
  at(value: number): number;
  /** Whether it is within what is shown. */
  holds(value: number): boolean;
  ticks: number[];
}

interface Pixels {
  from: number;
  to: number;
}

const MOST_TICKS = 5;
/** Beyond the outermost values, so that no point is on the edge. */
const MARGIN = 1.08;

/** Durations go over orders of magnitude where a level is too much; other figures do not. */
export function scaleFor(unit: FigureUnit | "from_zero", values: readonly number[], pixels: Pixels): Scale {
  return unit === "duration" ? logScale(values, pixels) : linearScale(values, pixels);
}

/** Equal ratios are equally far apart. */
function logScale(values: readonly number[], pixels: Pixels): Scale {
  const positive = values.filter((value) => value > 0);
  const least = Math.min(...positive, Number.MAX_VALUE);
  const [from, to] =
    positive.length === 0 ? [1, 10] : [least / MARGIN, Math.max(...positive, least * 1.5) * MARGIN];
  const place = (value: number) => Math.log(Math.max(value, from) / from) / Math.log(to / from);
  return {
    at: (value) => pixels.from + place(value) * (pixels.to - pixels.from),
    holds: (value) => value >= from && value <= to,
    ticks: fewOf(roundBetween(from, to)),
  };
}

/** From 0: what is in proportion is a straight line. */
export function linearScale(values: readonly number[], pixels: Pixels): Scale {
  const most = Math.max(...values, 0);
  // Where there is nothing but 0, any scale has it at its begin.
  const to = most > 0 ? most * MARGIN : 1;
  const step = stepOf(to);
  const ticks = Array.from({ length: Math.floor(to / step) + 1 }, (_, at) =>
    Number((at * step).toPrecision(12)),
  );
  return {
    at: (value) => pixels.from + (value / to) * (pixels.to - pixels.from),
    holds: (value) => value >= 0 && value <= to,
    ticks,
  };
}

function stepOf(to: number): number {
  const rough = to / MOST_TICKS;
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * ([1, 2, 5, 10].find((part) => part * power >= rough) ?? 10);
}

/** 1, 2 and 5 with their powers of ten. */
function roundBetween(from: number, to: number): number[] {
  const found: number[] = [];
  for (let power = 10 ** Math.floor(Math.log10(from)); power <= to; power *= 10)
    for (const part of [1, 2, 5]) {
      const value = Number((part * power).toPrecision(12));
      if (value >= from && value <= to) found.push(value);
    }
  return found;
}

function fewOf(ticks: readonly number[]): number[] {
  const each = Math.ceil(ticks.length / (MOST_TICKS + 1));
  return ticks.filter((_, at) => at % each === 0);
}
