import type { Timers } from "../timers.ts";

/** Passes things on at times of their own, in their order: one timer for all that wait. */
export class DelayLine {
  readonly #timers: Timers;
  readonly #late: (ms: number) => void;
  readonly #waiting: { at: number; run: () => void }[] = [];
  #head = 0;
  #armed = false;

  constructor(timers: Timers, late: (ms: number) => void) {
    this.#timers = timers;
    this.#late = late;
  }

  /** `at` by `performance.now()`; never before what was put in earlier. */
  push(at: number, run: () => void): void {
    this.#waiting.push({ at, run });
    this.#arm();
  }

  #arm(): void {
    const next = this.#waiting[this.#head];
    if (this.#armed || !next) return;
    this.#armed = true;
    this.#timers.after(Math.max(0, next.at - performance.now()), () => {
      this.#armed = false;
      this.#pass();
      this.#arm();
    });
  }

  #pass(): void {
    const now = performance.now();
    for (let next = this.#waiting[this.#head]; next && next.at <= now; next = this.#waiting[this.#head]) {
      this.#head++;
      this.#late(now - next.at);
      next.run();
    }
    if (this.#head > 1_024 && this.#head * 2 > this.#waiting.length) {
      this.#waiting.splice(0, this.#head);
      this.#head = 0;
    }
  }
}
