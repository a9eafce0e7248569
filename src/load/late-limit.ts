/** A tick later than this share of its interval, and than MIN_LATE_MS, is late by the generator's fault. */
const LATE_SHARE = 0.05;
const MIN_LATE_MS = 10;

/** How late a tick may be sent, in milliseconds: a second in which one in a hundred is later does not count. */
export function lateLimitMs(intervalMs: number): number {
  return Math.max(MIN_LATE_MS, intervalMs * LATE_SHARE);
}
