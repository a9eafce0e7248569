import { BUCKETS, bucketOf, middleOf } from "./buckets.ts";
import type { Sparse } from "./values.ts";

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
    const index = bucketOf(ms * 1_000);
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
  take(): Sparse {
    const filled = this.#filled;
    const us = filled.map(middleOf);
    const counts = filled.map((index) => this.#counts[index] ?? 0);
    for (const index of filled) this.#counts[index] = 0;
    this.#filled = [];
    this.#count = 0;
    return { us, counts };
  }
}
