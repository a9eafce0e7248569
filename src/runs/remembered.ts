import { stat } from "node:fs/promises";
import pLimit from "p-limit";

/** Files that are read at the same time: their pieces come in one turn of the loop, and others wait for all of them. */
const AT_ONCE = 2;

/** What is made of a file, made anew only where the file has changed. Few are read at the same time. */
export class Remembered<T> {
  readonly #read: (file: string, size: number) => Promise<T>;
  readonly #known = new Map<string, { changed: number; size: number; value: Promise<T> }>();
  readonly #limit = pLimit(AT_ONCE);

  constructor(read: (file: string, size: number) => Promise<T>) {
    this.#read = read;
  }

  /** undefined where there is no such file. */
  async of(file: string): Promise<T | undefined> {
    const now = await stat(file).catch(() => undefined);
    if (!now) {
      this.#known.delete(file);
      return undefined;
    }
    const { mtimeMs: changed, size } = now;
    const before = this.#known.get(file);
    if (before?.changed === changed && before.size === size) return before.value;
    const value = this.#limit(() => this.#read(file, size));
    // Whoever asks while it is being read waits for the same.
    this.#known.set(file, { changed, size, value });
    value.catch(() => this.#known.delete(file));
    return value;
  }
}
