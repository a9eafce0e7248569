import type { Group } from "../../../load/probe.ts";
import { type Counts, noSchedule, type ScheduleCounts, Tallies } from "../../../load/tally.ts";
import { Spread } from "../../../measure/spread.ts";
import { counted, type Value } from "../../../measure/values.ts";
import { seriesKey } from "../../../protocol/series-key.ts";
import type { Kind } from "./setup.ts";

/** What became of the ticks that were sent: each is in exactly one of echoed, wrong, lost, or still under way. */
export interface EchoedTicks {
  /** Came back whole and right. */
  echoed: number;
  /** Of those: after the measured part was over. */
  trailing: number;
  /** Came back whole and right in this part of the run, whenever it was due: what the deployment has carried. */
  carried: number;
  /** Came back whole, with wrong bytes. */
  wrong: number;
  /** Did not come back, or not whole. */
  lost: number;
  bytesLost: number;
  bytesWrong: number;
  bytesExtra: number;
}

function noTicks(): EchoedTicks {
  return {
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

/** The names of one transport's metrics. Each is made once: they are written in every second. */
class Keys {
  readonly #transport: Kind;
  readonly #made = new Map<string, string>();
  readonly roundTrip: string;
  readonly achieved: string;
  readonly offeredBytes: string;
  readonly achievedBytes: string;

  constructor(transport: Kind) {
    this.#transport = transport;
    const key = (metric: string) => seriesKey(metric, { transport });
    this.roundTrip = key("round_trip");
    this.achieved = key("achieved");
    this.offeredBytes = key("offered_bytes");
    this.achievedBytes = key("achieved_bytes");
  }

  ticks(outcome: string): string {
    return this.#known(outcome, "ticks", { outcome });
  }

  bytes(fault: string): string {
    return this.#known(fault, "echo_bytes", { fault });
  }

  #known(name: string, metric: string, labels: Record<string, string>): string {
    const id = `${metric} ${name}`;
    const known = this.#made.get(id);
    if (known) return known;
    const made = seriesKey(metric, { ...labels, transport: this.#transport });
    this.#made.set(id, made);
    return made;
  }
}

/** So many round trips of a second are enough to say how long one takes. */
const ENOUGH_TRIPS = 5;

/** Counts and round trips of one transport, of the ticks of one part of the run. */
export class EchoCounts implements Counts {
  schedule: ScheduleCounts = noSchedule();
  ticks = noTicks();
  readonly roundTrip = new Spread();
  /** Milliseconds that were waited for the longest of the lost. */
  waitedMs = 0;
  readonly #keys: Keys;
  readonly #messageBytes: number;

  constructor(keys: Keys, messageBytes: number) {
    this.#keys = keys;
    this.#messageBytes = messageBytes;
  }

  get isEmpty(): boolean {
    const isNone = (count: number) => count === 0;
    return (
      this.roundTrip.count === 0 &&
      Object.values(this.schedule).every(isNone) &&
      Object.values(this.ticks).every(isNone)
    );
  }

  get typicalMs(): number | undefined {
    return this.roundTrip.count >= ENOUGH_TRIPS ? this.roundTrip.percentile(0.5) : undefined;
  }

  take(to: Record<string, Value>): void {
    const { schedule, ticks, waitedMs } = this;
    const keys = this.#keys;
    const bytes = this.#messageBytes;
    this.schedule = noSchedule();
    this.ticks = noTicks();
    this.waitedMs = 0;
    const { due, sent, skipped, blocked, down } = schedule;
    const { echoed, trailing, carried, wrong, lost } = ticks;
    const missed = skipped + blocked + down;
    const outcomes = { due, sent, missed, skipped, down, echoed, trailing, carried, wrong, lost };
    for (const [outcome, n] of Object.entries(outcomes)) if (n) to[keys.ticks(outcome)] = counted(n);
    to[keys.offeredBytes] = counted(due * bytes);
    to[keys.achievedBytes] = counted(carried * bytes);
    to[keys.achieved] = { kind: "share", n: carried, of: due };
    const faults = { lost: ticks.bytesLost, wrong: ticks.bytesWrong, extra: ticks.bytesExtra };
    for (const [fault, n] of Object.entries(faults)) if (n) to[keys.bytes(fault)] = counted(n);
    to[keys.roundTrip] = {
      kind: "duration",
      ended: this.roundTrip.take(),
      ...(lost > 0 ? { never: { count: lost, us: waitedMs * 1_000 } } : {}),
    };
  }
}

/** All echoes over one transport. */
export class EchoGroup implements Group {
  readonly transport: Kind;
  readonly tallies: Tallies<EchoCounts>;
  readonly #keys: Keys;

  constructor(transport: Kind, messageBytes: number) {
    const keys = new Keys(transport);
    this.#keys = keys;
    this.transport = transport;
    this.tallies = new Tallies(() => new EchoCounts(keys, messageBytes));
  }

  leaveOut(to: Record<string, Value>, n: number): void {
    for (const outcome of ["due", "sent"]) to[this.#keys.ticks(outcome)] = counted(-n);
    to[this.#keys.ticks("left_out")] = counted(n);
  }
}
