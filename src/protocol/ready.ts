import type { Counts, Sample, Snapshot } from "./snapshot.ts";

/**
 * Workspaces that have become ready, whatever came of them after. A run whose jobs do not become ready (clean-up)
 * counts those that are done.
 */
export function readyIn({ counts, readyCount }: Pick<Snapshot, "counts" | "readyCount">): number {
  return readyCount === undefined ? readyNow(counts) : Math.max(readyCount, counts.succeeded);
}

/** The same at the end of one second. */
export function readyAt({ counts, ready }: Pick<Sample, "counts" | "ready">): number {
  return ready ?? readyNow(counts);
}

/** All that runs of older versions say. */
function readyNow({ active, succeeded }: Counts): number {
  return active + succeeded;
}
