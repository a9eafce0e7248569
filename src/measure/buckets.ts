/**
 * The buckets in which durations are kept, everywhere: whole microseconds up to 2,048, then 1,024 buckets for each
 * doubling, up to an hour. A value is within 0.1 % of its bucket's middle. Equal buckets add up without loss.
 */
const EXACT = 2_048;
const HALF = EXACT / 2;
/** What is longer counts as an hour. */
export const LONGEST_US = 3_600_000_000;
export const BUCKETS = EXACT + 21 * HALF;

/** Number of the bucket of a duration in microseconds. */
export function bucketOf(us: number): number {
  const value = Math.min(LONGEST_US, Math.max(0, Math.round(us)));
  if (value < EXACT) return value;
  const shift = Math.floor(Math.log2(value)) - 10;
  return HALF * shift + Math.floor(value / 2 ** shift);
}

/** The middle of a bucket, in microseconds. */
export function middleOf(bucket: number): number {
  if (bucket < EXACT) return bucket;
  const shift = Math.floor(bucket / HALF) - 1;
  const from = (bucket - HALF * shift) * 2 ** shift;
  return from + (2 ** shift - 1) / 2;
}
