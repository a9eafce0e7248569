/**
 * Asks for a drawing at most so often, and not before the last one was taken: the editor draws one after the other,
 * and what is asked for faster than it draws would pile up, each older than the run by then.
 */
export class Redraw {
  readonly #everyMs: number;
  readonly #ask: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asked = false;
  #isDue = false;

  constructor(everyMs: number, ask: () => void) {
    this.#everyMs = everyMs;
    this.#ask = ask;
  }

  /** There is something new to be seen. */
  due(): void {
    this.#isDue = true;
    if (this.#asked) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#isDue = false;
      this.#asked = true;
      this.#ask();
    }, this.#everyMs);
  }

  /** The editor has taken what there is now. */
  taken(): void {
    this.#asked = false;
    if (this.#isDue) this.due();
  }

  dispose(): void {
    clearTimeout(this.#timer);
  }
}
