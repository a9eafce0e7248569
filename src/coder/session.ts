import { say } from "../text/message.ts";
import { CoderError } from "./errors.ts";

/** What a request is for: a name of one of the run's workspaces, or "run": the run as a whole. */
export type Subject = string;

/**
 * `accepted` until the deployment refuses the token; `expired` until there is another; `lost` when nobody has
 * brought one in time.
 */
export type SessionState = "accepted" | "expired" | "lost";

/** What is known of a session in one thread, for another that uses it too. */
export interface SessionNews {
  token: string;
  state: SessionState;
  /** A token of somebody else has another in its place. */
  replaced?: { former: string; next: string };
}

/**
 * The session of the person whose run this is. A token that was the session's is replaced by its newest wherever
 * it is used. Tokens of others (those that a run makes for its users) pass through untouched, or as what has been
 * put in their place.
 *
 * Nobody waits for a sign-in unless it is kept: then a request that is refused for the session's sake waits, with
 * all that come after it, until there is another token or nobody is waited for any more.
 */
export class Session {
  /** Told of every change of token or state. */
  readonly changed = new Set<(news: SessionNews) => void>();
  #token: string;
  #former = new Set<string>();
  /** What is in the place of others' tokens. */
  #successors = new Map<string, string>();
  #state: SessionState = "accepted";
  #kept = false;
  #refuses: (token: string) => Promise<boolean>;
  #question: Promise<boolean> | undefined;
  #wake = new Set<() => void>();
  #waits = new Map<Subject, { now: number; since: number; total: number }>();

  /** `refuses` asks the deployment whether it refuses the token: a 401 may come from something in front of it. */
  constructor(token: string, refuses: (token: string) => Promise<boolean>) {
    this.#token = token;
    this.#refuses = refuses;
  }

  get token(): string {
    return this.#token;
  }

  get state(): SessionState {
    return this.#state;
  }

  get news(): SessionNews {
    return { token: this.#token, state: this.#state };
  }

  /** Somebody can be asked for a new token: from now on a refused one makes requests wait, not fail. */
  keep(): void {
    this.#kept = true;
  }

  /** The newest token in the place of one that was the session's, or that has been replaced. */
  current(token: string): string {
    if (this.#owns(token)) return this.#token;
    let newest = token;
    for (let next = this.#successors.get(newest); next !== undefined; next = this.#successors.get(newest))
      newest = next;
    return newest;
  }

  /** A user's token is about to end: from now on the other is used wherever the former is. */
  replace(former: string, next: string): void {
    this.#successors.set(former, next);
    for (const tell of [...this.changed]) tell({ ...this.news, replaced: { former, next } });
  }

  /** What fails with this token may fail for the session's sake. */
  isStale(token: string): boolean {
    if (this.#successors.has(token)) return true;
    return this.#owns(token) && (token !== this.#token || this.#state === "expired");
  }

  /**
   * The token to use. Waits while the session is expired; `onWait` is told for how long.
   * Rejects with CoderError where nobody is waited for any more, or with the signal's reason.
   */
  async usable(
    token: string,
    subject: Subject,
    signal?: AbortSignal,
    onWait?: (ms: number) => void,
  ): Promise<string> {
    if (!this.#owns(token)) return this.current(token);
    if (this.#state === "expired") {
      const before = this.stoodMs(subject);
      await this.#standStill(subject, signal);
      onWait?.(this.stoodMs(subject) - before);
    }
    if (this.#state === "lost") throw lost();
    return this.#token;
  }

  /**
   * After a request with this token has failed, `refused` with 401: true where it is to be made again, with what
   * `usable` gives then. Never rejects.
   */
  async lapsed(token: string, refused: boolean): Promise<boolean> {
    // It was on its way when the token was replaced.
    if (refused && this.#successors.has(token)) return true;
    if (!this.#kept || !refused || !this.#owns(token)) return false;
    if (this.isStale(token)) return true;
    if (this.#state === "lost") return false;
    this.#question ??= this.#refuses(token).finally(() => {
      this.#question = undefined;
    });
    const isRefused = await this.#question;
    if (token === this.#token && isRefused && this.#state === "accepted") this.#become("expired");
    return this.isStale(token);
  }

  /** Another token of the same deployment, which has been found to be good. */
  renew(token: string): void {
    this.follow({ token, state: "accepted" });
  }

  /** Nobody is waited for any more. */
  giveUp(): void {
    this.#become("lost");
  }

  /** Takes over what another thread knows. */
  follow({ token, state, replaced }: SessionNews): void {
    if (replaced) return this.replace(replaced.former, replaced.next);
    if (token !== this.#token) this.#former.add(this.#token);
    this.#token = token;
    this.#become(state);
  }

  /** For how long requests of this subject have waited for a sign-in so far, in milliseconds. */
  stoodMs(subject: Subject): number {
    const wait = this.#waits.get(subject);
    if (!wait) return 0;
    return wait.total + (wait.now > 0 ? performance.now() - wait.since : 0);
  }

  #owns(token: string): boolean {
    return token === this.#token || this.#former.has(token);
  }

  #become(state: SessionState): void {
    this.#state = state;
    if (state !== "expired") for (const wake of [...this.#wake]) wake();
    for (const tell of [...this.changed]) tell(this.news);
  }

  async #standStill(subject: Subject, signal: AbortSignal | undefined): Promise<void> {
    const wait = this.#waits.get(subject) ?? { now: 0, since: 0, total: 0 };
    this.#waits.set(subject, wait);
    if (wait.now++ === 0) wait.since = performance.now();
    try {
      while (this.#state === "expired") await this.#news(signal);
    } finally {
      if (--wait.now === 0) wait.total += performance.now() - wait.since;
    }
  }

  #news(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (act: () => void) => {
        this.#wake.delete(woken);
        signal?.removeEventListener("abort", stopped);
        act();
      };
      const woken = () => settle(resolve);
      const stopped = () => settle(() => reject(signal?.reason));
      this.#wake.add(woken);
      signal?.addEventListener("abort", stopped, { once: true });
      if (signal?.aborted) stopped();
    });
  }
}

function lost(): CoderError {
  return new CoderError({
    kind: "unauthorized",
    route: "sign-in",
    status: 401,
    message: say("the session has expired, and nobody has signed in again"),
  });
}
