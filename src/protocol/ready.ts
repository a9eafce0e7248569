import type { Counts, Snapshot } from "./snapshot.ts";

/**
 * Jobs that have become ready, whatever came of them after. A run whose jobs do not become ready (clean-up) counts those
 * that are done.
 */
export function readyIn({ counts, readyCount }: Pick<Snapshot, "counts" | "readyCount">): number {
  return readyCount === undefined ? readyNow(counts) : Math.max(readyCount, counts.succeeded);
}

/** All that runs of older versions say. */
function readyNow({ active = 0, succeeded }: Counts): number {
  return active + succeeded;
}
