import { Durations } from "../../measure/durations.ts";
import type { UsualTime } from "../../protocol/snapshot.ts";
import { english, type Message } from "../../text/message.ts";

/** Before so many have been through it, nothing is usual. */
const FEWEST = 3;
/** What jobs do is a handful of things; a text with a number in it would be another one each time. */
const MOST = 40;

/** How long jobs are usually at the same thing: the median of those that have been through it. */
export class UsualTimes {
  readonly #times = new Map<
    string,
    { doing: Message; times: Durations; told?: { count: number; ms: number } }
  >();

  /** A job has done this for so long, and goes on to something else. */
  add(doing: Message, ms: number): void {
    const key = english(doing);
    let known = this.#times.get(key);
    if (!known) {
      if (this.#times.size >= MOST) return;
      known = { doing, times: new Durations() };
      this.#times.set(key, known);
    }
    known.times.record(ms);
  }

  list(): UsualTime[] {
    return [...this.#times.values()].flatMap((known) => {
      const { doing, times } = known;
      if (times.count < FEWEST) return [];
      if (known.told?.count !== times.count)
        known.told = { count: times.count, ms: Math.round(times.percentile(50)?.ms ?? 0) };
      return [{ doing, ms: known.told.ms }];
    });
  }
}
