/** Opens a called-for connection; resolves when it is open or has failed. */
type Open = (connections: number) => Promise<unknown>;

/**
 * How many connections a search has come to: no more are opened than its levels have used so far. Those that are open
 * stay so when a level goes down.
 */
export class Growth {
  #connections: number;
  #opening = 0;
  readonly #jobs = new Set<Open>();

  constructor(first: number) {
    this.#connections = first;
  }

  get connections(): number {
    return this.#connections;
  }

  /** All that the level uses are open, or have failed to. */
  get isReached(): boolean {
    return this.#opening === 0;
  }

  to(connections: number): void {
    if (connections <= this.#connections) return;
    this.#connections = connections;
    for (const open of this.#jobs) this.#begin(open);
  }

  /** A job opens its own of them from now on. Returns what ends that. */
  follow(open: Open): () => void {
    this.#jobs.add(open);
    this.#begin(open);
    return () => void this.#jobs.delete(open);
  }

  #begin(open: Open): void {
    this.#opening++;
    const done = () => {
      this.#opening--;
    };
    open(this.#connections).then(done, done);
  }
}
