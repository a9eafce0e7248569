import { Durations } from "../measure/durations.ts";
import type { StepSecond } from "../measure/seconds.ts";
import { seriesOf } from "../measure/series.ts";
import { Sum } from "../measure/totals.ts";
import type { Value } from "../measure/values.ts";
import type { Metric } from "../protocol/description.ts";

/** When they are all full, each two of them become one: their number is bounded, whatever the run's length. */
const MOST_PARTS = 64;
/** At the edge of the measured part: less than this is measured, but counts as no second. */
const LEAST_MS = 500;

/**
 * What a step has measured, second by second: of its measured part, and of the whole step for what counts over all of it.
 * Seconds that do not count are in neither.
 */
export class StepWindows {
  readonly #measured: Windows;
  readonly #whole: Windows;

  constructor(metrics: readonly Pick<Metric, "name" | "whole">[]) {
    const names = (isWhole: boolean) =>
      metrics.filter(({ whole = false }) => whole === isWhole).map(({ name }) => name);
    this.#measured = new Windows(names(false));
    this.#whole = new Windows(names(true));
  }

  take(second: StepSecond): void {
    if (second.invalid !== undefined || second.paused) return;
    if (second.ms >= LEAST_MS) this.#measured.take(second);
    this.#whole.take(second);
  }

  of({ whole }: Pick<Metric, "whole">): Windows {
    return whole ? this.#whole : this.#measured;
  }
}

/** Stretches of equal length that follow each other. */
export class Windows {
  readonly #metrics: ReadonlySet<string>;
  #parts: Sum[] = [];
  #secondsOfPart = 1;
  #secondsOfLast = 0;
  /** Asked for by each figure. */
  readonly #asked = new Map<number, Sum[]>();

  /** `metrics`: the names of those that are kept. */
  constructor(metrics: Iterable<string>) {
    this.#metrics = new Set(metrics);
  }

  take({ values, ms }: Pick<StepSecond, "values" | "ms">): void {
    this.#asked.clear();
    const part = this.#part();
    for (const some of [values.measured, values.always]) if (some) part.add(this.#kept(some));
    part.addTime(ms);
    this.#secondsOfLast++;
  }

  #kept(values: Readonly<Record<string, Value>>): Record<string, Value> {
    return Object.fromEntries(
      Object.entries(values).filter(([key]) => this.#metrics.has(seriesOf(key)?.metric ?? "")),
    );
  }

  #part(): Sum {
    const last = this.#parts.at(-1);
    if (last && this.#secondsOfLast < this.#secondsOfPart) return last;
    if (this.#parts.length >= MOST_PARTS) {
      this.#parts = merged(this.#parts, MOST_PARTS / 2);
      this.#secondsOfPart *= 2;
    }
    this.#secondsOfLast = 0;
    const part = new Sum();
    this.#parts.push(part);
    return part;
  }

  /** How many seconds there are in all. */
  get seconds(): number {
    return Math.max(0, this.#parts.length - 1) * this.#secondsOfPart + this.#secondsOfLast;
  }

  /** So many stretches, of about the same length; none where there are fewer. */
  inParts(count: number): Sum[] {
    const known = this.#asked.get(count);
    if (known) return known;
    const parts = this.#parts.length < count ? [] : merged(this.#parts, count);
    this.#asked.set(count, parts);
    return parts;
  }
}

function merged(parts: readonly Sum[], count: number): Sum[] {
  const sums = Array.from({ length: count }, () => new Sum());
  for (const [at, part] of parts.entries()) {
    const sum = sums[Math.floor((at * count) / parts.length)];
    sum?.add(plain(part));
    sum?.addTime(part.ms);
  }
  return sums;
}

function plain({ values }: Sum): Record<string, Value> {
  return Object.fromEntries(
    [...values].map(([key, value]) => [key, value instanceof Durations ? value.value() : value]),
  );
}
