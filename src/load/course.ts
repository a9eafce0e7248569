import { now } from "../measure/clock.ts";
import { unlessAborted } from "../protocol/abort.ts";
import { Pauses } from "./pauses.ts";
import { movedBy, type Window } from "./window.ts";

/**
 * For the message with a window to reach every place before the window begins, on a busy machine too: what is due before
 * it has come is not measured.
 */
const LEAD_MS = 250;

/** Waits for a number of arrivals. */
class Barrier {
  #missing: number;
  #resolve: () => void = () => undefined;
  readonly passed: Promise<void>;

  constructor(count: number) {
    this.#missing = count;
    this.passed = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  arrive(): void {
    if (--this.#missing <= 0) this.#resolve();
  }
}

export interface CourseOptions {
  jobs: number;
  /** All of them at the same time; else each has a window of its own. */
  together: boolean;
  connections: number;
  rampMs: number;
  warmUpMs: number;
  durationMs: number;
}

/**
 * The course of a load: all jobs get ready; connections open, spread over the ramp; when all are open
 * (or have failed) the warm-up begins, and then the measured part, for all at the same moment. A pause holds all of
 * that where it is.
 */
export class Course {
  #options: CourseOptions;
  #ready: Barrier;
  #opened: Barrier;
  #rampFrom: number | undefined;
  #window: Window | undefined;
  /** Each that was given away: a pause moves all of them. */
  #windows: Window[] = [];
  readonly pauses = new Pauses();
  /** Earliest begin and latest end of all windows so far. */
  measured: Window | undefined;
  onWindow: (window: Window) => void = () => undefined;

  constructor(options: CourseOptions) {
    this.#options = options;
    this.#ready = new Barrier(options.jobs);
    this.#opened = new Barrier(options.jobs);
  }

  /** A job is ready to open connections, or will never be. */
  readyOrNot(): void {
    this.#ready.arrive();
  }

  /** A job has opened its connections, or will open no more. */
  openedOrNot(): void {
    this.#opened.arrive();
  }

  /** Holds the ramp where it is, and the end of all windows, until `resume`. */
  pause(at: number): void {
    this.pauses.begin(at);
  }

  /** @returns the pause; undefined where there was none */
  resume(at: number): Window | undefined {
    const pause = this.pauses.end(at);
    if (!pause) return undefined;
    if (this.#rampFrom !== undefined) this.#rampFrom += pause.until - pause.from;
    for (const window of this.#windows) movedBy(window, pause);
    if (this.measured) movedBy(this.measured, pause);
    return pause;
  }

  /** Resolves when the connection's turn in the ramp has come. Rejects with the signal's reason. */
  async turn(connection: number, signal: AbortSignal): Promise<void> {
    const { together, connections, rampMs } = this.#options;
    if (together) await unlessAborted(this.#ready.passed, signal);
    await this.pauses.over(signal);
    this.#rampFrom ??= now();
    if (rampMs === 0 || !together) return;
    for (;;) {
      const turn = this.#rampFrom + (connection / connections) * rampMs;
      if (turn <= now()) return;
      await sleepUntil(turn, signal);
      await this.pauses.over(signal);
    }
  }

  /** Resolves with the job's measured part, which pauses move. Rejects with the signal's reason. */
  async window(signal: AbortSignal): Promise<Window> {
    if (this.#options.together) await unlessAborted(this.#opened.passed, signal);
    await this.pauses.over(signal);
    if (!this.#options.together) return this.#plan();
    this.#window ??= this.#plan();
    return this.#window;
  }

  /** How much of a stretch of time is of the measured part, without pauses, in milliseconds. */
  measuredWithin({ from, until }: Window): number {
    if (!this.measured) return 0;
    const span = {
      from: Math.max(from, this.measured.from),
      until: Math.min(until, this.measured.until, this.pauses.clock()),
    };
    return span.until <= span.from ? 0 : span.until - span.from - this.pauses.within(span);
  }

  /** The load ends before its time: what comes after that is not of the measured part. Harmless to repeat. */
  cut(at: number): void {
    if (this.measured) this.measured.until = Math.min(this.measured.until, at);
  }

  #plan(): Window {
    const { warmUpMs, durationMs, rampMs, together } = this.#options;
    const ramped = together ? (this.#rampFrom ?? now()) + rampMs : now();
    const from = Math.max(now() + LEAD_MS, ramped) + warmUpMs;
    const window = { from, until: from + durationMs };
    this.#windows.push(window);
    this.measured = {
      from: Math.min(this.measured?.from ?? from, from),
      until: Math.max(this.measured?.until ?? 0, window.until),
    };
    this.onWindow(this.measured);
    return window;
  }
}

function sleepUntil(time: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(
      () => {
        signal.removeEventListener("abort", stop);
        resolve();
      },
      Math.max(0, time - now()),
    );
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
  });
}
