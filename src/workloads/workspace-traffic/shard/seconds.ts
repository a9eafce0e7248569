import type { Batch, Window } from "../../../measure/seconds.ts";
import type { Spread } from "../../../measure/spread.ts";
import {
  counted,
  type DurationValue,
  type GaugeValue,
  look,
  type Sparse,
  type Value,
} from "../../../measure/values.ts";
import { formatDuration } from "../../../protocol/duration.ts";
import { seriesKey } from "../../../protocol/series-key.ts";
import type { Kind } from "./messages.ts";
import type { Tallies, TallyDelta, TickCounts } from "./tally.ts";

/** What the ticks of one transport came to, under the names of its metrics. */
class Keys {
  readonly #transport: Kind;
  readonly #ticks = new Map<string, string>();
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
    const known = this.#ticks.get(`${metric} ${name}`);
    if (known) return known;
    const made = seriesKey(metric, { ...labels, transport: this.#transport });
    this.#ticks.set(`${metric} ${name}`, made);
    return made;
  }
}

const keys = new Map<Kind, Keys>();

function keysOf(kind: Kind): Keys {
  const known = keys.get(kind);
  if (known) return known;
  const made = new Keys(kind);
  keys.set(kind, made);
  return made;
}

/** How this thread kept up, and what it holds, at the end of a second. */
export interface PlaceLook {
  connections: number;
  /** Share of the second that the thread was busy. */
  busy: number;
  backlogBytes: number;
  outstanding: number;
}

/** Ticks by transport that are sent and not back. */
export type UnderWay = Partial<Record<Kind, number>>;

/** Puts together what a thread says of a second. */
export class Seconds {
  readonly #place: string;
  readonly #bytes: number;
  readonly #lateMs: number;

  /** `bytes`: of a message; `lateMs`: how late one may be sent. */
  constructor(place: string, bytes: number, lateMs: number) {
    this.#place = place;
    this.#bytes = bytes;
    this.#lateMs = lateMs;
  }

  /** Takes all that was counted since the last call. `isOver`: nothing more is measured. */
  take(
    at: { second: number; part: number; isOver: boolean },
    tallies: Partial<Record<Kind, Tallies>>,
    {
      place,
      lateness,
      underWay,
    }: {
      /** At the end of a whole second. */
      place: PlaceLook | undefined;
      lateness: Spread;
      /** When the second began. */
      underWay: UnderWay;
    },
  ): Omit<Batch, "step"> {
    const values: Record<Window, Record<string, Value>> = {
      before: {},
      measured: {},
      spoiled: {},
      after: {},
      always: {},
    };
    let skipped = 0;
    for (const [kind, { measured, spoiled, other }] of Object.entries(tallies) as [Kind, Tallies][]) {
      if (!measured.isEmpty) {
        const delta = measured.take();
        skipped += delta.counts.skipped;
        this.#add(values.measured, kind, delta);
      }
      if (!spoiled.isEmpty) this.#add(values.spoiled, kind, spoiled.take());
      if (!other.isEmpty) this.#add(values[at.isOver ? "after" : "before"], kind, other.take());
    }
    const lateMs = lateness.percentile(0.99);
    const isMeasured = Object.keys(values.measured).length > 0;
    // How late we were is a fact, but only of the measured part.
    values[isMeasured ? "always" : "before"][seriesKey("lateness", { place: this.#place })] = durations(
      lateness.take(),
      0,
      0,
    );
    if (place) Object.assign(values.always, this.#placeValues(place));
    const invalid = this.#invalid(lateMs, skipped);
    if (invalid !== undefined) leaveOut(values.always, underWay);
    return {
      second: at.second,
      part: at.part,
      place: this.#place,
      values: Object.fromEntries(Object.entries(values).filter(([, of]) => Object.keys(of).length > 0)),
      ...(invalid ? { invalid } : {}),
    };
  }

  #invalid(lateMs: number, skipped: number): string | undefined {
    if (skipped > 0) return `${skipped} messages were not sent, for this machine came too late for them`;
    if (lateMs <= this.#lateMs) return undefined;
    const late = formatDuration(Math.round(lateMs * 10) / 10);
    return `messages were sent up to ${late} late (99th percentile), and ${formatDuration(this.#lateMs)} is allowed`;
  }

  #add(to: Record<string, Value>, kind: Kind, { counts, roundTrip, waitedMs }: TallyDelta): void {
    const key = keysOf(kind);
    const outcomes: Partial<Record<string, number>> = {
      due: counts.due,
      sent: counts.sent,
      missed: counts.skipped + counts.blocked + counts.down,
      skipped: counts.skipped,
      echoed: counts.echoed,
      trailing: counts.trailing,
      carried: counts.carried,
      wrong: counts.wrong,
      lost: counts.lost,
    };
    for (const [outcome, n] of Object.entries(outcomes)) if (n) to[key.ticks(outcome)] = counted(n);
    to[key.offeredBytes] = counted(counts.due * this.#bytes);
    to[key.achievedBytes] = counted(counts.carried * this.#bytes);
    to[key.achieved] = { kind: "share", n: counts.carried, of: counts.due };
    for (const [fault, n] of faultsOf(counts)) if (n) to[key.bytes(fault)] = counted(n);
    to[key.roundTrip] = durations(roundTrip, counts.lost, waitedMs);
  }

  #placeValues(place: PlaceLook): Record<string, Value> {
    const of = (metric: string) => seriesKey(metric, { place: this.#place });
    return {
      [of("place_connections")]: look(place.connections),
      [of("place_busy")]: look(place.busy),
      [of("place_backlog")]: look(place.backlogBytes),
      outstanding: look(place.outstanding) satisfies GaugeValue,
    };
  }
}

/**
 * What was under way when a second began that does not count is left out with it: it was counted as due and sent before,
 * and nobody counts what becomes of it. So every tick that counts is counted in all that it went through.
 */
function leaveOut(to: Record<string, Value>, underWay: UnderWay): void {
  for (const [kind, n] of Object.entries(underWay) as [Kind, number][]) {
    if (n === 0) continue;
    const key = keysOf(kind);
    for (const outcome of ["due", "sent"]) to[key.ticks(outcome)] = counted(-n);
    to[key.ticks("left_out")] = counted(n);
  }
}

function faultsOf(counts: TickCounts): [string, number][] {
  return [
    ["lost", counts.bytesLost],
    ["wrong", counts.bytesWrong],
    ["extra", counts.bytesExtra],
  ];
}

function durations(ended: Sparse, never: number, waitedMs: number): DurationValue {
  return {
    kind: "duration",
    ended,
    ...(never > 0 ? { never: { count: never, us: waitedMs * 1_000 } } : {}),
  };
}
