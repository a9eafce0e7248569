/** Whether a difference is more than noise. Everything here is plain arithmetic: no chance, no clock. */

/** An estimate's variance, and of how many independent looks that is known. */
export interface Variance {
  value: number;
  /** Degrees of freedom; infinite where the variance is known by itself, as that of a count. */
  freedom: number;
}

/** What is left of an autocorrelation at most: of a few blocks it is known badly. */
const MOST_CORRELATED = 0.7;

/**
 * Of the mean of blocks that follow each other. Blocks of one run are no independent samples: what a block has in common
 * with the next makes the variance larger, and the degrees of freedom fewer.
 */
export function varianceOfMean(blocks: readonly number[]): Variance {
  const { length } = blocks;
  if (length < 2) return { value: Number.POSITIVE_INFINITY, freedom: 1 };
  const mean = blocks.reduce((sum, one) => sum + one, 0) / length;
  const rests = blocks.map((one) => one - mean);
  const squares = rests.reduce((sum, one) => sum + one * one, 0);
  if (squares === 0) return { value: 0, freedom: length - 1 };
  const products = rests.slice(1).reduce((sum, one, at) => sum + one * (rests[at] ?? 0), 0);
  // Of few blocks, the plain estimate is too low (Kendall's correction).
  const estimate = (length * (products / squares) + 1) / Math.max(1, length - 3);
  const correlation = Math.min(MOST_CORRELATED, Math.max(0, estimate));
  const inflation = (1 + correlation) / (1 - correlation);
  return {
    value: (squares / (length - 1) / length) * inflation,
    freedom: Math.max(2, Math.min(length - 1, looksIn(rests)) / inflation),
  };
}

/** Where a few blocks hold all of the difference, it is no better known than by those few: by the blocks' kurtosis. */
function looksIn(rests: readonly number[]): number {
  const squares = rests.reduce((sum, one) => sum + one ** 2, 0);
  const fourths = rests.reduce((sum, one) => sum + one ** 4, 0);
  const kurtosis = (rests.length * fourths) / squares ** 2;
  return kurtosis > 1 ? (2 * rests.length) / (kurtosis - 1) : rests.length;
}

/** The sum of independent variances, with Welch's and Satterthwaite's degrees of freedom. */
export function sumOfVariances(parts: readonly Variance[]): Variance {
  const value = parts.reduce((sum, part) => sum + part.value, 0);
  if (value === 0) return { value, freedom: Math.min(...parts.map(({ freedom }) => freedom)) };
  const weights = parts.reduce((sum, part) => sum + part.value ** 2 / part.freedom, 0);
  return { value, freedom: weights > 0 ? value ** 2 / weights : Number.POSITIVE_INFINITY };
}

/**
 * What is assumed of a variance, and what was seen of it, together. Where more was seen, the assumption counts for less:
 * it was wrong.
 */
export function pooledVariance(assumed: Variance, seen: Variance): Variance {
  const weight = assumed.freedom * (seen.value > assumed.value ? assumed.value / seen.value : 1);
  const freedom = weight + seen.freedom;
  return { value: (assumed.value * weight + seen.value * seen.freedom) / freedom, freedom };
}

export function sampleVariance(values: readonly number[]): Variance {
  const mean = values.reduce((sum, one) => sum + one, 0) / values.length;
  const squares = values.reduce((sum, one) => sum + (one - mean) ** 2, 0);
  return { value: squares / (values.length - 1), freedom: values.length - 1 };
}

/**
 * The largest value that a chi-square by its degrees of freedom takes by chance in `share` of all cases (Wilson and
 * Hilferty): a variance that is so many times larger than it should be is no chance.
 */
export function chanceRatio(freedom: number, share: number): number {
  const spread = 2 / (9 * freedom);
  return Math.max(1, (1 - spread + normalQuantile(share) * Math.sqrt(spread)) ** 3);
}

/** The probability of a larger value than `t` by Student's distribution. */
export function studentTail(t: number, freedom: number): number {
  if (t < 0) return 1 - studentTail(-t, freedom);
  if (freedom > 1e6) return normalTail(t);
  return incompleteBeta(freedom / (freedom + t * t), freedom / 2, 0.5) / 2;
}

/** The value that is exceeded with this probability. */
export function studentQuantile(tail: number, freedom: number): number {
  return bisect((t) => studentTail(t, freedom) > tail, 0, 1e4);
}

/** The value below which `share` of a normal distribution lies. */
export function normalQuantile(share: number): number {
  if (share < 0.5) return -normalQuantile(1 - share);
  return bisect((z) => normalTail(z) > 1 - share, 0, 40);
}

/** Where a condition that holds first holds no more. */
function bisect(holds: (x: number) => boolean, from: number, until: number): number {
  let [low, high] = [from, until];
  for (let step = 0; step < 80; step++) {
    const middle = (low + high) / 2;
    if (holds(middle)) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Upper tail of the normal distribution, by the upper incomplete gamma of a half. */
function normalTail(z: number): number {
  if (z < 0) return 1 - normalTail(-z);
  // As the limit of Student's: exact to far more digits than anything here is known by.
  return incompleteBeta(1e7 / (1e7 + z * z), 5e6, 0.5) / 2;
}

/** Regularized, by its continued fraction (Lentz). */
function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a);
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x));
  return (front * betaFraction(x, a, b)) / a;
}

const TINY = 1e-300;

function betaFraction(x: number, a: number, b: number): number {
  const safe = (value: number) => (Math.abs(value) < TINY ? TINY : value);
  let c = 1;
  let d = 1 / safe(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m < 500; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / safe(1 + even * d);
    c = safe(1 + even / c);
    fraction *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / safe(1 + odd * d);
    c = safe(1 + odd / c);
    fraction *= d * c;
    if (Math.abs(d * c - 1) < 1e-12) break;
  }
  return fraction;
}

/** Lanczos' approximation. */
function logGamma(x: number): number {
  const factors = [
    76.18009172947146, -86.50532032941678, 24.01409824083091, -1.231739572450155, 0.001208650973866179,
    -0.000005395239384953,
  ];
  const t = x + 5.5;
  const sum = factors.reduce((all, factor, at) => all + factor / (x + 1 + at), 1.000000000190015);
  return (x + 0.5) * Math.log(t) - t + Math.log((2.5066282746310007 * sum) / x);
}

/**
 * Holm's procedure: which of several probabilities are no chance, so that in `level` of all cases at most a single one is
 * called that by mistake.
 */
export function holm(tails: readonly number[], level: number): boolean[] {
  const order = tails.map((tail, at) => ({ tail, at })).sort((one, other) => one.tail - other.tail);
  const rejected = tails.map(() => false);
  for (const [rank, { tail, at }] of order.entries()) {
    if (tail > level / (tails.length - rank)) break;
    rejected[at] = true;
  }
  return rejected;
}
