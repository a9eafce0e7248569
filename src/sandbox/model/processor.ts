/**
 * Cores that serve work first come, first served, on a virtual budget: how long a piece of work takes
 * follows from what was asked of them before, not from how busy this machine is. Latency grows and
 * throughput flattens at `cores` seconds of work a second, as at a real server.
 */
export class Processor {
  readonly cores: number;
  /** When each core is free again, in milliseconds of the caller's clock. */
  readonly #freeAt: number[];
  /** Cores' worth of work that goes on beside the queue: builds. */
  #background = 0;
  /** Milliseconds of work taken so far. */
  #workMs = 0;

  constructor(cores: number) {
    this.cores = cores;
    this.#freeAt = new Array<number>(Math.max(1, Math.ceil(cores))).fill(0);
  }

  /** Takes a piece of work; returns when it is done. */
  take(now: number, workMs: number): number {
    this.#workMs += workMs;
    let core = 0;
    for (let at = 1; at < this.#freeAt.length; at++) {
      if ((this.#freeAt[at] ?? 0) < (this.#freeAt[core] ?? 0)) core = at;
    }
    const begin = Math.max(now, this.#freeAt[core] ?? 0);
    const end = begin + workMs * this.#slowdown();
    this.#freeAt[core] = end;
    return end;
  }

  /**
   * Work that is spread over a time of its own, such as a build: it takes a share of the cores for as long.
   * Returns by what factor it is stretched where the cores cannot give it all.
   */
  beginBackground(cores: number): number {
    this.#background += cores;
    return Math.max(1, this.#background / this.cores);
  }

  endBackground(cores: number): void {
    this.#background = Math.max(0, this.#background - cores);
  }

  /** Milliseconds of work that have been asked of it, done or not. */
  get workMs(): number {
    return this.#workMs;
  }

  /** Milliseconds of work that it has done by now: what still waits for a core has taken none. */
  doneMs(now: number): number {
    const waiting = this.#freeAt.reduce((sum, at) => sum + Math.max(0, at - now), 0);
    return Math.max(0, this.#workMs - waiting / this.#slowdown());
  }

  /** What is left for the queue; never nothing, since a real scheduler starves nobody for good. */
  #slowdown(): number {
    const left = Math.max(this.cores * 0.05, this.cores - this.#background);
    return this.#freeAt.length / left;
  }
}
