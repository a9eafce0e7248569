const STEPS = 24;

/** Percentiles of one second: how many it is of, and values by their share of these, the smallest share first. */
export interface SecondPercentiles {
  count: number;
  /** One for each of the shares. */
  values: readonly number[];
}

/**
 * A percentile of several seconds together, by the percentiles of each: between two that are known, its values are
 * taken to lie evenly. The mean of percentiles is none, and the histograms are not here.
 */
export function mergedPercentile(
  seconds: readonly SecondPercentiles[],
  shares: readonly number[],
  share: number,
): number | null {
  let [count, high] = [0, 0];
  for (const second of seconds) {
    count += second.count;
    high = Math.max(high, second.values.at(-1) ?? 0);
  }
  if (count === 0) return null;
  let low = 0;
  for (let step = 0; step < STEPS; step++) {
    const middle = (low + high) / 2;
    let below = 0;
    for (const second of seconds) below += second.count * shareBelow(second.values, shares, middle);
    if (below < share * count) low = middle;
    else high = middle;
  }
  return high;
}

function shareBelow(values: readonly number[], shares: readonly number[], value: number): number {
  let [from, fromShare] = [0, 0];
  for (let index = 0; index < values.length; index++) {
    const to = values[index] ?? 0;
    const toShare = shares[index] ?? 1;
    if (value < to) return fromShare + ((toShare - fromShare) * (value - from)) / (to - from);
    [from, fromShare] = [to, toShare];
  }
  return 1;
}
