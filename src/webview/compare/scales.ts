import type { FigureUnit } from "../../protocol/description.ts";
import { linearScale, type Scale, scaleFor } from "../limit/scale.ts";
import { timeTicks } from "../time/time-axis.ts";

interface Pixels {
  from: number;
  to: number;
}

/** More than so many times the smallest: equal ratios are equally far apart. */
const MOST_LINEAR = 30;
const NARROW = 60;

/** Values that go up from 0; durations that go over orders of magnitude by their ratios. */
export function valueScale(unit: FigureUnit, values: readonly number[], pixels: Pixels): Scale {
  return isWide(unit, values) ? scaleFor(unit, values, pixels) : linearScale(values, pixels);
}

/** Of durations from left to right: from about the smallest on, so that curves have the whole width. */
export function durationScale(values: readonly number[], pixels: Pixels): Scale {
  if (isWide("duration", values)) return scaleFor("duration", values, pixels);
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const room = Math.max(1, (most - least) * 0.05);
  const [from, to] = [Math.max(0, least - room), most + room];
  return linearBetween(from, to, pixels, ticksBetween(from, to, Math.abs(pixels.to - pixels.from) / NARROW));
}

/** Seconds from the begin of a step. */
export function timeScale(seconds: number, pixels: Pixels): Scale {
  const to = Math.max(1, seconds);
  return linearBetween(0, to, pixels, timeTicks({ min: 0, max: to }, pixels.to - pixels.from, NARROW));
}

/** Shares from 0 to 1. */
export function shareScale(pixels: Pixels): Scale {
  return linearBetween(0, 1, pixels, [0, 0.25, 0.5, 0.75, 1]);
}

function isWide(unit: FigureUnit, values: readonly number[]): boolean {
  const positive = values.filter((value) => value > 0);
  return unit === "duration" && Math.max(...positive) > MOST_LINEAR * Math.min(...positive);
}

function linearBetween(from: number, to: number, pixels: Pixels, ticks: number[]): Scale {
  return {
    at: (value) => pixels.from + ((value - from) / (to - from)) * (pixels.to - pixels.from),
    holds: (value) => value >= from && value <= to,
    ticks,
  };
}

/** Round values, at most about so many. */
function ticksBetween(from: number, to: number, most: number): number[] {
  const rough = (to - from) / Math.max(1, Math.min(most, 8));
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((part) => part * power >= rough) ?? 10);
  const first = Math.ceil(from / step);
  const count = Math.floor(to / step) - first + 1;
  return Array.from({ length: Math.max(0, count) }, (_, at) => Number(((first + at) * step).toPrecision(12)));
}
