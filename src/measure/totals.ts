import type { Validity as ShownValidity } from "../protocol/snapshot.ts";
import type { Message } from "../text/message.ts";
import { Durations } from "./durations.ts";
import type { Measured } from "./figures.ts";
import type { StepSecond } from "./seconds.ts";
import { appendValue, type Value } from "./values.ts";

/** How many of a step's measured seconds count. */
export interface Validity {
  /** Seconds of the measured part, pauses apart. */
  measured: number;
  valid: number;
  /** The first second that does not count, and why. */
  first: { second: number; reason: Message } | undefined;
}

/** At the edge of the measured part: less than this is measured, but counts as no second. */
const LEAST_MS = 500;
/** Fewer valid seconds than this share of the measured ones, and the step says nothing. */
const LEAST_VALID = 0.8;
/** Nor does a step with fewer valid seconds than this; shorter ones are held to the share alone. */
const LEAST_SECONDS = 30;

/** Values of some seconds together, and how long those were. */
export class Sum implements Measured {
  readonly values = new Map<string, Value | Durations>();
  ms = 0;
  wholeMs = 0;

  add(values: Readonly<Record<string, Value>>): void {
    for (const [key, value] of Object.entries(values)) this.#addOne(key, value);
  }

  /** Durations are added in place: to merge their lists anew each second would cost more than all the rest. */
  #addOne(key: string, value: Value): void {
    const known = this.values.get(key);
    if (value.kind === "duration") {
      const durations = known instanceof Durations ? known : new Durations();
      durations.add(value);
      this.values.set(key, durations);
    } else this.values.set(key, known && !(known instanceof Durations) ? appendValue(known, value) : value);
  }

  /** A second of the step has gone by, with so much of it measured. */
  addTime(ms: number, paused = false): void {
    this.ms += ms;
    this.wholeMs += paused ? 0 : 1_000;
  }
}

/** One second by itself: all that was measured in it, whichever part of the step that was. */
export function sumOf({ values }: StepSecond): Sum {
  const sum = new Sum();
  for (const of of Object.values(values)) sum.add(of);
  sum.addTime(1_000);
  return sum;
}

/** With what goes on at this moment: the ages of what has not ended. */
export function withPending(measured: Measured, pending: Readonly<Record<string, Value>>): Measured {
  const values = new Map(measured.values);
  for (const [key, value] of Object.entries(pending)) values.set(key, together(values.get(key), value));
  return { values, ms: measured.ms, wholeMs: measured.wholeMs };
}

function together(known: Value | Durations | undefined, value: Value): Value | Durations {
  if (!known) return value;
  if (!(known instanceof Durations)) return appendValue(known, value);
  const all = new Durations();
  all.merge(known);
  if (value.kind === "duration") all.add(value);
  return all;
}

/** Sums of one step over its closed seconds: all of them, and the valid ones. */
export class Totals {
  readonly #all = new Sum();
  readonly #valid = new Sum();
  #measured = 0;
  #validSeconds = 0;
  #first: Validity["first"];

  take(second: number, step: StepSecond): void {
    const { values, invalid, paused } = step;
    const { measured, spoiled, always } = values;
    // A second in which it was paused for a while has its share of measured time, and no more.
    const { ms } = step;
    for (const some of [measured, spoiled, always]) if (some) this.#all.add(some);
    if (always) this.#valid.add(always);
    this.#all.addTime(ms, paused);
    const isCounted = ms >= LEAST_MS;
    if (isCounted) this.#measured++;
    if (invalid !== undefined) {
      if (isCounted) this.#first ??= { second, reason: invalid };
      this.#valid.addTime(0, paused);
      return;
    }
    if (measured) this.#valid.add(measured);
    this.#valid.addTime(ms, paused);
    if (isCounted) this.#validSeconds++;
  }

  /** Over valid seconds only, or over all. */
  over(which: "valid" | "all"): Measured {
    return which === "all" ? this.#all : this.#valid;
  }

  get validity(): Validity {
    return { measured: this.#measured, valid: this.#validSeconds, first: this.#first };
  }
}

/** Whether too few seconds count for the step to say anything of the deployment. */
export function isTooFew({ measured, valid }: Validity): boolean {
  if (measured === valid) return false;
  if (valid < LEAST_VALID * measured) return true;
  return measured >= LEAST_SECONDS && valid < LEAST_SECONDS;
}

/** As snapshots and results have it. */
export function shownValidity({ measured, valid, first }: Validity): ShownValidity {
  return { measured, valid, ...(first ? { first } : {}), tooFew: isTooFew({ measured, valid, first }) };
}
