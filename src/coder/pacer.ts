/**
 * Keeps us under the server's rate limits instead of running into them.
 *
 * The server counts by client address and path (method and query do not matter), with a window aligned to
 * the clock: used = previous window × (1 − elapsed share) + this window; refused requests are not counted
 * (docs/coder-api.md, Rate limits). The same sum is kept here for every path, corrected by what the server says
 * in its headers, so other clients behind the same address are seen too.
 */

const WINDOW_MS = 60_000;
/** Part of the budget that we use ourselves; the rest is for people on the same address. */
const SHARE = 0.96;
/** After a refusal that names no limit and no time: this long, twice as long after each further one. */
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;

interface Budget {
  window: number;
  previous: number;
  current: number;
  queue: Promise<void>;
}

export interface PacerClock {
  now(): number;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export class Pacer {
  #limit: number | undefined;
  #ownLimits = new Map<string, number>();
  #budgets = new Map<string, Budget>();
  /** Paths that something in front has refused: until when, and how often in a row. */
  #pauses = new Map<string, { until: number; refusals: number }>();
  #clock: PacerClock;
  /** Requests that wait now: since when. */
  readonly #waiting = new Set<{ since: number }>();
  /** Called with the milliseconds that a request has waited here. */
  onWait: (ms: number) => void = () => undefined;

  constructor(clock: PacerClock) {
    this.#clock = clock;
  }

  /** Requests a minute for one path; undefined where the server has no limit, or none was seen yet. */
  get limit(): number | undefined {
    return this.#limit;
  }

  /**
   * Waits until a request to the path fits into its budget, and takes its place there.
   * Returns the milliseconds waited. Rejects with the signal's reason.
   */
  async take(path: string, signal?: AbortSignal): Promise<number> {
    if (this.#limit === undefined && !this.#ownLimits.has(path) && !this.#pauses.has(path)) return 0;
    const budget = this.#budget(path);
    // First come, first served: a later request must not overtake one that waits.
    const asked = this.#clock.now();
    const waiting = { since: asked };
    this.#waiting.add(waiting);
    const turn = budget.queue.then(() => this.#takePlace(path, budget, signal));
    budget.queue = turn.then(
      () => undefined,
      () => undefined,
    );
    // Passing through without a wait takes a turn of the loop, which is not waiting.
    const slept = await turn.finally(() => this.#waiting.delete(waiting));
    const waited = slept ? this.#clock.now() - asked : 0;
    if (waited > 0) this.onWait(waited);
    return waited;
  }

  /** Milliseconds that requests have waited which wait still, all together. */
  get waitingMs(): number {
    const now = this.#clock.now();
    return [...this.#waiting].reduce((sum, { since }) => sum + now - since, 0);
  }

  async #takePlace(path: string, budget: Budget, signal?: AbortSignal): Promise<boolean> {
    for (let slept = false; ; slept = true) {
      signal?.throwIfAborted();
      const wait = this.#waitFor(path, budget);
      if (wait <= 0) {
        budget.current++;
        return slept;
      }
      await this.#clock.sleep(wait, signal);
    }
  }

  #waitFor(path: string, budget: Budget): number {
    const pause = (this.#pauses.get(path)?.until ?? 0) - this.#clock.now();
    if (pause > 0) return pause;
    const limit = this.#ownLimits.get(path) ?? this.#limit;
    if (limit === undefined) return 0;
    this.#roll(budget);
    const cap = Math.max(1, Math.floor(limit * SHARE));
    const elapsed = this.#clock.now() - budget.window * WINDOW_MS;
    const used = budget.previous * (1 - elapsed / WINDOW_MS) + budget.current;
    if (used + 1 <= cap) return 0;
    const toWindowEnd = WINDOW_MS - elapsed + 1;
    if (budget.current + 1 > cap || budget.previous === 0) return toWindowEnd;
    const enough = WINDOW_MS * (1 - (cap - budget.current - 1) / budget.previous);
    return Math.min(toWindowEnd, Math.max(1, Math.ceil(enough - elapsed)));
  }

  /** Learns from an answer: `limit` and `remaining` are its X-Ratelimit headers, where it has them. */
  learn(path: string, limit: number | undefined, remaining: number | undefined): void {
    this.#pauses.delete(path);
    if (limit === undefined) return;
    // The deployment's general limit comes with most answers; some paths have a stricter one of their own.
    if (this.#limit === undefined || limit >= this.#limit) this.#limit = limit;
    else this.#ownLimits.set(path, limit);
    if (remaining !== undefined) this.#correct(path, limit - remaining);
  }

  /**
   * Learns from a refusal. coderd's own names its limit: the path's budget is spent as of now, whatever was counted
   * here. One without comes from something in front and says nothing of a limit: the path waits as long as it is told
   * to, or a little and then longer, and goes on.
   */
  refused(path: string, limit: number | undefined, retryAfterMs?: number): void {
    if (limit !== undefined) {
      this.#limit ??= limit;
      return this.#correct(path, limit);
    }
    const refusals = (this.#pauses.get(path)?.refusals ?? 0) + 1;
    const ms = retryAfterMs ?? Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (refusals - 1));
    this.#pauses.set(path, { until: this.#clock.now() + ms, refusals });
  }

  #correct(path: string, usedByServer: number): void {
    const budget = this.#budget(path);
    this.#roll(budget);
    const share = 1 - (this.#clock.now() - budget.window * WINDOW_MS) / WINDOW_MS;
    const used = budget.previous * share + budget.current;
    if (usedByServer > used + 1) budget.current += usedByServer - used;
  }

  #roll(budget: Budget): void {
    const window = Math.floor(this.#clock.now() / WINDOW_MS);
    if (window === budget.window) return;
    budget.previous = window === budget.window + 1 ? budget.current : 0;
    budget.current = 0;
    budget.window = window;
  }

  #budget(path: string): Budget {
    let budget = this.#budgets.get(path);
    if (!budget) {
      const window = Math.floor(this.#clock.now() / WINDOW_MS);
      budget = { window, previous: 0, current: 0, queue: Promise.resolve() };
      this.#budgets.set(path, budget);
    }
    return budget;
  }
}
