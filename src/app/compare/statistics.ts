/** Whether two runs differ by more than chance. */

/** Below this share of the earlier value, a difference is of no interest, however certain it is. */
const LEAST_SHARE = 0.05;
/** Two-sided 1 % of the normal distribution. */
const CERTAIN_Z = 2.576;
/** Fewer values than this on either side say nothing. */
const LEAST_VALUES = 8;

export type Judgement = "better" | "worse" | "within noise" | "";

/** By the values of both runs; `x` and `y` are the figures that are shown of them. Empty: nothing can be said. */
export function judgeValues(
  before: readonly number[],
  after: readonly number[],
  x: number,
  y: number,
  good: "less" | "more",
): Judgement {
  if (before.length < LEAST_VALUES || after.length < LEAST_VALUES) return "";
  const small = Math.abs(y - x) < LEAST_SHARE * Math.abs(x);
  if (small || Math.abs(rankSumZ(before, after)) < CERTAIN_Z) return "within noise";
  return y < x === (good === "less") ? "better" : "worse";
}

/** By how many of how many failed; less is better. */
export function judgeShares(
  before: { of: number; count: number },
  after: { of: number; count: number },
): Judgement {
  if (before.of < LEAST_VALUES || after.of < LEAST_VALUES) return "";
  const z = proportionZ(before, after);
  if (Math.abs(z) < CERTAIN_Z) return "within noise";
  return z < 0 ? "better" : "worse";
}

/** Difference of two shares as a number of standard deviations, pooled. */
export function proportionZ(
  before: { of: number; count: number },
  after: { of: number; count: number },
): number {
  const pooled = (before.count + after.count) / (before.of + after.of);
  const deviation = Math.sqrt(pooled * (1 - pooled) * (1 / before.of + 1 / after.of));
  return deviation > 0 ? (after.count / after.of - before.count / before.of) / deviation : 0;
}

/**
 * Mann–Whitney's U as a number of standard deviations, with the correction for ties: whether values of the
 * one run tend to be larger than the other's, whatever their distribution.
 */
export function rankSumZ(a: readonly number[], b: readonly number[]): number {
  const all = [...a.map((value) => ({ value, first: true })), ...b.map((value) => ({ value, first: false }))];
  all.sort((one, other) => one.value - other.value);
  let rankSum = 0;
  let ties = 0;
  for (let from = 0; from < all.length; ) {
    let to = from;
    while (to < all.length && all[to]?.value === all[from]?.value) to++;
    const size = to - from;
    const rank = (from + to + 1) / 2;
    for (let i = from; i < to; i++) if (all[i]?.first) rankSum += rank;
    ties += size ** 3 - size;
    from = to;
  }
  const [n, m, total] = [a.length, b.length, all.length];
  const u = rankSum - (n * (n + 1)) / 2;
  const variance = ((n * m) / 12) * (total + 1 - ties / (total * (total - 1)));
  return variance > 0 ? (u - (n * m) / 2) / Math.sqrt(variance) : 0;
}

export function quantile(values: readonly number[], q: number): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))];
}
