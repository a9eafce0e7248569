import { messageOf } from "./causes.ts";

/**
 * What a workload is asked for its figures and words may throw: a mistake of the product, which must not end a run
 * that has made things. The first one is said; the run goes on, cleans up, and has not passed.
 */
export class Mistakes {
  /** In one line; undefined where there is none. */
  first: string | undefined;
  readonly #say: (text: string) => void;

  constructor(say: (text: string) => void) {
    this.#say = say;
  }

  /** The answer; undefined where the question throws. */
  ask<T>(question: () => T): T | undefined {
    try {
      return question();
    } catch (error) {
      if (this.first === undefined) {
        this.first = `internal error: ${messageOf(error)}`;
        this.#say(this.first);
      }
      return undefined;
    }
  }
}
