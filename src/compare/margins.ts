import type { FigureUnit } from "../protocol/description.ts";

/** From here on a difference is of interest, by what a figure is measured in (docs/scenarios.md, Baselines). */
export interface Margin {
  /** `relative`: to the earlier value, in logarithms. `absolute`: of shares, which are 0 at best. */
  scale: "relative" | "absolute";
  /** A share of the earlier value, or of 1. */
  size: number;
  /** Of durations, milliseconds: below that, a difference is of no interest, however large its share is. */
  least?: number;
}

const DURATION: Margin = { scale: "relative", size: 0.1, least: 1 };
const SHARE: Margin = { scale: "absolute", size: 0.0025 };
const RATE: Margin = { scale: "relative", size: 0.1 };

export function marginOf(unit: FigureUnit): Margin {
  return unit === "duration" ? DURATION : unit === "share" ? SHARE : RATE;
}

/** A change of so many margins has to be visible: where it is not, there is not enough data. */
export const VISIBLE_MARGINS = 2;

/** In so many of all comparisons of equal runs, an alarm may be false: of all figures of a run together. */
export const FALSE_ALARMS = 0.01;

/**
 * By how much a relative figure differs from run to run of the same test, as a standard deviation: what is assumed where
 * no earlier runs say it, and so many looks of them it is worth.
 */
export const ASSUMED_NOISE = 0.02;
export const ASSUMED_LOOKS = 8;
