/**
 * What was measured of one series in one second: plain JSON, so that it travels between threads, machines and disks
 * alike. A second holds what happened in it, never a sum since the beginning and never a rate.
 */
export type Value = CounterValue | GaugeValue | ShareValue | DurationValue;

export interface CounterValue {
  kind: "counter";
  n: number;
}

/** Of the looks that were taken in the second. */
export interface GaugeValue {
  kind: "gauge";
  last: number;
  min: number;
  max: number;
  sum: number;
  looks: number;
}

/** `n` of `of`. */
export interface ShareValue {
  kind: "share";
  n: number;
  of: number;
}

/**
 * Durations that ended, and what did not: microseconds, and how often each. `unfinished` goes on, and counts as at least
 * its age. `never` will not end any more (an echo is lost, a job failed before it was ready), and counts as longer than
 * everything that did; `us` is the longest that was waited for one of those.
 */
export interface DurationValue {
  kind: "duration";
  ended: Sparse;
  unfinished?: Sparse;
  never?: { count: number; us: number };
}

/** Values in microseconds, and how often each was seen; both of one length. */
export interface Sparse {
  us: readonly number[];
  counts: readonly number[];
}

/** So many of a counter. */
export function counted(n: number): CounterValue {
  return { kind: "counter", n };
}

/** One look at a gauge. */
export function look(value: number): GaugeValue {
  return { kind: "gauge", last: value, min: value, max: value, sum: value, looks: 1 };
}

/**
 * Adds two values of one series and one second, from two places or of two label sets. Throws an Error where they are
 * of two kinds: that is no merge but a mistake.
 */
export function addValues(a: Value, b: Value): Value {
  if (a.kind === "counter" && b.kind === "counter") return { kind: "counter", n: a.n + b.n };
  if (a.kind === "share" && b.kind === "share") return { kind: "share", n: a.n + b.n, of: a.of + b.of };
  if (a.kind === "gauge" && b.kind === "gauge") return addGauges(a, b);
  if (a.kind === "duration" && b.kind === "duration") return addDurations(a, b);
  throw new Error(`a ${a.kind} and a ${b.kind} are no values of one series`);
}

/** Puts a later second's value behind an earlier one's: sums go on, and of a gauge the later look is the last. */
export function appendValue(earlier: Value, later: Value): Value {
  if (earlier.kind !== "gauge" || later.kind !== "gauge") return addValues(earlier, later);
  return {
    kind: "gauge",
    last: later.last,
    min: Math.min(earlier.min, later.min),
    max: Math.max(earlier.max, later.max),
    sum: earlier.sum + later.sum,
    looks: earlier.looks + later.looks,
  };
}

/** Places are added up: ten connections here and ten there are twenty. */
function addGauges(a: GaugeValue, b: GaugeValue): GaugeValue {
  return {
    kind: "gauge",
    last: a.last + b.last,
    min: a.min + b.min,
    max: a.max + b.max,
    sum: a.sum + b.sum,
    looks: Math.max(a.looks, b.looks),
  };
}

function addDurations(a: DurationValue, b: DurationValue): DurationValue {
  const unfinished =
    a.unfinished && b.unfinished ? addSparse(a.unfinished, b.unfinished) : (a.unfinished ?? b.unfinished);
  const never = addNever(a.never, b.never);
  return {
    kind: "duration",
    ended: addSparse(a.ended, b.ended),
    ...(unfinished ? { unfinished } : {}),
    ...(never ? { never } : {}),
  };
}

function addNever(a: DurationValue["never"], b: DurationValue["never"]): DurationValue["never"] {
  return a && b ? { count: a.count + b.count, us: Math.max(a.us, b.us) } : (a ?? b);
}

function addSparse(a: Sparse, b: Sparse): Sparse {
  const sums = new Map<number, number>();
  for (const { us, counts } of [a, b])
    for (const [at, value] of us.entries()) sums.set(value, (sums.get(value) ?? 0) + (counts[at] ?? 0));
  const us = [...sums.keys()].sort((one, other) => one - other);
  return { us, counts: us.map((value) => sums.get(value) ?? 0) };
}
