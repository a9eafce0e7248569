/**
 * Milliseconds of one clock that all threads share: `performance.now()` counts from each thread's own begin,
 * and the wall clock jumps.
 */
const base = Number(process.hrtime.bigint()) / 1e6 - performance.now();

export function now(): number {
  return base + performance.now();
}
