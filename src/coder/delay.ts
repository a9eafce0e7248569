import { setTimeout as wait } from "node:timers/promises";

/** Nobody answered in time. */
export class DeadlineError extends Error {
  override readonly name = "DeadlineError";
  readonly code = "ETIMEDOUT";

  constructor() {
    super("no answer in time");
  }
}

/**
 * A signal that aborts with its parent, or with a DeadlineError after `ms` milliseconds unless `met` is called.
 * `done` must be called: it leaves the parent.
 */
export function withDeadline(
  parent: AbortSignal | undefined,
  ms: number,
): { signal: AbortSignal; met: () => void; done: () => void } {
  const controller = new AbortController();
  const follow = () => controller.abort(parent?.reason);
  if (parent?.aborted) follow();
  parent?.addEventListener("abort", follow, { once: true });
  const timer = setTimeout(() => controller.abort(new DeadlineError()), ms);
  return {
    signal: controller.signal,
    met: () => clearTimeout(timer),
    done: () => {
      clearTimeout(timer);
      parent?.removeEventListener("abort", follow);
    },
  };
}

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
