import { formatDuration } from "./duration.ts";
import type { Percentiles } from "./traffic.ts";

/** "1.2s"; "> 60s" where the figure falls among what did not end, so that no more is known of it. */
export function percentileText(
  percentiles: Percentiles,
  figure: "p50" | "p95" | "p99" | "max",
  format: (ms: number) => string = formatDuration,
): string {
  const text = format(percentiles[figure]);
  return percentiles.atLeast?.includes(figure) ? `> ${text}` : text;
}

/** Whether anything was observed, ended or not. */
export function isObserved({ count, unfinished = 0 }: Percentiles): boolean {
  return count + unfinished > 0;
}
