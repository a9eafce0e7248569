import type { ShownFigure } from "../protocol/description.ts";
import { parseSeriesKey } from "../protocol/series-key.ts";
import { type Figure, figureOf, type Measured, shownFigure } from "./figures.ts";
import type { Second, StepSecond, Window } from "./seconds.ts";
import { isAbout, isMet, type Threshold } from "./threshold.ts";
import { Sum, withPending } from "./totals.ts";
import { addValues, type Value } from "./values.ts";

/** How a threshold stands. `not_measured` is no pass: it is broken, in a word of its own. */
export interface ThresholdResult {
  state: "pending" | "met" | "broken" | "not_measured";
  /** What was observed: of the whole measured part, or of the worst window. */
  observed: ShownFigure | undefined;
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
      .filter(([step]) => isAbout(this.#threshold, step))
      .map(([, part]) => part);
    if (parts.length === 0) return;
    this.#all.take(second, parts, () => ["measured", "spoiled", "always"]);
    this.#valid.take(second, parts, ({ invalid }) =>
      invalid === undefined ? ["measured", "always"] : ["always"],
    );
  }

  /**
   * `over`: the run has ended; what was not measured until now will not be. `pending`: what goes on at this moment, by
   * series; it counts as at least its age, and decides nothing before the end.
   */
  result(over: boolean, pending: Readonly<Record<string, Value>> = {}): ThresholdResult {
    const valid = this.#valid.result(over, pending);
    return { ...valid, differsWithInvalid: over && this.#all.result(over, pending).state !== valid.state };
  }
}

/** A second of a window that slides. */
interface Recent {
  second: number;
  ms: number;
  paused: boolean;
  values: Readonly<Record<string, Value>>;
}

type Standing = Omit<ThresholdResult, "differsWithInvalid">;

/** One threshold over one choice of seconds. */
class Line {
  readonly #threshold: Threshold;
  readonly #total = new Sum();
  #skippedMs = 0;
  /** The seconds of the window that ends now. */
  #recent: Recent[] = [];
  #windows = { all: 0, broken: 0 };
  #first: SecondSpan | undefined;
  #worst: { span: SecondSpan; figure: Figure } | undefined;

  constructor(threshold: Threshold) {
    this.#threshold = threshold;
  }

  /** `windowsOf`: which values of a second count. One of which none was measured gives no time either. */
  take(
    second: number,
    parts: readonly StepSecond[],
    windowsOf: (part: StepSecond) => readonly Window[],
  ): void {
    const { metric, afterMs, overMs } = this.#threshold;
    const counting = parts.filter((part) => windowsOf(part).includes("measured"));
    const ms = Math.max(0, ...counting.map((part) => part.ms));
    const paused = parts.some((part) => part.paused);
    const countsMs = metric.whole && !paused ? 1_000 : ms;
    if (this.#skippedMs < afterMs) {
      this.#skippedMs += countsMs;
      return;
    }
    const values = sumOf(parts, windowsOf, metric.name);
    if (overMs !== undefined) {
      if (countsMs > 0) this.#slide({ second, ms, paused, values }, overMs);
      return;
    }
    this.#total.add(values);
    this.#total.addTime(ms, paused);
  }

  #slide(now: Recent, overMs: number): void {
    this.#recent.push(now);
    const length = Math.round(overMs / 1_000);
    if (this.#recent.length > length) this.#recent.shift();
    if (this.#recent.length < length) return;
    const total = new Sum();
    for (const one of this.#recent) {
      total.add(one.values);
      total.addTime(one.ms, one.paused);
    }
    const figure = this.#figure(total);
    if (!figure) return;
    this.#windows.all++;
    const span = { from: this.#recent[0]?.second ?? now.second, until: now.second + 1 };
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

  result(over: boolean, pending: Readonly<Record<string, Value>>): Standing {
    if (this.#threshold.overMs !== undefined) return this.#windowed(over);
    const observed = this.#observed(pending);
    if (!observed) return { state: over ? "not_measured" : "pending", observed };
    return { state: this.#stateOf(observed, over), observed };
  }

  #observed(pending: Readonly<Record<string, Value>>): ShownFigure | undefined {
    const { metric, figure, labels } = this.#threshold;
    const own = Object.entries(pending).filter(([key]) => parseSeriesKey(key)?.metric === metric.name);
    const measured = own.length > 0 ? withPending(this.#total, Object.fromEntries(own)) : this.#total;
    return shownFigure(metric, { figure, labels }, measured);
  }

  /** What is only known to be more than so much may be past any limit above, and is past every limit below it. */
  #stateOf({ value, atLeast }: ShownFigure, over: boolean): ThresholdResult["state"] {
    const met = isMet(this.#threshold, { value });
    if (!atLeast) return met ? "met" : "broken";
    const isUpper = this.#threshold.comparison.startsWith("<");
    if (met !== isUpper) return met ? "met" : "broken";
    return over ? "broken" : "pending";
  }

  /** A window that broke once is broken. */
  #windowed(over: boolean): Standing {
    const { all, broken } = this.#windows;
    const windows = { all, broken, first: this.#first, worst: this.#worst?.span };
    const figure = this.#worst?.figure;
    const observed = figure && { value: figure.value, unit: figure.unit };
    if (broken > 0) return { state: "broken", observed, windows };
    if (all > 0) return { state: "met", observed, windows };
    return { state: over ? "not_measured" : "pending", observed, windows };
  }
}

function sumOf(
  parts: readonly StepSecond[],
  windowsOf: (part: StepSecond) => readonly Window[],
  metric: string,
): Record<string, Value> {
  const sum: Record<string, Value> = {};
  for (const part of parts)
    for (const window of windowsOf(part))
      for (const [key, value] of Object.entries(part.values[window] ?? {})) {
        if (!isOf(key, metric)) continue;
        const known = sum[key];
        sum[key] = known ? addValues(known, value) : value;
      }
  return sum;
}

function isOf(key: string, metric: string): boolean {
  return key.startsWith(metric) && (key.length === metric.length || key[metric.length] === "{");
}
