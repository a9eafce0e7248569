import type { Batch, Window as Part } from "../measure/seconds.ts";
import type { Spread } from "../measure/spread.ts";
import { look, type Value } from "../measure/values.ts";
import { formatDuration } from "../protocol/duration.ts";
import { seriesKey } from "../protocol/series-key.ts";
import { type Message, say, sayCount } from "../text/message.ts";
import { lateLimitOfSecond } from "./late-limit.ts";
import type { Group } from "./probe.ts";

/** How this place kept up, and what it holds, at the end of a second. */
export interface PlaceLook {
  connections: number;
  /** Share of the second that the place was busy. */
  busy: number;
  backlogBytes: number;
  outstanding: number;
}

/** Ticks of each group that are sent and not back. */
export type UnderWay = ReadonlyMap<Group, number>;

/** Puts together what a place says of a second. */
export class Seconds {
  readonly #place: string;
  readonly #lateMs: number;

  /** `lateMs`: how late a message may be sent. */
  constructor(place: string, lateMs: number) {
    this.#place = place;
    this.#lateMs = lateMs;
  }

  /** Takes all that was counted since the last call. `isOver`: nothing more is measured. */
  take(
    at: { second: number; part: number; isOver: boolean },
    groups: readonly Group[],
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
    const values: Record<Part, Record<string, Value>> = {
      before: {},
      measured: {},
      spoiled: {},
      after: {},
      always: {},
    };
    let skipped = 0;
    const typicalMs: number[] = [];
    for (const { tallies } of groups) {
      const { measured, spoiled, other } = tallies;
      typicalMs.push(...[measured, spoiled, other].flatMap((counts) => counts.typicalMs ?? []));
      skipped += measured.schedule.skipped;
      if (!measured.isEmpty) measured.take(values.measured);
      if (!spoiled.isEmpty) spoiled.take(values.spoiled);
      if (!other.isEmpty) other.take(values[at.isOver ? "after" : "before"]);
    }
    const lateMs = lateness.percentile(0.99);
    const isMeasured = Object.keys(values.measured).length > 0;
    // How late we were is a fact, but only of the measured part.
    const late: Value = { kind: "duration", ended: lateness.take() };
    values[isMeasured ? "always" : "before"][seriesKey("lateness", { place: this.#place })] = late;
    if (place) Object.assign(values.always, this.#placeValues(place));
    const invalid = this.#invalid(lateMs, lateLimitOfSecond(this.#lateMs, typicalMs), skipped);
    if (invalid !== undefined) leaveOut(values.always, underWay);
    return {
      second: at.second,
      part: at.part,
      place: this.#place,
      values: Object.fromEntries(Object.entries(values).filter(([, of]) => Object.keys(of).length > 0)),
      ...(invalid ? { invalid } : {}),
    };
  }

  #invalid(lateMs: number, allowedMs: number, skipped: number): Message | undefined {
    if (skipped > 0)
      return sayCount(skipped, {
        one: "{0} message was not sent, for this machine came too late for it",
        other: "{0} messages were not sent, for this machine came too late for them",
      });
    if (lateMs <= allowedMs) return undefined;
    return say(
      "messages were sent up to {0} late (99th percentile), and {1} is allowed",
      // What is late by a little more than is allowed must not read as if it were allowed.
      formatDuration(Math.max(Math.round(lateMs), Math.floor(allowedMs) + 1)),
      formatDuration(Math.floor(allowedMs)),
    );
  }

  #placeValues(place: PlaceLook): Record<string, Value> {
    const of = (metric: string) => seriesKey(metric, { place: this.#place });
    return {
      [of("place_connections")]: look(place.connections),
      [of("place_busy")]: look(place.busy),
      [of("place_backlog")]: look(place.backlogBytes),
      outstanding: look(place.outstanding),
    };
  }
}

/**
 * What was under way when a second began that does not count is left out with it: it was counted as due and sent before,
 * and nobody counts what becomes of it. So every tick that counts is counted in all that it went through.
 */
function leaveOut(to: Record<string, Value>, underWay: UnderWay): void {
  for (const [group, n] of underWay) if (n > 0) group.leaveOut(to, n);
}
