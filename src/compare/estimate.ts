import { Durations } from "../measure/durations.ts";
import { matches, seriesOf } from "../measure/series.ts";
import type { Sum } from "../measure/totals.ts";
import type { Value } from "../measure/values.ts";
import { percentileOf } from "../protocol/figure-unit.ts";
import type { Labels } from "../protocol/series-key.ts";
import type { JudgedFigure, Share } from "./figures.ts";
import { chanceRatio, sampleVariance, type Variance, varianceOfMean } from "./statistics.ts";

/**
 * How well a figure of a run is known: by how its blocks differ. A percentile is of all observations of a run together,
 * never a mean of percentiles; how uncertain it is follows from how many observations of each block are above it
 * (Woodruff's way for percentiles of clusters).
 */

/** How each block differs from its run, and what that does to a figure. */
export interface Influence {
  /** Their mean is 0. */
  blocks: readonly number[];
  /** From a block's difference to the figure's, as a share of it. */
  slope: number;
  /** Observations that it rests on. */
  beyond: number;
  /** As many blocks of equal weight. */
  looks: number;
  /** No better known than by this variance: of a percentile, one rank. */
  least: number;
}

/** undefined where nothing can be said: there are no observations. */
export function percentileInfluence(
  blocks: readonly Durations[],
  figure: string,
  value: number,
): Influence | undefined {
  const percent = percentileOf(figure);
  const counts = blocks.map(({ count }) => count);
  const all = sum(counts);
  if (percent === undefined || all === 0 || value <= 0) return undefined;
  const looks = looksOf(counts);
  if (looks < LEAST_LOOKS) return undefined;
  const above = blocks.map((block) => block.longerThan(value));
  const share = sum(above) / all;
  const mean = all / blocks.length;
  const slope = slopeAt(together(blocks), percent / 100, all);
  return {
    blocks: blocks.map((_, at) => ((above[at] ?? 0) - share * (counts[at] ?? 0)) / mean),
    slope,
    least: (slope / all) ** 2,
    beyond: Math.min(sum(above), all - sum(above)),
    looks,
  };
}

/**
 * Where one block has nearly all observations, it is all that there is to compare it with: it seems to differ by nothing.
 */
function looksOf(counts: readonly number[]): number {
  const squares = sum(counts.map((count) => count ** 2));
  return squares > 0 ? sum(counts) ** 2 / squares : 0;
}

/** How much the logarithm of a percentile changes with the share below it. */
function slopeAt(all: Durations, share: number, count: number): number {
  const most = Math.min(share, 1 - share);
  const reach = Math.min(0.8 * most, Math.max(0.01 * most, 2 * Math.sqrt((share * (1 - share)) / count)));
  const at = (one: number) => Math.log(Math.max(1e-3, all.percentile(one * 100)?.ms ?? 0));
  return (at(share + reach) - at(share - reach)) / (2 * reach);
}

function together(blocks: readonly Durations[]): Durations {
  const all = new Durations();
  for (const block of blocks) all.merge(block);
  return all;
}

/** Of the mean of values. */
export function meanInfluence(blocks: readonly (readonly number[])[]): Influence | undefined {
  const all = sum(blocks.map(sum));
  const count = sum(blocks.map(({ length }) => length));
  const looks = looksOf(blocks.map(({ length }) => length));
  if (all <= 0 || looks < LEAST_LOOKS) return undefined;
  const mean = all / blocks.length;
  return {
    blocks: blocks.map((block) => (sum(block) - (all / count) * block.length) / mean),
    slope: 1,
    beyond: count,
    looks,
    least: 0,
  };
}

/** Of a count a second. */
export function rateInfluence(blocks: readonly { n: number; ms: number }[]): Influence | undefined {
  const [all, ms] = [sum(blocks.map(({ n }) => n)), sum(blocks.map((block) => block.ms))];
  if (all <= 0 || ms <= 0) return undefined;
  const mean = all / blocks.length;
  return {
    blocks: blocks.map((block) => (block.n - (all / ms) * block.ms) / mean),
    slope: 1,
    beyond: all,
    least: 0,
    looks: looksOf(blocks.map((block) => block.ms)),
  };
}

/**
 * Of the difference of two runs. Both did the same at the same time: blocks are compared by their place, so that what
 * belongs to the test (a ramp, a queue that grows) is no noise.
 */
export function pairedVariance(now: Influence, before: Influence): Variance {
  const slope = (now.slope + before.slope) / 2;
  const blocks = now.blocks.map((one, at) => slope * (one - (before.blocks[at] ?? 0)));
  const { value, freedom } = varianceOfMean(blocks);
  const looks = Math.min(now.looks, before.looks);
  return {
    value: Math.max(value, now.least + before.least),
    freedom: Math.max(1, Math.min(freedom, looks - 1, now.beyond + before.beyond - 1)),
  };
}

/** Of one run alone. */
export function ownVariance({ blocks, slope, beyond, looks, least }: Influence): Variance {
  const { value, freedom } = varianceOfMean(blocks.map((one) => slope * one));
  return { value: Math.max(value, least), freedom: Math.max(1, Math.min(freedom, looks - 1, beyond - 1)) };
}

