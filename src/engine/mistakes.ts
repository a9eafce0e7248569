import { type Message, say } from "../text/message.ts";
import { saidOf } from "../text/said-error.ts";

/**
 * What a workload is asked for its figures and words may throw: a mistake of the product, which must not end a run
 * that has made things. The first one is said; the run goes on, cleans up, and has not passed.
 */
export class Mistakes {
  /** In one line; undefined where there is none. */
  first: Message | undefined;
  readonly #tell: (what: Message) => void;

  constructor(tell: (what: Message) => void) {
    this.#tell = tell;
  }

  /** The answer; undefined where the question throws. */
  ask<T>(question: () => T): T | undefined {
    try {
      return question();
    } catch (error) {
      if (this.first === undefined) {
        this.first = say("internal error: {0}", saidOf(error));
        this.#tell(this.first);
      }
      return undefined;
    }
  }
}
