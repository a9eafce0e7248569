import * as z from "zod";
import { formatDuration } from "./duration.ts";

/** Milliseconds; all zero where `count` is. */
export const percentilesSchema = z.object({
  count: z.number(),
  /** Of those that ended; absent in older versions. */
  mean: z.number().optional(),
  p50: z.number(),
  p95: z.number(),
  p99: z.number(),
  max: z.number(),
  /** Those that did not end: percentiles are over these, too. */
  unfinished: z.number().optional(),
  /** Figures whose true value is at least what is said. */
  atLeast: z.array(z.enum(["p50", "p95", "p99", "max"])).optional(),
});
export type Percentiles = z.infer<typeof percentilesSchema>;

export const FIGURES = ["p50", "p95", "p99", "max"] as const;

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
