/** A time limit ran out: of a job, of the run's stage, or of the clean-up. */
export class TimeLimit extends Error {
  override readonly name = "TimeLimit";
  readonly scope: "job" | "run" | "cleanup";

  constructor(scope: "job" | "run" | "cleanup", message: string) {
    super(message);
    this.scope = scope;
  }
}

/** Somebody asked for an end. */
export class Stopped extends Error {
  override readonly name = "Stopped";
  constructor() {
    super("stopped");
  }
}

/**
 * A signal that aborts with its parent, or with `makeReason()` after `ms` milliseconds (0: never).
 * `done` must be called: it ends the timer and leaves the parent.
 */
export function withLimit(
  parent: AbortSignal,
  ms: number,
  makeReason: () => Error,
): { signal: AbortSignal; done: () => void } {
  const controller = new AbortController();
  const follow = () => controller.abort(parent.reason);
  if (parent.aborted) follow();
  parent.addEventListener("abort", follow, { once: true });
  const timer =
    ms > 0 ? setTimeout(() => controller.abort(makeReason()), Math.min(ms, 2 ** 31 - 1)) : undefined;
  return {
    signal: controller.signal,
    done: () => {
      clearTimeout(timer);
      parent.removeEventListener("abort", follow);
    },
  };
}
