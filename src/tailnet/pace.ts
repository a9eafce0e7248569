import type { Clock } from "./clock.ts";

/** A handshake costs 1.5 ms: so many keep a turn of the event loop under 20 ms. */
const AT_A_TIME = 10;

/** Spreads dear work over turns of the event loop, so that traffic is not held up by it. */
export class Pace {
  #clock: Clock;
  #waiting: (() => void)[] = [];
  #running = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(run: () => void): void {
    this.#waiting.push(run);
    if (this.#running) return;
    this.#running = true;
    this.#clock.soon(() => this.#next());
  }

  clear(): void {
    this.#waiting = [];
  }

  #next(): void {
    for (const run of this.#waiting.splice(0, AT_A_TIME)) run();
    this.#running = this.#waiting.length > 0;
    if (this.#running) this.#clock.soon(() => this.#next());
  }
}
