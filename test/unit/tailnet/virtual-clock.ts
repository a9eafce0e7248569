import type { Clock } from "../../../src/tailnet/clock.ts";

/** Time that passes only when told to: hours of it in a moment, the same way every time. */
export class VirtualClock implements Clock {
  #now = 0;
  #order = 0;
  #timers: { at: number; order: number; run: () => void; gone: boolean }[] = [];

  now(): number {
    return this.#now;
  }

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.#now + Math.max(0, ms), order: this.#order++, run, gone: false };
    // Kept sorted: timers are few, and the next one is asked for all the time.
    let at = this.#timers.length;
    while (at > 0 && (this.#timers[at - 1]?.at ?? 0) > timer.at) at--;
    this.#timers.splice(at, 0, timer);
    return () => {
      timer.gone = true;
    };
  }

  soon(run: () => void): void {
    this.after(0, run);
  }

  get pending(): number {
    return this.#timers.filter((timer) => !timer.gone).length;
  }

  /** Runs timers until the condition holds; false where `limitMs` pass, or nothing is left to happen. */
  runUntil(done: () => boolean, limitMs: number): boolean {
    const end = this.#now + limitMs;
    while (!done()) {
      const next = this.#timers.shift();
      if (!next) return false;
      if (next.gone) continue;
      if (next.at > end) {
        this.#timers.unshift(next);
        this.#now = end;
        return false;
      }
      this.#now = next.at;
      next.run();
    }
    return true;
  }

  run(ms: number): void {
    const end = this.#now + ms;
    this.runUntil(() => false, ms);
    this.#now = end;
  }
}

/** A seeded generator (mulberry32), so that a failing run can be repeated. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
