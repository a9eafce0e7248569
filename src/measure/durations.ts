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
  /** Milliseconds; what is no number, or negative, is left out. */
  record(ms: number): void {
    this.#ended.add(ms * 1_000, 1);
  }

  /** Milliseconds since the begin of something that has not ended. */
  recordUnfinished(ageMs: number): void {
    this.#unfinished.add(ageMs * 1_000, 1);
  }

  /** Something will never end, after so many milliseconds of waiting for it. */
  recordNever(waitedMs: number): void {
    this.#never = { count: this.#never.count + 1, us: Math.max(this.#never.us, waitedMs * 1_000) };
  }

  add({ ended, unfinished, never }: Omit<DurationValue, "kind">): void {
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

  /** How many were longer than this: what is open counts by its age, what never ends always. */
  longerThan(ms: number): number {
    const us = ms * 1_000;
    return this.#ended.countAbove(us) + this.#unfinished.countAbove(us) + this.#never.count;
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
    const [ended, open] = [this.#ended, this.#unfinished];
    let left = rank;
    let hasOpen = false;
    let us = 0;
    for (let [e, o] = [0, 0]; e < ended.size || o < open.size; ) {
      // Of one value, what ended comes first: what is open may be longer.
      const isOpen = e >= ended.size || (o < open.size && open.bucket(o) < ended.bucket(e));
      const [from, at] = isOpen ? [open, o++] : [ended, e++];
      hasOpen ||= isOpen;
      left -= from.countAt(at);
      us = middleOf(from.bucket(at));
      if (left <= 0) return { ms: us / 1_000, atLeast: hasOpen };
    }
    return { ms: Math.max(this.#never.us, us) / 1_000, atLeast: true };
  }
}

/** Counts by bucket, of those that have any. */
class Buckets {
  readonly #counts = new Map<number, number>();
  /** In order; made anew where a bucket has come that was not there. */
  #order: number[] | undefined;
  count = 0;
  /** Microseconds. */
  sum = 0;

  add(us: number, count: number): void {
    if (!(us >= 0) || !(count > 0)) return;
    const bucket = bucketOf(us);
    const known = this.#counts.get(bucket);
    if (known === undefined) this.#order = undefined;
    this.#counts.set(bucket, (known ?? 0) + count);
    this.count += count;
    this.sum += us * count;
  }

  addSparse({ us, counts }: Sparse): void {
    for (const [at, value] of us.entries()) this.add(value, counts[at] ?? 0);
  }

  sparse(): Sparse {
    const buckets = this.#inOrder();
    return { us: buckets.map(middleOf), counts: buckets.map((bucket) => this.#counts.get(bucket) ?? 0) };
  }

  #inOrder(): number[] {
    this.#order ??= [...this.#counts.keys()].sort((a, b) => a - b);
    return this.#order;
  }

  /** How many buckets there are. */
  get size(): number {
    return this.#counts.size;
  }

  /** The bucket at a place in their order. */
  bucket(at: number): number {
    return this.#inOrder()[at] ?? 0;
  }

  countAt(at: number): number {
    return this.#counts.get(this.bucket(at)) ?? 0;
  }

  /** In buckets above the one of this value. */
  countAbove(us: number): number {
    const limit = bucketOf(us);
    let sum = 0;
    for (const [bucket, count] of this.#counts) if (bucket > limit) sum += count;
    return sum;
  }
}
