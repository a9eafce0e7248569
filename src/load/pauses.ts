import { now } from "../measure/clock.ts";
import type { Window } from "./window.ts";

/** When the load was paused: nothing is sent then, and the time counts for nothing. */
export class Pauses {
  #since: number | undefined;
  #over: Window[] = [];
  #wake = new Set<() => void>();

  get isNow(): boolean {
    return this.#since !== undefined;
  }

  begin(at: number): void {
    this.#since ??= at;
  }

  /** @returns the pause that has ended; undefined where there was none */
  end(at: number): Window | undefined {
    if (this.#since === undefined) return undefined;
    const span = { from: this.#since, until: at };
    this.#over.push(span);
    this.#since = undefined;
    for (const wake of [...this.#wake]) wake();
    return span;
  }

  /** The load's clock, which stands still in a pause. */
  clock(): number {
    return this.#since ?? now();
  }

  /** How much of this time was a pause, in milliseconds; the one that goes on is not in it. */
  within({ from, until }: Window): number {
    return this.#over.reduce(
      (sum, one) => sum + Math.max(0, Math.min(one.until, until) - Math.max(one.from, from)),
      0,
    );
  }

  /** Resolves when there is no pause. Rejects with the signal's reason. */
  async over(signal: AbortSignal): Promise<void> {
    while (this.isNow) await this.#end(signal);
  }

  #end(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (act: () => void) => {
        this.#wake.delete(woken);
        signal.removeEventListener("abort", stopped);
        act();
      };
      const woken = () => settle(resolve);
      const stopped = () => settle(() => reject(signal.reason));
      this.#wake.add(woken);
      signal.addEventListener("abort", stopped, { once: true });
      if (signal.aborted) stopped();
    });
  }
}
