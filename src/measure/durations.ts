import { bucketOf, middleOf } from "./buckets.ts";
import type { DurationValue, Sparse } from "./values.ts";

/** A percentile or another figure of durations. */
export interface DurationFigure {
  /** Milliseconds. */
  ms: number;
  /** It falls among observations that did not end: the true value is at least this, "> 60 s". */
  atLeast: boolean;
}

/**
 * Durations that ended, and the ages of those that did not: a percentile over the first alone would be one of
 * survivors. What is lost or unfinished counts as at least its age.
 */
export class Durations {
  #ended = new Buckets();
  #unfinished = new Buckets();
  /** Ended and unfinished together, by value; made anew after a change. */
  #sorted: readonly Entry[] | undefined;

  /** Milliseconds; what is no number, or negative, is left out. */
  record(ms: number): void {
    this.#sorted = undefined;
    this.#ended.add(ms * 1_000, 1);
  }

  /** Milliseconds since the begin of something that has not ended. */
  recordUnfinished(ageMs: number): void {
    this.#sorted = undefined;
    this.#unfinished.add(ageMs * 1_000, 1);
  }

  add({ ended, unfinished }: Omit<DurationValue, "kind">): void {
    this.#sorted = undefined;
    this.#ended.addSparse(ended);
    if (unfinished) this.#unfinished.addSparse(unfinished);
  }

  merge(other: Durations): void {
    this.add(other.value());
  }

  /** For a message or a file. */
  value(): DurationValue {
    const unfinished = this.#unfinished.sparse();
    const ended = this.#ended.sparse();
    return { kind: "duration", ended, ...(unfinished.us.length > 0 ? { unfinished } : {}) };
  }

  clear(): void {
    this.#sorted = undefined;
    this.#ended = new Buckets();
    this.#unfinished = new Buckets();
  }

  /** All observations, ended or not. */
  get count(): number {
    return this.#ended.count + this.#unfinished.count;
  }

  get unfinished(): number {
    return this.#unfinished.count;
  }

  /** `percent` is 95 for p95; undefined where there is no observation. */
  percentile(percent: number): DurationFigure | undefined {
    let left = Math.max(1, Math.ceil((percent / 100) * this.count - 1e-9));
    for (const { us, count, isOpen } of this.#entries()) {
      left -= count;
      if (left <= 0) return { ms: us / 1_000, atLeast: isOpen };
    }
    return undefined;
  }

  get min(): DurationFigure | undefined {
    return figureOf(this.#entries()[0]);
  }

  get max(): DurationFigure | undefined {
    return figureOf(this.#entries().at(-1));
  }

  /** Of all; at least that where some did not end. */
  get mean(): DurationFigure | undefined {
    if (this.count === 0) return undefined;
    const sum = this.#entries().reduce((total, { us, count }) => total + us * count, 0);
    return { ms: sum / this.count / 1_000, atLeast: this.#unfinished.count > 0 };
  }

  #entries(): readonly Entry[] {
    // Of one value, what ended comes first: what is open may be longer.
    this.#sorted ??= [...this.#ended.entries(false), ...this.#unfinished.entries(true)].sort(
      (a, b) => a.us - b.us || Number(a.isOpen) - Number(b.isOpen),
    );
    return this.#sorted;
  }
}

interface Entry {
  us: number;
  count: number;
  isOpen: boolean;
}

function figureOf(entry: Entry | undefined): DurationFigure | undefined {
  return entry && { ms: entry.us / 1_000, atLeast: entry.isOpen };
}

/** Counts by bucket, of those that have any. */
class Buckets {
  readonly #counts = new Map<number, number>();
  count = 0;

  add(us: number, count: number): void {
    if (!(us >= 0) || !(count > 0)) return;
    const bucket = bucketOf(us);
    this.#counts.set(bucket, (this.#counts.get(bucket) ?? 0) + count);
    this.count += count;
  }

  addSparse({ us, counts }: Sparse): void {
    for (const [at, value] of us.entries()) this.add(value, counts[at] ?? 0);
  }

  sparse(): Sparse {
    const buckets = [...this.#counts.keys()].sort((a, b) => a - b);
    return { us: buckets.map(middleOf), counts: buckets.map((bucket) => this.#counts.get(bucket) ?? 0) };
  }

  entries(isOpen: boolean): Entry[] {
    return [...this.#counts].map(([bucket, count]) => ({ us: middleOf(bucket), count, isOpen }));
  }
}
