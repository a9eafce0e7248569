import { setTimeout as wait } from "node:timers/promises";

/**
 * Waits. Rejects with the signal's reason: Node's own rejects with an error that says "aborted" and no more, and
 * a time limit or a stop would be told as a failure without a name.
 */
export async function delay(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await wait(ms, undefined, signal ? { signal } : {});
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}
