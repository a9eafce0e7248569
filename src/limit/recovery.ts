import type { Second } from "../measure/seconds.ts";
import type { Message } from "../text/message.ts";
import type { Looked } from "./look.ts";
import type { Pace } from "./pace.ts";
import { kindOf, type Objective, reasonOf } from "./window.ts";
import { lastOf, Windows } from "./windows.ts";

/** A figure that is off the baseline by less than this part of its limit is back. */
const CLOSE = 0.1;

export type Recovered =
  | { kind: "recovered" }
  | { kind: "not_recovered" }
  | { kind: "invalid"; reason: Message | undefined };

/** Waits at the smallest level until the target's figures are what they were there. */
export class Recovery {
  readonly #objectives: readonly Objective[];
  readonly #pace: Pace;
  readonly #windows: Windows;
  readonly #most: readonly number[];
  #seconds = 0;
  #invalid = 0;
  #reason: Message | undefined;

  /** `baseline`: looks at the smallest level that have passed. */
  constructor(objectives: readonly Objective[], pace: Pace, baseline: readonly Looked[]) {
    this.#objectives = objectives;
    this.#pace = pace;
    this.#windows = new Windows(objectives, pace);
    this.#most = objectives.map((_, at) => mostOf(baseline.flatMap(({ past }) => past[at] ?? [])));
  }

  take(second: Second): Recovered | undefined {
    const kind = kindOf(second, this.#objectives);
    if (kind === "nothing") return undefined;
    this.#seconds++;
    if (kind === "invalid") {
      this.#invalid++;
      this.#reason ??= reasonOf(second);
    } else if (this.#windows.take(second) && this.#isBack()) return { kind: "recovered" };
    if (this.#seconds < this.#pace.longestRecoveryS) return undefined;
    if (this.#invalid > this.#seconds / 2) return { kind: "invalid", reason: this.#reason };
    return { kind: "not_recovered" };
  }

  #isBack(): boolean {
    const last = lastOf(this.#windows.closed, this.#pace.recovered);
    if (!last) return false;
    return this.#objectives.every((_, at) =>
      last.every((window) => window.isMet(at) && window.past(at) <= (this.#most[at] ?? 0)),
    );
  }
}

/** What chance makes of the baseline at most. */
function mostOf(past: readonly number[]): number {
  const mean = past.reduce((sum, one) => sum + one, 0) / Math.max(1, past.length);
  const squares = past.reduce((sum, one) => sum + (one - mean) ** 2, 0);
  return mean + Math.max(3 * Math.sqrt(squares / Math.max(1, past.length - 1)), CLOSE);
}
