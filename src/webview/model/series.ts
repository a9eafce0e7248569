import type { Sample } from "../../protocol/snapshot.ts";
import { readyCount, STATES } from "./states.ts";

/** Time in seconds since the run began, then one array of values for each line of a chart. */
export type Columns = number[][];

/**
 * Leaves at most about `limit` samples: the newest of each group of neighbours, and always the very newest.
 * A chart of 600 pixels shows no more, and an hour of seconds would cost more time than an update may take.
 */
export function thin(samples: readonly Sample[], limit: number): readonly Sample[] {
  if (samples.length <= limit) return samples;
  const step = Math.ceil(samples.length / limit);
  const last = samples.length - 1;
  // Counted from a fixed grid, not from the end: otherwise old points would move with every new second.
  return samples.filter((_, index) => index % step === 0 || index === last);
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

/** API calls a second between one sample and the one before; the samples themselves hold the sum so far. */
export function apiColumns(samples: readonly Sample[]): Columns {
  const rates = samples.map((sample, index) => {
    const before = index > 0 ? samples[index - 1] : undefined;
    const ms = sample.t - (before?.t ?? 0);
    return ms > 0 ? Math.max(0, sample.apiCalls - (before?.apiCalls ?? 0)) / (ms / 1_000) : 0;
  });
  return [samples.map((sample) => sample.t / 1_000), rates];
}

export function generatorColumns(samples: readonly Sample[]): Columns {
  return [
    samples.map((sample) => sample.t / 1_000),
    samples.map((sample) => sample.latenessP99Ms),
    samples.map((sample) => sample.cpu),
  ];
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
  return Math.max(0, (readyCount(end.counts) - readyCount(start.counts)) / ((end.t - start.t) / 60_000));
}
