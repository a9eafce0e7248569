/** A pool of database connections: who finds all of them in use waits for the first that is given back. */
export class ConnectionPool {
  readonly size: number;
  /** Of each connection, when it is given back, in milliseconds of the caller's clock. */
  readonly #freeAt: number[];
  /** How often somebody has waited, and for how long, in seconds. */
  waits = 0;
  waitSeconds = 0;

  constructor(size: number) {
    this.size = size;
    this.#freeAt = new Array<number>(Math.max(1, size)).fill(0);
  }

  /** Takes a connection from `from` on; `work` is told when it has it, and returns when it gives it back, as this does. */
  take(from: number, work: (granted: number) => number): number {
    let first = 0;
    for (let at = 1; at < this.#freeAt.length; at++)
      if ((this.#freeAt[at] ?? 0) < (this.#freeAt[first] ?? 0)) first = at;
    const granted = Math.max(from, this.#freeAt[first] ?? 0);
    if (granted > from) {
      this.waits++;
      this.waitSeconds += (granted - from) / 1_000;
    }
    const end = work(granted);
    this.#freeAt[first] = end;
    return end;
  }

  inUse(now: number): number {
    return this.#freeAt.filter((at) => at > now).length;
  }
}
