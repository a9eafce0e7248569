import { formatDuration } from "../../protocol/duration.ts";

/** A tick later than this share of its interval, and than MIN_LATE_MS, is late by the generator's fault. */
const LATE_SHARE = 0.05;
const MIN_LATE_MS = 10;
/** So many seconds in a row, and the figures are not to be trusted. */
const LATE_SECONDS = 5;

export function lateLimitMs(intervalMs: number): number {
  return Math.max(MIN_LATE_MS, intervalMs * LATE_SHARE);
}

/** Whether the generator itself kept up, told by what its shards say of themselves. */
export class Honesty {
  #limitMs: number;
  #lateSeconds = new Map<number, number>();
  #worstMs = 0;
  #lateFor = 0;
  #skipped = 0;

  /** `limitMs`: how late a tick may be, see lateLimitMs. */
  constructor(limitMs: number) {
    this.#limitMs = limitMs;
  }

  /** A second of a shard, within the measured part. */
  second(shard: number, latenessP99Ms: number, skipped: number): void {
    this.#skipped += skipped;
    const late = latenessP99Ms > this.#limitMs ? (this.#lateSeconds.get(shard) ?? 0) + 1 : 0;
    this.#lateSeconds.set(shard, late);
    this.#lateFor = Math.max(this.#lateFor, late);
    if (late > 0) this.#worstMs = Math.max(this.#worstMs, latenessP99Ms);
  }

  /** undefined where the figures may be trusted. */
  get invalid(): string | undefined {
    if (this.#skipped > 0)
      return `generator saturated: ${this.#skipped} messages were not sent because this machine came too late for them`;
    if (this.#lateFor < LATE_SECONDS) return undefined;
    const worst = formatDuration(this.#worstMs);
    return `generator saturated: messages were sent up to ${worst} late (99th percentile) for ${this.#lateFor} seconds in a row, and ${formatDuration(this.#limitMs)} is allowed`;
  }
}
