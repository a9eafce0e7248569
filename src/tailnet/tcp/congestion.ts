/** RFC 6928. */
const INITIAL_SEGMENTS = 10;
/**
 * Lowest window that a single loss leads to. The way to the agent is two reliable streams through the relay:
 * nothing on it is lost by chance, only where a queue of 512 packets overflows, and a flow of 16 segments
 * does not fill that. Persistent loss still closes the window, by way of the timer.
 */
const LEAST_AFTER_LOSS = 16;
/** Part of the window that is kept at a loss (CUBIC's choice, RFC 9438). */
const KEPT = 0.7;
const MAX_WINDOW = 1024 * 1024;

/** How many bytes may be on their way: slow start, then one segment more a round trip; in bytes. */
export class Congestion {
  #mss: number;
  #threshold = Number.POSITIVE_INFINITY;
  window: number;

  constructor(mss: number) {
    this.#mss = mss;
    this.window = INITIAL_SEGMENTS * mss;
  }

  /** `limiting`: the window was what kept more from being sent. One that is not used must not grow. */
  acknowledged(bytes: number, limiting: boolean): void {
    if (!limiting) return;
    const step =
      this.window < this.#threshold
        ? bytes
        : Math.max(1, (this.#mss * Math.min(bytes, this.window)) / this.window);
    this.window = Math.min(MAX_WINDOW, this.window + step);
  }

  /** Once for each round trip in which something was lost. */
  lost(inFlight: number): void {
    const used = Math.max(inFlight, 2 * this.#mss);
    this.#threshold = Math.max(KEPT * used, LEAST_AFTER_LOSS * this.#mss);
    this.window = this.#threshold;
  }

  /** Nothing came back in time. */
  timedOut(inFlight: number): void {
    this.#threshold = Math.max(inFlight / 2, 2 * this.#mss);
    this.window = this.#mss;
  }
}
