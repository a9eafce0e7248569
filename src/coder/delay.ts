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
 * A signal that aborts with its parent (`graceMs` later, unless that has aborted before), or with a DeadlineError after `ms` milliseconds unless `met` is called.
 * `done` must be called: it leaves the parent.
 */
export function withDeadline(
  parent: AbortSignal | undefined,
  ms: number,
  graceMs = 0,
): { signal: AbortSignal; met: () => void; done: () => void } {
  const controller = new AbortController();
  let grace: ReturnType<typeof setTimeout> | undefined;
  const end = () => controller.abort(parent?.reason);
  const follow = () => {
    if (graceMs > 0) grace = setTimeout(end, graceMs);
    else end();
  };
  if (parent?.aborted) end();
  parent?.addEventListener("abort", follow, { once: true });
  const timer = setTimeout(() => controller.abort(new DeadlineError()), ms);
  return {
    signal: controller.signal,
    met: () => clearTimeout(timer),
    done: () => {
      clearTimeout(timer);
      clearTimeout(grace);
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