/** Less than this is chance; a variance that is more than that is of bursts, in which failures come together. */
const CHANCE = 0.99;

/**
 * Of a share: that of its count, as of independent events, unless its blocks differ by more than that. `shares` are of
 * the blocks, and may be none.
 */
export function shareVariance({ n, of }: Share, shares: readonly Share[]): Variance {
  // A count of none is no proof that there are none.
  const counted: Variance = { value: (n + 0.5) / of ** 2, freedom: Number.POSITIVE_INFINITY };
  const all = { n: sum(shares.map((one) => one.n)), of: sum(shares.map((one) => one.of)) };
  if (looksOf(shares.map((one) => one.of)) < LEAST_LOOKS || all.n <= 0) return counted;
  const mean = all.of / shares.length;
  const blocks = shares.map((one) => (one.n - (all.n / all.of) * one.of) / mean);
  const expected = (all.n + 0.5) / all.of ** 2;
  const { value, freedom } = sampleVariance(blocks);
  if (value / shares.length / expected <= chanceRatio(freedom, CHANCE)) return counted;
  const bursts = varianceOfMean(blocks);
  return { value: (counted.value * bursts.value) / expected, freedom: bursts.freedom };
}

/** Fewer blocks than this say nothing of how they differ. */
export const LEAST_BLOCKS = 4;
/** Blocks are never of quite equal weight: four of them are a little less than four looks. */
const LEAST_LOOKS = 3;
/** Longer ones are better than more: seconds of one block are alike. */
const MOST_BLOCKS = 15;
/** Of seconds, or of jobs. */
const LEAST_IN_BLOCK = 5;

/** How many blocks so many seconds or jobs make. */
export function blocksOf(count: number): number {
  return Math.min(MOST_BLOCKS, Math.max(LEAST_BLOCKS, Math.floor(count / LEAST_IN_BLOCK)));
}

/** Jobs of one moment are alike: they are no more blocks than there are stretches of time in which they became ready. */
export function blocksOfJobs(jobs: readonly { at: number }[]): number {
  const times = jobs.map(({ at }) => at);
  const seconds = (Math.max(...times) - Math.min(...times)) / 1_000;
  return Math.min(blocksOf(jobs.length), Math.floor(seconds / LEAST_IN_BLOCK));
}

export function durationsIn(parts: readonly Sum[], metric: string): Durations[] {
  return parts.map((part) => {
    const all = new Durations();
    for (const value of valuesIn(part, metric, {})) {
      if (value instanceof Durations) all.merge(value);
      else if (value.kind === "duration") all.add(value);
    }
    return all;
  });
}

/** Values of jobs that follow each other, in blocks. */
export function jobBlocks(values: readonly number[], count: number): number[][] {
  const blocks = Array.from({ length: count }, (): number[] => []);
  for (const [at, value] of values.entries()) blocks[Math.floor((at * count) / values.length)]?.push(value);
  return blocks;
}

export function durationsOf(values: readonly number[]): Durations {
  const durations = new Durations();
  for (const value of values) durations.record(value);
  return durations;
}

export function sharesIn(parts: readonly Sum[], { metric, figure }: JudgedFigure): Share[] {
  const alias = metric.aliases?.[figure];
  return parts.map((part) => {
    if (alias?.per)
      return { n: countIn(part, metric.name, alias.labels), of: countIn(part, metric.name, alias.per) };
    const share = { n: 0, of: 0 };
    for (const value of valuesIn(part, metric.name, {}))
      if (!(value instanceof Durations) && value.kind === "share") {
        share.n += value.n;
        share.of += value.of;
      }
    return share;
  });
}

export function ratesIn(parts: readonly Sum[], metric: string): { n: number; ms: number }[] {
  return parts.map((part) => ({ n: countIn(part, metric, {}), ms: part.ms }));
}

function countIn(part: Sum, metric: string, labels: Labels): number {
  let n = 0;
  for (const value of valuesIn(part, metric, labels))
    if (!(value instanceof Durations) && value.kind === "counter") n += value.n;
  return n;
}

function valuesIn({ values }: Sum, metric: string, labels: Labels): (Value | Durations)[] {
  return [...values].flatMap(([key, value]) => {
    const series = seriesOf(key);
    return series?.metric === metric && matches(series.labels, labels) ? [value] : [];
  });
}

/** Observations that a percentile needs at least, so that some are beyond it. */
const LEAST_BEYOND = 10;
const LEAST_OF_P99 = 3_000;

/** How many a figure needs at least; of what is no percentile, 1. */
export function leastCount({ metric, figure }: Pick<JudgedFigure, "metric" | "figure">): number {
  const percent = metric.kind === "duration" ? percentileOf(figure) : undefined;
  if (percent === undefined) return figure === "mean" ? LEAST_BEYOND : 1;
  if (percent >= 99) return LEAST_OF_P99;
  return Math.ceil((LEAST_BEYOND * 100) / Math.min(percent, 100 - percent) - 1e-9);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}
