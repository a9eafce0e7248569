import type { Metric } from "../protocol/description.ts";
import type { Labels } from "../protocol/series-key.ts";

/** Names of metrics for Prometheus: those of the exposition while a run goes on, and of the file at its end. */

export const EXPOSED_PREFIX = "coderd_scaletest_";

/** Bounds of a histogram in seconds: from what a kernel echoes in to what a build takes. */
export const EXPOSED_BUCKETS: readonly number[] = [
  0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1_800,
];

/** With prefix and unit: `coderd_scaletest_round_trip_seconds`. Of counters and shares, `_total` comes behind it. */
export function exposedName({ name, exposed, kind, unit }: Metric): string {
  const base = `${EXPOSED_PREFIX}${exposed ?? name}`;
  switch (kind) {
    case "duration":
      return `${base}_seconds`;
    case "gauge":
      return unit === "none" ? base : `${base}_${unit}`;
    case "share":
      return base;
    case "counter": {
      const ending = unit === "none" ? "" : `_${unit === "ms" ? "seconds" : unit}`;
      return base.endsWith(ending) ? base : `${base}${ending}`;
    }
  }
}

/** A counter by its name, of the series that have these labels; the other labels stay. */
export interface ExposedCounter {
  name: string;
  help: string;
  labels: string[];
  only: Labels;
}

/** A counter whose figures have names of their own is exposed by those: `ticks_lost_total`. */
export function exposedCounters(metric: Metric): ExposedCounter[] {
  const base = exposedName(metric);
  const aliases = Object.entries(metric.aliases ?? {}).filter(([, { per }]) => !per);
  if (aliases.length === 0)
    return [{ name: `${base}_total`, help: metric.text, labels: metric.labels, only: {} }];
  return aliases.map(([alias, { labels, text }]) => ({
    name: `${base}_${alias}_total`,
    help: text,
    labels: metric.labels.filter((label) => !(label in labels)),
    only: labels,
  }));
}
