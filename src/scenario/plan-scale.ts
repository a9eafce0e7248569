import type { PlannedStep } from "./plan.ts";
import type { Moment } from "./times.ts";

/** Of the whole plan, what a step of unknown length is drawn as. */
const UNKNOWN_PART = 0.15;
const LEAST_MS = 60_000;

/** Places moments on one line: a step whose length nobody knows is drawn as long as is easy to see. */
export class PlanScale {
  /** When each step of unknown length is drawn to end, in milliseconds of the drawing. */
  readonly ends = new Map<string, number>();
  readonly totalMs: number;

  constructor(plan: readonly PlannedStep[]) {
    const known = plan.map(({ end, begin }) => Math.max(begin.ms, end.ms));
    const unknownMs = Math.max(LEAST_MS, ...known) * UNKNOWN_PART;
    // A step counts from one whose end is placed already, after a few rounds.
    for (let round = 0; round < plan.length; round++)
      for (const { name, begin, hold, lengthMs } of plan)
        if (lengthMs === undefined && this.#isPlaced(begin))
          this.ends.set(name, this.at(begin) + Math.max(0, hold.ms - begin.ms) + unknownMs);
    this.totalMs = Math.max(1, ...plan.map(({ end }) => this.at(end)));
  }

  #isPlaced({ after }: Moment): boolean {
    return after === undefined || this.ends.has(after);
  }

  at({ after, ms }: Moment): number {
    return (after === undefined ? 0 : (this.ends.get(after) ?? 0)) + ms;
  }
}
