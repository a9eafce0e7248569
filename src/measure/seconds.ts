import type { Message } from "../text/message.ts";
import { SeriesLimit } from "./series.ts";
import { addValues, type Value } from "./values.ts";

/**
 * Which part of a step a value belongs to. Only `measured` is judged. `spoiled` was measured, too, but was under way in a
 * second that does not count: it is left out with that. `always` are facts, which are true whatever the second was like:
 * that a connection was opened, how many there are, how late we were.
 */
export type Window = "before" | "measured" | "spoiled" | "after" | "always";

/**
 * What one place measured of one step in one second: the message from a place, as plain JSON. It is filed by its
 * stamp, whenever it arrives. A later batch of the same second and place adds to it only where `part` is another.
 */
export interface Batch {
  /** Whole seconds since the run began, by the run's aligned clock. */
  second: number;
  /** Who measured: a thread, a machine, a source of server metrics. */
  place: string;
  step: string;
  /** Counts the batches of one place in one second, from 0; one that comes twice is dropped. */
  part: number;
  values: Partial<Record<Window, Record<string, Value>>>;
  /** Milliseconds of this second that are of the measured part; none where it is absent. */
  ms?: number;
  /** Why this second says nothing of the deployment: the place itself was at its limits. */
  invalid?: Message;
  paused?: boolean;
}

/** One second of a step, of all places together. */
export interface StepSecond {
  values: Partial<Record<Window, Record<string, Value>>>;
  /** Places that have reported. */
  places: string[];
  /** Milliseconds of it that are of the measured part. */
  ms: number;
  invalid?: Message;
  paused?: boolean;
}

/** One second of a run, closed: nothing is added to it any more, but `late` batches are counted. */
export interface Second {
  second: number;
  steps: Record<string, StepSecond>;
}

export interface CollectorOptions {
  /** How long after its end a second waits for its last batches, in seconds. */
  graceS: number;
  /** Told of each second once, in order, when it is closed; also of those in which nothing was measured. */
  onSecond(second: Second): void;
}

/** Gathers batches by their stamp, and closes seconds by time, never by arrival. */
export class Collector {
  readonly #options: CollectorOptions;
  readonly #open = new Map<number, Map<string, StepSecond>>();
  readonly #seen = new Map<number, Set<string>>();
  readonly #limits = new Map<string, SeriesLimit>();
  #closedUpTo = -1;
  /** Batches that came after their second was closed. They are left out, and a run with any is not whole. */
  late = 0;

  constructor(options: CollectorOptions) {
    this.#options = options;
  }

  take(batch: Batch): void {
    if (batch.second <= this.#closedUpTo) {
      this.late++;
      return;
    }
    const id = `${batch.step}\n${batch.place}\n${batch.part}`;
    const seen = getOr(this.#seen, batch.second, () => new Set<string>());
    if (seen.has(id)) return;
    seen.add(id);
    const steps = getOr(this.#open, batch.second, () => new Map<string, StepSecond>());
    this.#add(
      getOr(steps, batch.step, () => ({ values: {}, places: [], ms: 0 })),
      batch,
    );
  }

  #add(second: StepSecond, { step, place, values, ms = 0, invalid, paused }: Batch): void {
    if (!second.places.includes(place)) second.places.push(place);
    second.ms = Math.max(second.ms, ms);
    if (invalid !== undefined) second.invalid ??= invalid;
    if (paused) second.paused = true;
    const limit = getOr(this.#limits, step, () => new SeriesLimit());
    for (const [window, series] of Object.entries(values) as [Window, Record<string, Value>][]) {
      const kept = second.values[window] ?? {};
      second.values[window] = kept;
      for (const [key, value] of Object.entries(series)) {
        const at = limit.keep(key);
        const known = kept[at];
        kept[at] = known ? addValues(known, value) : value;
      }
    }
  }

  /** Closes all seconds that ended more than the grace ago; `now` is in seconds since the run began. */
  advance(now: number): void {
    this.#closeUpTo(Math.floor(now - this.#options.graceS) - 1);
  }

  /** The run is over: closes all that is open. */
  end(): void {
    this.#closeUpTo(Math.max(this.#closedUpTo, ...this.#open.keys()));
  }

  #closeUpTo(last: number): void {
    for (let second = this.#closedUpTo + 1; second <= last; second++) {
      const steps = this.#open.get(second);
      this.#open.delete(second);
      this.#seen.delete(second);
      this.#closedUpTo = second;
      this.#options.onSecond({ second, steps: Object.fromEntries(steps ?? []) });
    }
  }

  /** Series of a step that share `other`, for there were too many. */
  folded(step: string): number {
    return this.#limits.get(step)?.folded ?? 0;
  }
}

function getOr<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
