/**
 * Milliseconds of one clock that all threads share, and that nobody can step: `performance.now()` counts from each
 * thread's own begin, and the wall clock jumps. Schedules run on it; a machine's sleep is no time of it on Linux.
 */
const base = Number(process.hrtime.bigint()) / 1e6 - performance.now();

export function now(): number {
  return base + performance.now();
}

/** The time of a run: whole seconds are counted from its begin, the same by every thread. */
export class RunClock {
  /** Of `now()`, at the run's begin. */
  readonly zero: number;
  /** Unix milliseconds of the same moment. */
  readonly startedAt: number;

  constructor(zero = now(), startedAt = Date.now()) {
    this.zero = zero;
    this.startedAt = startedAt;
  }

  /** Milliseconds since the run began. */
  get ms(): number {
    return now() - this.zero;
  }

  /** The whole second in which something happens now. */
  get second(): number {
    return Math.floor(this.ms / 1_000);
  }
}
