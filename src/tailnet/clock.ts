/** Time as the tailnet sees it, so that tests can run hours of it in a moment. */
export interface Clock {
  /** Milliseconds of a monotonic clock. */
  now(): number;
  /** Calls `run` once after `ms`; returns what takes that back. */
  after(ms: number, run: () => void): () => void;
  /** Calls `run` when the current turn of the event loop has read all that came in. */
  soon(run: () => void): void;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
  soon: (run) => {
    setImmediate(run);
  },
};
