import { t } from "../../l10n/text.ts";
import { readyAt } from "../../protocol/ready.ts";
import type { Sample } from "../../protocol/snapshot.ts";
import type { Percentiles, Traffic } from "../../protocol/traffic.ts";
import type { Span } from "../time/time-axis.ts";
import { STATES } from "./states.ts";
import { CONNECTION_STATES, connectionsIn } from "./traffic-series.ts";

/**
 * What the lines of a chart come to over the part of time that is shown: the legend has it while nothing is pointed
 * at. The last second of a run that has ended says nothing: its connections are closed, and no echo comes.
 */
export interface Summary {
  /** One for each line; null where there is nothing to tell. */
  values: (number | null)[];
  /** Before each value, where it is not plainly the line's own: "max". */
  words?: string[];
  /** Seconds, of what the values are about; none: the measured part. */
  span?: Span;
}

/** Samples of a span, and the one before it: rates are of the time between two. */
export interface Shown {
  before: Sample | undefined;
  samples: readonly Sample[];
  span: Span;
}

export function shownIn(samples: readonly Sample[], span: Span): Shown {
  const first = samples.findIndex(({ t }) => t >= span.min * 1_000);
  const shown = first === -1 ? [] : samples.slice(first).filter(({ t }) => t <= span.max * 1_000);
  return { before: first > 0 ? samples[first - 1] : undefined, samples: shown, span };
}

/** Workspaces by state at the end of what is shown. */
export function stateSummary({ samples }: Shown): Summary {
  const last = samples.at(-1);
  if (!last) return { values: STATES.map(() => null) };
  const at = last.t / 1_000;
  return { values: STATES.map(({ state }) => last.counts[state]), span: { min: at, max: at } };
}

/** Workspaces that became ready, a minute. */
export function paceSummary(shown: Shown): Summary {
  return means(shown, [rise(shown, readyAt, 60_000)]);
}

/** API calls a second. */
export function apiSummary(shown: Shown): Summary {
  return means(shown, [rise(shown, ({ apiCalls }) => apiCalls, 1_000)]);
}

/** Lateness at its worst, and cores in the mean. */
export function generatorSummary(shown: Shown): Summary {
  return {
    values: [most(shown.samples, ({ latenessP99Ms }) => latenessP99Ms), mean(shown, ({ cpu }) => cpu)],
    words: [t("max"), t("mean")],
    span: shown.span,
  };
}

/** The same of traffic, with the limit between the two. */
export function shardSummary(shown: Shown, limitMs: number | undefined): Summary {
  return {
    values: [
      most(shown.samples, ({ traffic }) => traffic?.latenessP99Ms),
      limitMs ?? null,
      mean(shown, ({ cpu }) => cpu),
    ],
    words: [t("max"), "", t("mean")],
    span: shown.span,
  };
}

/** Connections by state, each at its most: when the run is over, all of them are closed. */
export function connectionSummary({ samples, span }: Shown): Summary {
  return {
    values: CONNECTION_STATES.map(({ state }) =>
      most(samples, ({ traffic }) => traffic && connectionsIn(traffic.connections, state)),
    ),
    words: CONNECTION_STATES.map(() => t("max")),
    span,
  };
}

/** Messages of `size` bytes a second; of a run that is over and shown as a whole, those of its result. */
export function throughputSummary(shown: Shown, result: Traffic["total"] | undefined, size: number): Summary {
  const perMessage = (bytes: number | undefined) => (bytes === undefined ? undefined : bytes / size);
  if (result) return { values: [result.offeredBytesPerSecond / size, result.achievedBytesPerSecond / size] };
  const isMoving = ({ traffic }: Sample) =>
    (traffic?.offeredBytesPerSecond ?? 0) + (traffic?.achievedBytesPerSecond ?? 0) > 0;
  const rate = (key: "offeredBytesPerSecond" | "achievedBytesPerSecond") =>
    mean(shown, (sample) => (isMoving(sample) ? perMessage(sample.traffic?.[key]) : undefined));
  return means(shown, [rate("offeredBytesPerSecond"), rate("achievedBytesPerSecond")]);
}

/** Of a run that is over and shown as a whole, its result; else what the seconds that are shown come to together. */
export function roundTripSummary(shown: Shown, result: Traffic["total"] | undefined): Summary {
  if (result && result.roundTrip.count > 0) {
    const { p50, p95, p99 } = result.roundTrip;
    return { values: [p50, p95, p99] };
  }
  const seconds = shown.samples.flatMap(({ traffic }) => (traffic?.roundTrip.count ? traffic.roundTrip : []));
  return { values: [0.5, 0.95, 0.99].map((share) => mergedPercentile(seconds, share)), span: shown.span };
}

function means(shown: Shown, values: (number | null)[]): Summary {
  return { values, words: values.map(() => t("mean")), span: shown.span };
}

/** By how much a sum has grown, for each `perMs`, and over a second at least: less is no ground for a rate. */
function rise({ before, samples }: Shown, sumAt: (sample: Sample) => number, perMs: number): number | null {
  const last = samples.at(-1);
  if (!last) return null;
  const [from, sum] = before ? [before.t, sumAt(before)] : [0, 0];
  return (Math.max(0, sumAt(last) - sum) / Math.max(1_000, last.t - from)) * perMs;
}

/** By time: a sample stands for what has gone by since the one before. */
function mean({ before, samples }: Shown, valueAt: (sample: Sample) => number | undefined): number | null {
  let [sum, time, last] = [0, 0, before?.t ?? 0];
  for (const sample of samples) {
    const value = valueAt(sample);
    if (value !== undefined) {
      sum += value * (sample.t - last);
      time += sample.t - last;
    }
    last = sample.t;
  }
  return time > 0 ? sum / time : null;
}

function most(samples: readonly Sample[], valueAt: (sample: Sample) => number | undefined): number | null {
  let found: number | null = null;
  for (const sample of samples) {
    const value = valueAt(sample);
    if (value !== undefined) found = Math.max(found ?? value, value);
  }
  return found;
}

const STEPS = 24;

/**
 * A percentile of several seconds together, by the percentiles of each: between two that are known, its values are
 * taken to lie evenly. The mean of percentiles is none, and the histograms are not here.
 */
export function mergedPercentile(seconds: readonly Percentiles[], share: number): number | null {
  const count = seconds.reduce((sum, one) => sum + one.count, 0);
  if (count === 0) return null;
  let low = 0;
  let high = Math.max(...seconds.map(({ max }) => max));
  for (let step = 0; step < STEPS; step++) {
    const middle = (low + high) / 2;
    const below = seconds.reduce((sum, one) => sum + one.count * shareBelow(one, middle), 0);
    if (below < share * count) low = middle;
    else high = middle;
  }
  return high;
}

function shareBelow({ p50, p95, p99, max }: Percentiles, value: number): number {
  let [from, fromShare] = [0, 0];
  for (const [to, toShare] of [
    [p50, 0.5],
    [p95, 0.95],
    [p99, 0.99],
    [max, 1],
  ] as const) {
    if (value < to) return fromShare + ((toShare - fromShare) * (value - from)) / (to - from);
    [from, fromShare] = [to, toShare];
  }
  return 1;
}
