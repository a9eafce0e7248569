/** For how long a run has stood still; for several reasons at once, until the last has ended. */
export class Standstill {
  #since: number | undefined;
  #reasons = 0;
  #total = 0;

  begin(): void {
    this.#reasons++;
    this.#since ??= performance.now();
  }

  /** Of what has begun; harmless where nothing has. */
  end(): void {
    if (this.#reasons === 0 || --this.#reasons > 0) return;
    this.#total = this.ms;
    this.#since = undefined;
  }

  get isNow(): boolean {
    return this.#since !== undefined;
  }

  /** In all, in milliseconds. */
  get ms(): number {
    return this.#total + (this.#since === undefined ? 0 : performance.now() - this.#since);
  }
}

const LONGEST_TIMER_MS = 2 ** 31 - 1;
const LOOK_AGAIN_MS = 250;

/** Acts after `ms` milliseconds of which the run stood still in none. Returns what calls it off. */
export function afterRunning(ms: number, still: Standstill, act: () => void): () => void {
  const begun = performance.now() - still.ms;
  let timer: NodeJS.Timeout;
  const sleep = (left: number) => {
    timer = setTimeout(look, Math.min(left, LONGEST_TIMER_MS));
  };
  const look = () => {
    const left = ms - (performance.now() - still.ms - begun);
    if (left <= 0) act();
    else sleep(Math.max(left, still.isNow ? LOOK_AGAIN_MS : 1));
  };
  sleep(ms);
  return () => clearTimeout(timer);
}

/** How often a job that waits says how long it still will. */
const TELL_MS = 1_000;

/**
 * Resolves after `ms` milliseconds in which the run did not stand still; rejects with the signal's reason. `left` is
 * told how many of them are left, about once a second.
 */
export async function runsFor(
  ms: number,
  still: Standstill,
  signal: AbortSignal,
  left?: (ms: number) => void,
): Promise<void> {
  signal.throwIfAborted();
  const begun = performance.now() - still.ms;
  const tell = () => left?.(Math.max(0, ms - (performance.now() - still.ms - begun)));
  tell();
  const telling = left ? setInterval(tell, TELL_MS) : undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      const stop = () => {
        callOff();
        reject(signal.reason);
      };
      const callOff = afterRunning(ms, still, () => {
        signal.removeEventListener("abort", stop);
        resolve();
      });
      signal.addEventListener("abort", stop, { once: true });
    });
  } finally {
    clearInterval(telling);
  }
}

/**
 * A signal that aborts with its parent, or with `makeReason()` after `ms` milliseconds (0: never) in which the run
 * did not stand still. `done` must be called: it ends the timer and leaves the parent.
 */
export function withLimit(
  parent: AbortSignal,
  ms: number,
  still: Standstill,
  makeReason: () => Error,
): { signal: AbortSignal; done: () => void } {
  const controller = new AbortController();
  const follow = () => controller.abort(parent.reason);
  if (parent.aborted) follow();
  parent.addEventListener("abort", follow, { once: true });
  const callOff = ms > 0 ? afterRunning(ms, still, () => controller.abort(makeReason())) : () => undefined;
  return {
    signal: controller.signal,
    done: () => {
      callOff();
      parent.removeEventListener("abort", follow);
    },
  };
}
