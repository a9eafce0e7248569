/** Longer apart, two clicks are no double click. */
const DOUBLE_MS = 400;

/** Tells a double click by its two clicks: the editor says of a tree's line only that it was clicked. */
export class SecondClick {
  readonly #now: () => number;
  #last: { id: string; at: number } | undefined;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** True where this is the second of two on the same. */
  on(id: string): boolean {
    const at = this.#now();
    const isSecond = this.#last?.id === id && at - this.#last.at < DOUBLE_MS;
    this.#last = isSecond ? undefined : { id, at };
    return isSecond;
  }
}
