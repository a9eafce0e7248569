import type { CoderClient } from "./client.ts";
import { delay } from "./delay.ts";
import { type CoderError, isFailure } from "./errors.ts";
import type { Workspace } from "./schemas.ts";
import { goneError, type Watcher, WatchPoll } from "./watch-poll.ts";
import { watchBySocket } from "./watch-socket.ts";
import { watchBySse } from "./watch-sse.ts";
import { isRefusal, type Way, type Ways, waysOf } from "./watch-ways.ts";

const MAX_RECONNECT_DELAY_MS = 15_000;

const polls = new WeakMap<Ways, WatchPoll>();

/** One for all watches of a transport. */
function pollOf(ways: Ways): WatchPoll {
  let poll = polls.get(ways);
  if (!poll) {
    poll = new WatchPoll(ways);
    polls.set(ways, poll);
  }
  return poll;
}

/**
 * Follows one workspace for as long as it is of interest: one long-lived call instead of polls. A lost
 * connection is made again with growing delays. Where the deployment, or what stands before it, lets no WebSocket
 * through, news comes by server-sent events, and where those are kept back too, by a poll that all watches share.
 * Other sources of news (the answer of a create) may be fed in by `offer`.
 */
export class WorkspaceWatch implements Watcher {
  readonly id: string;
  readonly name: string;
  readonly client: CoderClient;
  readonly #ways: Ways;
  #latest: Workspace | undefined;
  #waiters = new Set<() => void>();
  #abort = new AbortController();
  #ended: CoderError | undefined;
  lastNewsAt = Date.now();
  onUpdate: (workspace: Workspace) => void = () => undefined;

  constructor(client: CoderClient, workspace: Workspace) {
    this.client = client;
    this.id = workspace.id;
    this.name = workspace.name;
    this.#latest = workspace;
    this.#ways = waysOf(client.transport);
    pollOf(this.#ways).add(this);
    void this.#follow();
  }

  /** True while somebody waits for news. */
  get waiting(): boolean {
    return this.#waiters.size > 0;
  }

  latest(): Workspace | undefined {
    return this.#latest;
  }

  /**
   * Takes news from elsewhere; older ones than those known are ignored. Of the same build, too: the answer to
   * the request that made it may come after the news of its end.
   */
  offer(workspace: Workspace): void {
    const known = this.#latest?.latest_build;
    const { build_number: number, job } = workspace.latest_build;
    if (known && number < known.build_number) return;
    if (known && number === known.build_number && known.job.completed_at && !job.completed_at) return;
    this.#latest = workspace;
    this.lastNewsAt = Date.now();
    this.onUpdate(workspace);
    for (const wake of [...this.#waiters]) wake();
  }

  /**
   * Resolves with the first value other than undefined that `check` gives for the newest state.
   * Rejects with the signal's reason, with what `check` throws, or where the watch cannot go on.
   */
  until<T>(check: (workspace: Workspace) => T | undefined, signal: AbortSignal): Promise<T> {
    return new Promise((resolve, reject) => {
      const finish = (act: () => void) => {
        this.#waiters.delete(look);
        signal.removeEventListener("abort", look);
        act();
      };
      const look = () => {
        try {
          signal.throwIfAborted();
          const value = this.#latest ? check(this.#latest) : undefined;
          if (value !== undefined) finish(() => resolve(value));
          else if (this.#ended) throw this.#ended;
        } catch (error) {
          finish(() => reject(error));
        }
      };
      this.#waiters.add(look);
      signal.addEventListener("abort", look);
      look();
    });
  }

  close(): void {
    pollOf(this.#ways).remove(this);
    this.#abort.abort(new Error("watch closed"));
  }

  /** There will be no more news: whoever waits for some is told why. */
  end(error: CoderError): void {
    this.#ended = error;
    this.close();
    for (const wake of [...this.#waiters]) wake();
  }

  async #follow(): Promise<void> {
    const { signal } = this.#abort;
    for (let attempt = 0; !signal.aborted; attempt++) {
      const before = this.lastNewsAt;
      const way = this.#ways.best;
      if (way === "poll") return;
      try {
        await this.#followBy(way, signal);
      } catch (error) {
        if (signal.aborted) return;
        const isWorse = await this.#failed(way, error, signal);
        if (isWorse || signal.aborted) continue;
      }
      if (this.lastNewsAt !== before) attempt = 0;
      const pause = Math.min(MAX_RECONNECT_DELAY_MS, 250 * 2 ** attempt) * (0.5 + Math.random());
      await delay(pause, signal).catch(() => undefined);
    }
  }

  #followBy(way: Exclude<Way, "poll">, signal: AbortSignal): Promise<void> {
    const told = {
      offer: (workspace: Workspace) => this.offer(workspace),
      heard: () => this.#ways.works(way),
    };
    return way === "socket"
      ? watchBySocket(this.client, this.id, told, signal)
      : watchBySse(this.client, this.id, told, signal);
  }

  /**
   * Is it the workspace that is refused, or the way to it? A plain request tells. Resolves with true where another
   * way is to be tried at once.
   */
  async #failed(way: Way, error: unknown, signal: AbortSignal): Promise<boolean> {
    const isRefused = isRefusal(error);
    if (isFailure(error, "rate_limited") || (!isRefused && this.#ways.isProved(way))) return false;
    try {
      const workspace = await this.client.workspaceOrGrave(this.id, { signal });
      if (workspace) this.offer(workspace);
      if (!workspace || isDeleted(workspace)) this.end(goneError());
      else this.#ways.fails(way, isRefused);
    } catch (problem) {
      if (signal.aborted) return false;
      if (isFailure(problem, "unauthorized", "forbidden", "not_found", "validation")) this.end(problem);
    }
    return this.#ways.best !== way;
  }
}

function isDeleted({ latest_build: { transition, job } }: Workspace): boolean {
  return transition === "delete" && job.status === "succeeded";
}
