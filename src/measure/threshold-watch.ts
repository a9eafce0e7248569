import { type Figure, figureOf, type Measured } from "./figures.ts";
import type { Second, StepSecond } from "./seconds.ts";
import { isMet, type Threshold } from "./threshold.ts";
import { addValues, appendValue, type Value } from "./values.ts";

/** How a threshold stands. `not_measured` is no pass: it is broken, in a word of its own. */
export interface ThresholdResult {
  state: "pending" | "met" | "broken" | "not_measured";
  /** What was observed: of the whole measured part, or of the worst window. */
  observed: Figure | undefined;
  /** Of a threshold with `over`: how many windows there were and broke, and which broke first and worst. */
  windows?: { all: number; broken: number; first: SecondSpan | undefined; worst: SecondSpan | undefined };
  /** It would stand otherwise if the seconds that do not count did. */
  differsWithInvalid: boolean;
}

/** Seconds since the run began; `until` is not in it. */
export interface SecondSpan {
  from: number;
  until: number;
}

/** Holds one threshold against closed seconds. The same seconds give the same result, live or from the folder. */
export class ThresholdWatch {
  readonly #threshold: Threshold;
  readonly #valid: Line;
  readonly #all: Line;

  constructor(threshold: Threshold) {
    this.#threshold = threshold;
    this.#valid = new Line(threshold);
    this.#all = new Line(threshold);
  }

  take({ second, steps }: Second): void {
    const parts = Object.entries(steps)
      .filter(([step]) => this.#threshold.step === undefined || step === this.#threshold.step)
      .map(([, part]) => part)
      .filter((part) => part.values.measured && !part.paused);
    if (parts.length === 0) return;
    this.#all.take(second, parts);
    const valid = parts.filter((part) => part.invalid === undefined);
    if (valid.length > 0) this.#valid.take(second, valid);
  }

  /** `over`: the run has ended; what was not measured until now will not be. */
  result(over: boolean): ThresholdResult {
    const valid = this.#valid.result(over);
    return { ...valid, differsWithInvalid: over && this.#all.result(over).state !== valid.state };
  }
}

type Standing = Omit<ThresholdResult, "differsWithInvalid">;

/** One threshold over one choice of seconds. */
class Line {
  readonly #threshold: Threshold;
  readonly #total = new Map<string, Value>();
  #seconds = 0;
  #skipped = 0;
  /** The seconds of the window that ends now. */
  #recent: { second: number; values: ReadonlyMap<string, Value> }[] = [];
  #windows = { all: 0, broken: 0 };
  #first: SecondSpan | undefined;
  #worst: { span: SecondSpan; figure: Figure } | undefined;

  constructor(threshold: Threshold) {
    this.#threshold = threshold;
  }

  take(second: number, parts: readonly StepSecond[]): void {
    if (this.#skipped * 1_000 < this.#threshold.afterMs) {
      this.#skipped++;
      return;
    }
    this.#seconds++;
    const values = sumOf(parts);
    if (this.#threshold.overMs === undefined) appendTo(this.#total, values);
    else this.#slide(second, values, this.#threshold.overMs);
  }

  #slide(second: number, values: ReadonlyMap<string, Value>, overMs: number): void {
    this.#recent.push({ second, values });
    const length = Math.round(overMs / 1_000);
    if (this.#recent.length > length) this.#recent.shift();
    if (this.#recent.length < length) return;
    const total = new Map<string, Value>();
    for (const one of this.#recent) appendTo(total, one.values);
    const figure = this.#figure({ values: total, ms: overMs });
    if (!figure) return;
    this.#windows.all++;
    const span = { from: this.#recent[0]?.second ?? second, until: second + 1 };
    if (!this.#worst || this.#isWorse(figure, this.#worst.figure)) this.#worst = { span, figure };
    if (isMet(this.#threshold, figure)) return;
    this.#windows.broken++;
    this.#first ??= span;
  }

  #isWorse(one: Figure, other: Figure): boolean {
    const isUpper = this.#threshold.comparison.startsWith("<");
    return isUpper ? one.value > other.value : one.value < other.value;
  }

  #figure(measured: Measured): Figure | undefined {
    const { metric, figure, labels } = this.#threshold;
    return figureOf(metric, figure, labels, measured);
  }

  result(over: boolean): Standing {
    if (this.#threshold.overMs !== undefined) return this.#windowed(over);
    const observed = this.#figure({ values: this.#total, ms: this.#seconds * 1_000 });
    if (!observed) return { state: over ? "not_measured" : "pending", observed };
    return { state: isMet(this.#threshold, observed) ? "met" : "broken", observed };
  }

  /** A window that broke once is broken. */
  #windowed(over: boolean): Standing {
    const { all, broken } = this.#windows;
    const windows = { all, broken, first: this.#first, worst: this.#worst?.span };
    const observed = this.#worst?.figure;
    if (broken > 0) return { state: "broken", observed, windows };
    if (all > 0) return { state: "met", observed, windows };
    return { state: over ? "not_measured" : "pending", observed, windows };
  }
}

function sumOf(parts: readonly StepSecond[]): Map<string, Value> {
  const sum = new Map<string, Value>();
  for (const { values } of parts)
    for (const [key, value] of Object.entries(values.measured ?? {})) {
      const known = sum.get(key);
      sum.set(key, known ? addValues(known, value) : value);
    }
  return sum;
}

function appendTo(total: Map<string, Value>, values: ReadonlyMap<string, Value>): void {
  for (const [key, value] of values) {
    const known = total.get(key);
    total.set(key, known ? appendValue(known, value) : value);
  }
}
