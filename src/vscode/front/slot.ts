import { Disposable } from "vscode";
import type { Loader } from "./loader.ts";

/** A place for what one feature provides. The first caller that asks for it loads the features; each waits for them. */
export class Slot<T> {
  readonly #name: string;
  readonly #loader: Loader;
  #provided: T | undefined;

  /** `name` is for an error. */
  constructor(name: string, loader: Loader) {
    this.#name = name;
    this.#loader = loader;
  }

  /** Rejects with one sentence where the features cannot be loaded. */
  async get(): Promise<T> {
    // Where only some of the features could begin, none is given out.
    await this.#loader.need();
    if (this.#provided === undefined) throw new Error(`no feature provides ${this.#name}`);
    return this.#provided;
  }

  /** Until it is disposed. Throws where something is provided already. */
  provide(value: T): Disposable {
    if (this.#provided !== undefined) throw new Error(`${this.#name} is provided twice`);
    this.#provided = value;
    return new Disposable(() => {
      this.#provided = undefined;
    });
  }
}
