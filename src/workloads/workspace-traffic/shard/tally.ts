import { Spread } from "../../../measure/spread.ts";
import type { Sparse } from "../../../measure/values.ts";

/** What became of ticks. Every tick that was due is in exactly one of sent, missed; every sent one in one of echoed, wrong, lost. */
export interface TickCounts {
  due: number;
  sent: number;
  /** Sent, but later than the generator allows itself. */
  late: number;
  /** Not sent: this thread came too late for it. Our own fault. */
  skipped: number;
  /** Not sent: too much was waiting to be taken by the system. */
  blocked: number;
  /** Not sent: there was no connection. */
  down: number;
  /** Came back whole and right. */
  echoed: number;
  /** Of those: after the measured part was over. */
  trailing: number;
  /** Came back whole and right within the measured part, whenever it was due: what the deployment has carried. */
  carried: number;
  /** Came back whole, with wrong bytes. */
  wrong: number;
  /** Did not come back, or not whole. */
  lost: number;
  bytesLost: number;
  bytesWrong: number;
  bytesExtra: number;
}

export function noTicks(): TickCounts {
  return {
    due: 0,
    sent: 0,
    late: 0,
    skipped: 0,
    blocked: 0,
    down: 0,
    echoed: 0,
    trailing: 0,
    carried: 0,
    wrong: 0,
    lost: 0,
    bytesLost: 0,
    bytesWrong: 0,
    bytesExtra: 0,
  };
}

export function addTicks(to: TickCounts, from: TickCounts): void {
  for (const key of Object.keys(from) as (keyof TickCounts)[]) to[key] += from[key];
}

/** Counts and round trips of one transport, of the ticks of one part of the run. */
export class Tally {
  counts = noTicks();
  readonly roundTrip = new Spread();
  /** Milliseconds that were waited for the longest of the lost. */
  waitedMs = 0;

  /** Nothing was counted since the last take. */
  get isEmpty(): boolean {
    return this.roundTrip.count === 0 && Object.values(this.counts).every((count) => count === 0);
  }

  take(): TallyDelta {
    const { counts, waitedMs } = this;
    this.counts = noTicks();
    this.waitedMs = 0;
    return { counts, waitedMs, roundTrip: this.roundTrip.take() };
  }
}

export interface TallyDelta {
  counts: TickCounts;
  waitedMs: number;
  roundTrip: Sparse;
}

/** The tallies of a transport: of the measured part, and of what comes before and after. */
export class Tallies {
  readonly measured = new Tally();
  /** Of the measured part, but due before `spoiledUntil`. */
  readonly spoiled = new Tally();
  readonly other = new Tally();
  /** Ticks that were due before this were under way in a second that does not count: they are left out with it. */
  spoiledUntil = 0;
  /** Since when the load is paused: the clock stands still, and what comes back then comes back in time. */
  pausedAt: number | undefined;
}

/** Which ticks are measured: those that are due from `from` on and before `until`. */
export interface Window {
  from: number;
  until: number;
}
