const WINDOW_MS = 60_000;

interface Counter {
  window: number;
  used: number;
  before: number;
}

export interface Verdict {
  allowed: boolean;
  headers: Record<string, string>;
}

/**
 * Coder's limiter: a sliding window over two clock-aligned minutes, for each path and client address.
 * Refused requests are not counted, so the budget comes back gradually (coder-api.md §2).
 */
export class RateLimiter {
  readonly limit: number;
  readonly #counters = new Map<string, Counter>();

  constructor(limit: number) {
    this.limit = limit;
  }

  take(key: string, now: number): Verdict {
    const window = Math.floor(now / WINDOW_MS);
    const counter = this.#counter(key, window);
    const elapsed = (now % WINDOW_MS) / WINDOW_MS;
    const used = counter.before * (1 - elapsed) + counter.used;
    const allowed = used < this.limit;
    if (allowed) counter.used++;
    const headers: Record<string, string> = {
      "X-Ratelimit-Limit": String(this.limit),
      "X-Ratelimit-Remaining": String(Math.max(0, Math.floor(this.limit - used - (allowed ? 1 : 0)))),
      "X-Ratelimit-Reset": String(((window + 1) * WINDOW_MS) / 1000),
    };
    if (!allowed) headers["Retry-After"] = "60";
    return { allowed, headers };
  }

  #counter(key: string, window: number): Counter {
    const known = this.#counters.get(key);
    if (!known) {
      if (this.#counters.size > 50_000) this.#forget(window);
      const made = { window, used: 0, before: 0 };
      this.#counters.set(key, made);
      return made;
    }
    if (known.window !== window) {
      known.before = known.window === window - 1 ? known.used : 0;
      known.used = 0;
      known.window = window;
    }
    return known;
  }

  #forget(window: number): void {
    for (const [key, counter] of this.#counters) if (counter.window < window - 1) this.#counters.delete(key);
  }
}
