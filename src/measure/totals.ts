import type { Measured } from "./figures.ts";
import type { Second, StepSecond } from "./seconds.ts";
import { appendValue, type Value } from "./values.ts";

/** How many of a step's measured seconds count. */
export interface Validity {
  /** Seconds with something measured, pauses apart. */
  measured: number;
  valid: number;
  /** The first second that does not count, and why. */
  first: { second: number; reason: string } | undefined;
}

/** Fewer valid seconds than this share of the measured ones, and the step says nothing. */
const LEAST_VALID = 0.8;
/** Nor does a step with fewer valid seconds than this; shorter ones are held to the share alone. */
const LEAST_SECONDS = 30;

/** Sums of one step over its closed seconds: all of them, and the valid ones. */
export class Totals {
  readonly #all = new Map<string, Value>();
  readonly #valid = new Map<string, Value>();
  #measured = 0;
  #validSeconds = 0;
  #first: Validity["first"];

  take(second: number, { values: { measured }, invalid, paused }: StepSecond): void {
    if (!measured) return;
    appendAll(this.#all, measured);
    if (!paused) this.#measured++;
    if (invalid !== undefined) {
      this.#first ??= { second, reason: invalid };
      return;
    }
    appendAll(this.#valid, measured);
    if (!paused) this.#validSeconds++;
  }

  /** Over valid seconds only, or over all. */
  over(which: "valid" | "all"): Measured {
    return which === "all"
      ? { values: this.#all, ms: this.#measured * 1_000 }
      : { values: this.#valid, ms: this.#validSeconds * 1_000 };
  }

  get validity(): Validity {
    return { measured: this.#measured, valid: this.#validSeconds, first: this.#first };
  }
}

function appendAll(to: Map<string, Value>, values: Readonly<Record<string, Value>>): void {
  for (const [key, value] of Object.entries(values)) {
    const known = to.get(key);
    to.set(key, known ? appendValue(known, value) : value);
  }
}

/** Whether too few seconds count for the step to say anything of the deployment. */
export function isTooFew({ measured, valid }: Validity): boolean {
  if (measured === valid) return false;
  if (valid < LEAST_VALID * measured) return true;
  return measured >= LEAST_SECONDS && valid < LEAST_SECONDS;
}

/** Sums of all steps of a run, by step. */
export class RunTotals {
  readonly #steps = new Map<string, Totals>();

  take({ second, steps }: Second): void {
    for (const [step, of] of Object.entries(steps)) this.of(step).take(second, of);
  }

  of(step: string): Totals {
    const known = this.#steps.get(step);
    if (known) return known;
    const made = new Totals();
    this.#steps.set(step, made);
    return made;
  }
}
