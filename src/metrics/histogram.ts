import {
  build,
  decodeFromCompressedBase64,
  encodeIntoCompressedBase64,
  type Histogram,
} from "hdr-histogram-js";

export const FIGURES = ["p50", "p95", "p99", "max"] as const;
export type Figure = (typeof FIGURES)[number];

/** Milliseconds. */
export interface Percentiles extends Record<Figure, number> {
  /** Of those that ended. */
  count: number;
  /** Of those that ended. */
  mean?: number | undefined;
  /** Those that did not end, or not yet: percentiles are over these and the others together. */
  unfinished?: number | undefined;
  /** Figures that fall among the unfinished: the true value is at least this, "> 60s". */
  atLeast?: Figure[] | undefined;
}

/** What did not end, beside the durations of what did. */
export interface Unfinished {
  /** What will never end, and counts as longer than anything that did: an echo that is lost. */
  never?: number;
  /** Milliseconds that have been waited for the longest of those. */
  waitedMs?: number;
  /** Milliseconds so far of each that still goes on. */
  ages?: Iterable<number>;
}

/**
 * Durations in milliseconds, kept as an HDR histogram of microseconds (three digits, up to a day), from the
 * wire to the report: histograms of seconds, shards and machines add up without loss.
 */
export class DurationHistogram {
  #histogram: Histogram;
  /** Known until something is recorded: whoever watches asks four times a second. */
  #percentiles: Percentiles | undefined;

  constructor(histogram?: Histogram) {
    this.#histogram =
      histogram ??
      build({
        bitBucketSize: 64,
        autoResize: true,
        lowestDiscernibleValue: 1,
        highestTrackableValue: 2 * 1_000_000,
        numberOfSignificantValueDigits: 3,
      });
  }

  record(ms: number): void {
    if (!Number.isFinite(ms)) return;
    this.#percentiles = undefined;
    this.#histogram.recordValue(Math.max(0, Math.round(ms * 1_000)));
  }

  /** A duration in microseconds that was measured `count` times. */
  recordMany(us: number, count: number): void {
    if (count <= 0) return;
    this.#percentiles = undefined;
    this.#histogram.recordValueWithCount(Math.round(us), count);
  }

  add(other: DurationHistogram): void {
    this.#percentiles = undefined;
    this.#histogram.add(other.#histogram);
  }

  reset(): void {
    this.#percentiles = undefined;
    this.#histogram.reset();
  }

  get count(): number {
    return this.#histogram.totalCount;
  }

  /** Milliseconds; all zero where nothing was recorded. */
  percentiles(): Percentiles {
    this.#percentiles ??= this.#measure();
    return this.#percentiles;
  }

  #measure(): Percentiles {
    if (this.count === 0) return { count: 0, p50: 0, p95: 0, p99: 0, max: 0 };
    // A percentile is the upper end of its bucket, which may lie above the largest value in it.
    const max = this.#histogram.maxValue / 1_000;
    const at = (percentile: number) =>
      Math.min(max, this.#histogram.getValueAtPercentile(percentile) / 1_000);
    const mean = this.#histogram.mean / 1_000;
    return { count: this.count, mean, p50: at(50), p95: at(95), p99: at(99), max };
  }

  /**
   * Over all that began: percentiles of what ended alone would be those of survivors. What goes on counts as its age,
   * what will never end as longer than everything else.
   */
  percentilesWith({ never = 0, waitedMs = 0, ages = [] }: Unfinished): Percentiles {
    const open = [...ages];
    if (never + open.length === 0) return this.percentiles();
    const all = open.length > 0 ? this.#with(open) : this;
    const youngest = open.reduce((least, age) => Math.min(least, age), Number.POSITIVE_INFINITY);
    const longest = Math.max(waitedMs, all.percentiles().max);
    const total = all.count + never;
    const atLeast: Figure[] = [];
    const figure = (name: Figure, share: number) => {
      const rank = Math.ceil(share * total - 1e-9);
      const ms = rank > all.count ? longest : all.#atRank(rank);
      if (rank > all.count || youngest <= ms) atLeast.push(name);
      return ms;
    };
    const figures = {
      p50: figure("p50", 0.5),
      p95: figure("p95", 0.95),
      p99: figure("p99", 0.99),
      max: figure("max", 1),
    };
    const { count, mean } = this.percentiles();
    const unfinished = never + open.length;
    const ofEnded = mean === undefined ? { count } : { count, mean };
    return { ...ofEnded, ...figures, unfinished, ...(atLeast.length > 0 ? { atLeast } : {}) };
  }

  #with(more: readonly number[]): DurationHistogram {
    const all = new DurationHistogram();
    all.add(this);
    for (const ms of more) all.record(ms);
    return all;
  }

  /** Milliseconds of the `rank`th smallest, from 1. */
  #atRank(rank: number): number {
    const percentile = ((rank - 0.5) / this.count) * 100;
    const { max } = this.percentiles();
    return Math.min(max, this.#histogram.getValueAtPercentile(percentile) / 1_000);
  }

  encode(): string {
    return encodeIntoCompressedBase64(this.#histogram);
  }

  static decode(text: string): DurationHistogram {
    return new DurationHistogram(decodeFromCompressedBase64(text));
  }
}
