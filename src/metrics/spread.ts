/**
 * How durations spread, in microseconds, for handing over between threads: the buckets of an HDR histogram
 * with three digits, of which only the filled ones travel. Recording is a few instructions and no memory.
 */
export class Spread {
  #counts = new Uint32Array(BUCKETS);
  #filled: number[] = [];
  #count = 0;

  /** Milliseconds; what is negative counts as 0, what is longer than an hour as an hour. */
  record(ms: number): void {
    const us = Math.min(MAX_US, Math.max(0, Math.round(ms * 1_000)));
    const index = indexOf(us);
    const before = this.#counts[index] ?? 0;
    if (before === 0) this.#filled.push(index);
    this.#counts[index] = before + 1;
    this.#count++;
  }

  get count(): number {
    return this.#count;
  }

  /** Milliseconds; 0 where nothing was recorded. `share` is 0.99 for the 99th percentile. */
  percentile(share: number): number {
    if (this.#count === 0) return 0;
    let left = Math.ceil(this.#count * share);
    for (const index of this.#filled.sort((a, b) => a - b)) {
      left -= this.#counts[index] ?? 0;
      if (left <= 0) return middleOf(index) / 1_000;
    }
    return 0;
  }

  /** What was recorded since the last take; it is forgotten here with that. */
  take(): SpreadDelta {
    const filled = this.#filled;
    const us = new Float64Array(filled.length);
    const counts = new Uint32Array(filled.length);
    filled.forEach((index, at) => {
      us[at] = middleOf(index);
      counts[at] = this.#counts[index] ?? 0;
      this.#counts[index] = 0;
    });
    this.#filled = [];
    this.#count = 0;
    return { us, counts };
  }
}

/** Values and how often each was recorded. */
export interface SpreadDelta {
  us: Float64Array;
  counts: Uint32Array;
}

const MAX_US = 3_600_000_000;
/** 2,048 buckets one wide, then 1,024 for each doubling: within 0.1 % of the value. */
const BUCKETS = 2_048 + 21 * 1_024;

function indexOf(us: number): number {
  if (us < 2_048) return us;
  const shift = Math.floor(Math.log2(us)) - 10;
  return 1_024 * shift + Math.floor(us / 2 ** shift);
}

/** The middle of a bucket. */
function middleOf(index: number): number {
  if (index < 2_048) return index;
  const shift = Math.floor(index / 1_024) - 1;
  const from = (index - 1_024 * shift) * 2 ** shift;
  return from + (2 ** shift - 1) / 2;
}
