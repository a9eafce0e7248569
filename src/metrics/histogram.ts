import {
  build,
  decodeFromCompressedBase64,
  encodeIntoCompressedBase64,
  type Histogram,
} from "hdr-histogram-js";

export interface Percentiles {
  count: number;
  p50: number;
  p95: number;
  p99: number;
  max: number;
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
    return { count: this.count, p50: at(50), p95: at(95), p99: at(99), max };
  }

  encode(): string {
    return encodeIntoCompressedBase64(this.#histogram);
  }

  static decode(text: string): DurationHistogram {
    return new DurationHistogram(decodeFromCompressedBase64(text));
  }
}
