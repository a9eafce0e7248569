/** A tick later than this share of its interval, and than MIN_LATE_MS, is late by the generator's fault. */
const LATE_SHARE = 0.05;
const MIN_LATE_MS = 10;

/**
 * Where everything takes long, a little lateness changes nothing: this share of what the fastest group takes at the median is
 * allowed as well. Round trips run from when a message was due, so what was late is part of them, and cannot excuse itself.
 */
const LATE_SHARE_OF_TRIP = 0.1;

/** How late a tick may be sent, in milliseconds: a second in which one in a hundred is later does not count. */
export function lateLimitMs(intervalMs: number): number {
  return Math.max(MIN_LATE_MS, intervalMs * LATE_SHARE);
}

/** The same for one second, by what came back in it: `typicalMs` has the median of each group that had any. */
export function lateLimitOfSecond(limitMs: number, typicalMs: readonly number[]): number {
  return typicalMs.length > 0 ? Math.max(limitMs, LATE_SHARE_OF_TRIP * Math.min(...typicalMs)) : limitMs;
}
