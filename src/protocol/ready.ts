import type { Description } from "./description.ts";
import type { Counts, Step } from "./snapshot.ts";

/** Whether the jobs of a run become ready at all: of others it is said how many are done. */
export function becomesReady({ metrics }: Description): boolean {
  return metrics.some(({ name }) => name === "ready");
}

/**
 * Jobs that have become ready, whatever came of them after. A run whose jobs do not become ready (clean-up) counts those
 * that are done.
 */
export function readyIn({ counts, readyCount }: Pick<Step, "counts" | "readyCount">): number {
  return readyCount === undefined ? readyNow(counts) : Math.max(readyCount, counts.succeeded);
}

/** All that runs of older versions say. */
function readyNow({ active = 0, succeeded }: Counts): number {
  return active + succeeded;
}
