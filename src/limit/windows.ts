import type { Second } from "../measure/seconds.ts";
import type { Pace, Stretch } from "./pace.ts";
import { type Objective, Window } from "./window.ts";

/** The first that were begun at a level still met what was left of the one before; those after them do not. */
const LAGS = 2;

/**
 * Cuts the seconds after a change into windows. The first is begun when what ends was begun at the new level: a build
 * that takes a minute says for a minute what there was before.
 */
export class Windows {
  readonly #objectives: readonly Objective[];
  readonly #pace: Pace;
  readonly closed: Window[] = [];
  readonly #before: Window;
  #isAfter = false;
  #open: Window;

  constructor(objectives: readonly Objective[], pace: Pace) {
    this.#objectives = objectives;
    this.#pace = pace;
    this.#before = new Window(objectives);
    this.#open = new Window(objectives);
  }

  /** A second that counts; true where it has closed a window. */
  take(second: Second): boolean {
    if (!this.#isAfter) {
      this.#before.take(second);
      const { seconds, isFull, lagS } = this.#before;
      const isKnown = isFull || seconds >= this.#pace.longestWindowS;
      this.#isAfter = isKnown && this.#before.until - this.#before.from >= LAGS * lagS;
      return false;
    }
    this.#open.take(second);
    const { windowS, longestWindowS } = this.#pace;
    const { seconds, isFull } = this.#open;
    const leastS = Math.max(
      windowS,
      ...this.#objectives.map(({ overMs }) => Math.ceil((overMs ?? 0) / 1_000)),
    );
    if (seconds < leastS || (!isFull && seconds < Math.max(leastS, longestWindowS))) return false;
    this.closed.push(this.#open);
    this.#open = new Window(this.#objectives);
    return true;
  }
}

export function isAsLongAs(windows: readonly Window[], { windows: count, seconds }: Stretch): boolean {
  return windows.length >= count && secondsOf(windows) >= seconds;
}

/** The last windows that are as long as this together; undefined where there are not so many yet. */
export function lastOf(windows: readonly Window[], stretch: Stretch): readonly Window[] | undefined {
  for (let at = windows.length - stretch.windows; at >= 0; at--) {
    const last = windows.slice(at);
    if (isAsLongAs(last, stretch)) return last;
  }
  return undefined;
}

function secondsOf(windows: readonly Window[]): number {
  return windows.reduce((sum, { seconds }) => sum + seconds, 0);
}
