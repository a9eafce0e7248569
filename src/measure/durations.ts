import { bucketOf, middleOf } from "./buckets.ts";
import type { DurationValue, Sparse } from "./values.ts";

/** A percentile or another figure of durations. */
export interface DurationFigure {
  /** Milliseconds. */
  ms: number;
  /** It falls among, or behind, observations that did not end: the true value is at least this, "> 60 s". */
  atLeast: boolean;
}

/**
 * Durations that ended, the ages of those that go on, and how many never will end: a percentile over the first alone
 * would be one of survivors. What goes on counts as at least its age, what never ends as longer than all that did.
 */
export class Durations {
  #ended = new Buckets();
  #unfinished = new Buckets();
  #never = { count: 0, us: 0 };
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

  /** Something will never end, after so many milliseconds of waiting for it. */
  recordNever(waitedMs: number): void {
    this.#never = { count: this.#never.count + 1, us: Math.max(this.#never.us, waitedMs * 1_000) };
  }

  add({ ended, unfinished, never }: Omit<DurationValue, "kind">): void {
    this.#sorted = undefined;
    this.#ended.addSparse(ended);
    if (unfinished) this.#unfinished.addSparse(unfinished);
    if (never)
      this.#never = { count: this.#never.count + never.count, us: Math.max(this.#never.us, never.us) };
  }

  merge(other: Durations): void {
    this.add(other.value());
  }

  /** For a message or a file. */
  value(): DurationValue {
    const unfinished = this.#unfinished.sparse();
    return {
      kind: "duration",
      ended: this.#ended.sparse(),
      ...(unfinished.us.length > 0 ? { unfinished } : {}),
      ...(this.#never.count > 0 ? { never: { ...this.#never } } : {}),
    };
  }

  clear(): void {
    this.#sorted = undefined;
    this.#ended = new Buckets();
    this.#unfinished = new Buckets();
    this.#never = { count: 0, us: 0 };
  }

  /** All observations, ended or not. */
  get count(): number {
    return this.#ended.count + this.unfinished;
  }

  /** Those that did not end. */
  get unfinished(): number {
    return this.#unfinished.count + this.#never.count;
  }

  /** `percent` is 95 for p95; undefined where there is no observation. */
  percentile(percent: number): DurationFigure | undefined {
    if (this.count === 0) return undefined;
    return this.#atRank(Math.max(1, Math.ceil((percent / 100) * this.count - 1e-9)));
  }

  get min(): DurationFigure | undefined {
    return this.count === 0 ? undefined : this.#atRank(1);
  }

  get max(): DurationFigure | undefined {
    return this.count === 0 ? undefined : this.#atRank(this.count);
  }

  /** Of those that ended. */
  get mean(): DurationFigure | undefined {
    const { count } = this.#ended;
    return count === 0 ? undefined : { ms: this.#ended.sum / count / 1_000, atLeast: false };
  }

  /** What is open and shorter may yet grow to be longer: from there on, a rank's value is a lower bound. */
  #atRank(rank: number): DurationFigure {
    const entries = this.#entries();
    let [left, hasOpen] = [rank, false];
    for (const { us, count, isOpen } of entries) {
      hasOpen ||= isOpen;
      left -= count;
      if (left <= 0) return { ms: us / 1_000, atLeast: hasOpen };
    }
    return { ms: Math.max(this.#never.us, entries.at(-1)?.us ?? 0) / 1_000, atLeast: true };
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

/** Counts by bucket, of those that have any. */
class Buckets {
  readonly #counts = new Map<number, number>();
  count = 0;
  /** Microseconds. */
  sum = 0;

  add(us: number, count: number): void {
    if (!(us >= 0) || !(count > 0)) return;
    const bucket = bucketOf(us);
    this.#counts.set(bucket, (this.#counts.get(bucket) ?? 0) + count);
    this.count += count;
    this.sum += us * count;
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
