import { createHash } from "node:crypto";

const WINDOW_MS = 60_000;
const MOST_COUNTERS = 50_000;
const LONGEST_KEY = 256;

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
 * Refused requests are not counted, so the budget comes back gradually (docs/coder-api.md, Rate limits).
 */
export class RateLimiter {
  readonly limit: number;
  readonly #counters = new Map<string, Counter>();

  constructor(limit: number) {
    this.limit = limit;
  }

  take(key: string, now: number): Verdict {
    const window = Math.floor(now / WINDOW_MS);
    const counter = this.#counter(shortened(key), window);
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
      if (this.#counters.size >= MOST_COUNTERS) this.#forget(window);
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
    const [oldest] = this.#counters.keys();
    if (this.#counters.size >= MOST_COUNTERS && oldest !== undefined) this.#counters.delete(oldest);
  }
}

/** A path may be as long as a request's head; the real limiter keeps a hash of each. */
function shortened(key: string): string {
  return key.length <= LONGEST_KEY ? key : createHash("sha256").update(key).digest("base64");
}
