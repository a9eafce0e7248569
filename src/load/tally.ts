import type { Value } from "../measure/values.ts";
import type { Window } from "./window.ts";

/** What became of the ticks of a schedule: each one that was due is either sent or counted with its reason. */
export interface ScheduleCounts {
  due: number;
  sent: number;
  /** Not sent: this place came too late for it. Our own fault. */
  skipped: number;
  /** Not sent: too much was waiting to be taken by the system. */
  blocked: number;
  /** Not sent: there was no connection. */
  down: number;
}

export function noSchedule(): ScheduleCounts {
  return { due: 0, sent: 0, skipped: 0, blocked: 0, down: 0 };
}

/** What the probes of a group count in one part of the run. */
export interface Counts {
  /** The connections count here; the probes count what comes back. */
  readonly schedule: ScheduleCounts;
  /** Nothing was counted since the last take. */
  readonly isEmpty: boolean;
  /** How long what came back since the last take took, at the median, in milliseconds; undefined where too little came back. */
  readonly typicalMs: number | undefined;
  /** Writes all that was counted since the last take, by series key, and starts anew. */
  take(to: Record<string, Value>): void;
}

/** The counts of a group: of the measured part, and of what comes before and after. */
export class Tallies<C extends Counts = Counts> {
  readonly measured: C;
  /** Of the measured part, but due before `spoiledUntil`. */
  readonly spoiled: C;
  readonly other: C;
  /** Ticks due before this were under way in a second that does not count: they are left out with it. */
  spoiledUntil = 0;
  /** Since when the load is paused: the clock stands still, and what comes back then comes back in time. */
  pausedAt: number | undefined;

  constructor(make: () => C) {
    this.measured = make();
    this.spoiled = make();
    this.other = make();
  }

  /** Where a tick counts that was due then, by its connection's measured part. */
  of(due: number, window: Window): C {
    if (due < window.from || due >= window.until) return this.other;
    return due < this.spoiledUntil ? this.spoiled : this.measured;
  }
}
