import type { RunClock } from "../../measure/clock.ts";
import type { Window } from "../../measure/seconds.ts";

/** Where durations and failures of jobs are recorded. */
export interface JobRecorder {
  duration(metric: string, ms: number, placed: { window: Window }): void;
  never(metric: string, waitedMs: number, placed: { window: Window }): void;
  share(metric: string, n: number, of: number, window: Window): void;
}

/** A duration that was longer by so much of it than it should have been, by our own fault, is left out. */
const LATE_SHARE = 0.05;

/**
 * What jobs measure. Where this process was late while something was under way, what it timed itself is left out with the
 * seconds that do not count; what the deployment has timed stays.
 */
export class JobMeasures {
  readonly #clock: Pick<RunClock, "ms">;
  readonly #recorder: JobRecorder;
  /** How late this process was between two times of the run, in milliseconds. */
  readonly #lateBetween: (from: number, until: number) => number;

  constructor(
    clock: Pick<RunClock, "ms">,
    recorder: JobRecorder,
    lateBetween: (from: number, until: number) => number,
  ) {
    this.#clock = clock;
    this.#recorder = recorder;
    this.#lateBetween = lateBetween;
  }

  /** Timed by this process; it ended `agoMs` ago. */
  own(metric: string, ms: number, agoMs = 0): void {
    this.#recorder.duration(metric, ms, { window: this.#windowOf(ms, agoMs) });
  }

  /** Timed by the deployment itself. */
  server(metric: string, ms: number): void {
    this.#recorder.duration(metric, ms, { window: "measured" });
  }

  /** It will not end any more, and was waited for so long. */
  never(metric: string, waitedMs: number): void {
    this.#recorder.never(metric, waitedMs, { window: this.#windowOf(waitedMs, 0) });
  }

  /** A job that was begun at that time of the run. One that failed beside our own standing still proves nothing. */
  ended(failed: boolean, begunAt: number): void {
    const isOurs = failed && this.#lateBetween(begunAt, this.#clock.ms) > 0;
    this.#recorder.share("failures", failed ? 1 : 0, 1, isOurs ? "spoiled" : "measured");
  }

  #windowOf(ms: number, agoMs: number): Window {
    const until = this.#clock.ms - agoMs;
    return this.#lateBetween(until - ms, until) > LATE_SHARE * ms ? "spoiled" : "measured";
  }
}
