import { normalQuantile } from "../compare/statistics.ts";

/** How a figure goes from window to window. */
export interface Drift {
  /** By window. */
  slope: number;
  /** The figure at the last window, by the line through all of them. */
  last: number;
  /** How many standard deviations the order of the windows is from what chance makes of it; below 0 they fall. */
  order: number;
}

/**
 * The line through the figures by the medians of their slopes (Theil and Sen), and whether they rise or fall by their
 * order (Mann and Kendall): a bad window or two make no drift of it.
 */
export function driftOf(figures: readonly number[]): Drift {
  const { length } = figures;
  if (length < 3) return { slope: 0, last: figures.at(-1) ?? 0, order: 0 };
  const slopes: number[] = [];
  let rises = 0;
  for (const [at, one] of figures.entries())
    for (let later = at + 1; later < length; later++) {
      const rise = (figures[later] ?? 0) - one;
      slopes.push(rise / (later - at));
      rises += Math.sign(rise);
    }
  const slope = medianOf(slopes);
  const ends = figures.map((one, at) => one + slope * (length - 1 - at));
  const spread = Math.sqrt((length * (length - 1) * (2 * length + 5)) / 18);
  return { slope, last: medianOf(ends), order: (rises - Math.sign(rises)) / spread };
}

/**
 * Whether a figure, past its limit where it is above 0, would be on the other side of it if it went on like this for
 * so many windows. `chance`: the share of figures without a drift that may be taken for it.
 */
export function changesSides(figures: readonly number[], windows: number, chance: number): boolean {
  const { slope, last, order } = driftOf(figures);
  if (Math.abs(order) < normalQuantile(1 - chance / 2)) return false;
  return last > 0 !== last + slope * windows > 0;
}

function medianOf(values: readonly number[]): number {
  const order = values.toSorted((one, other) => one - other);
  const middle = (order.length - 1) / 2;
  return ((order[Math.floor(middle)] ?? 0) + (order[Math.ceil(middle)] ?? 0)) / 2;
}
