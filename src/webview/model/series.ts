import { readyAt } from "../../protocol/ready.ts";
import type { Sample } from "../../protocol/snapshot.ts";
import type { Span } from "../time/time-axis.ts";
import { STATES } from "./states.ts";

/** Time in seconds since the run began, then one array of values for each line of a chart; null is a gap. */
export type Columns = [number[], ...(number | null)[][]];

/**
 * Leaves at most about `limit` samples, each standing for a group of neighbours, the very newest for itself.
 * A chart of 600 pixels shows no more, and an hour of seconds would cost more time than an update may take.
 */
export function thin(samples: readonly Sample[], limit: number): readonly Sample[] {
  if (samples.length <= limit) return samples;
  const step = Math.ceil(samples.length / limit);
  const groups: Sample[] = [];
  // Counted from a fixed grid, not from the end: otherwise old points would move with every new second.
  for (let from = 0; from < samples.length; from += step) groups.push(merged(samples, from, from + step));
  return groups;
}

/** The newest of a group, with the group's worst latencies: a spike of one second must not be thinned away. */
function merged(samples: readonly Sample[], from: number, end: number): Sample {
  let worst = samples[from];
  let lateness = 0;
  let last = worst;
  for (let index = from; index < Math.min(end, samples.length); index++) {
    const sample = samples[index];
    if (!sample) continue;
    last = sample;
    lateness = Math.max(lateness, sample.latenessP99Ms);
    if ((sample.traffic?.roundTrip.p99 ?? 0) > (worst?.traffic?.roundTrip.p99 ?? 0)) worst = sample;
  }
  if (!last) throw new Error("a group of samples is never empty");
  const thinned = { ...last, latenessP99Ms: lateness };
  if (!last.traffic || !worst?.traffic) return thinned;
  return { ...thinned, traffic: { ...last.traffic, roundTrip: worst.traffic.roundTrip } };
}

/** The samples of a span of time, and one beyond either end, so that lines reach the edge. */
export function within(samples: readonly Sample[], { min, max }: Span): readonly Sample[] {
  const first = firstAfter(samples, min * 1_000);
  const end = firstAfter(samples, max * 1_000);
  return samples.slice(Math.max(0, first - 1), end + 1);
}

function firstAfter(samples: readonly Sample[], t: number): number {
  let [low, high] = [0, samples.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((samples[middle]?.t ?? 0) <= t) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** When the run was paused, in seconds since it began: each from the last second before it to its own last. */
export function pausedSpans(samples: readonly Sample[]): Span[] {
  const spans: Span[] = [];
  for (const [index, { t, paused }] of samples.entries()) {
    if (!paused) continue;
    const from = (samples[index - 1]?.t ?? 0) / 1_000;
    const last = spans.at(-1);
    if (last?.max === from) last.max = t / 1_000;
    else spans.push({ min: from, max: t / 1_000 });
  }
  return spans;
}

/** For a stacked chart: sums from the bottom up, in the order of STATES. */
export function stackedStates(samples: readonly Sample[]): Columns {
  const columns: Columns = [samples.map((sample) => sample.t / 1_000)];
  let below = samples.map(() => 0);
  for (const { state } of STATES) {
    below = samples.map((sample, index) => (below[index] ?? 0) + sample.counts[state]);
    columns.push(below);
  }
  return columns;
}

/** Less than this is the rest of a second, which has no rate of its own. A timer may be so much early. */
const FULL_SECOND_MS = 900;

/**
 * API calls a second; the samples themselves hold the sum so far. A rate is of a full second: the last sample of a
 * run may come a moment after the one before, and its few calls are no hundreds a second.
 */
export function apiColumns(samples: readonly Sample[]): Columns {
  const rates = samples.map((sample, index) => {
    let from = index - 1;
    while (from >= 0 && sample.t - (samples[from]?.t ?? 0) < FULL_SECOND_MS) from--;
    const before = samples[from];
    const ms = sample.t - (before?.t ?? 0);
    const calls = Math.max(0, sample.apiCalls - (before?.apiCalls ?? 0));
    return (calls / (ms < FULL_SECOND_MS ? 1_000 : ms)) * 1_000;
  });
  return [samples.map((sample) => sample.t / 1_000), rates];
}

export function generatorColumns(samples: readonly Sample[]): Columns {
  return [
    samples.map((sample) => sample.t / 1_000),
    samples.map((sample) => sample.latenessP99Ms),
    coresOf(samples),
  ];
}

/** Cores in use; the rest of a second is a gap. */
export function coresOf(samples: readonly Sample[]): (number | null)[] {
  return samples.map((sample, index) => {
    const ms = sample.t - (samples[index - 1]?.t ?? 0);
    return ms < FULL_SECOND_MS ? null : sample.cpu;
  });
}

/** Workspaces that became ready, a minute, over the last ten seconds before each sample. */
export function paceColumns(samples: readonly Sample[]): Columns {
  return [
    samples.map((sample) => sample.t / 1_000),
    samples.map((_, index) => paceAt(samples, index, 10_000)),
  ];
}

/** Workspaces becoming ready a minute, over the last `windowMs` before the sample at `index`. */
export function paceAt(samples: readonly Sample[], index: number, windowMs: number): number {
  const end = samples[index];
  if (!end) return 0;
  let from = index;
  while (from > 0 && end.t - (samples[from - 1]?.t ?? 0) <= windowMs) from--;
  const start = samples[from];
  if (!start || start.t >= end.t) return 0;
  return Math.max(0, (readyAt(end) - readyAt(start)) / ((end.t - start.t) / 60_000));
}
