import type { WebSocket } from "ws";
import * as z from "zod";
import type { CoderClient } from "./client.ts";
import { delay } from "./delay.ts";
import { CoderError, isFailure } from "./errors.ts";
import { type Workspace, workspaceSchema } from "./schemas.ts";
import { openSocket } from "./sockets.ts";
import { watchBySse } from "./watch-sse.ts";

const frameSchema = z.looseObject({ type: z.string(), data: z.unknown() });
/** The server pings every 15 s (fact sheet §5.4); three missed ones, and nobody is there any more. */
const SILENCE_MS = 50_000;
const MAX_RECONNECT_DELAY_MS = 15_000;

/** Deployments without `watch-ws`: remembered, so that the question is asked once only. */
const withoutWatchWs = new WeakSet<object>();

/**
 * Follows one workspace for as long as it is of interest: one long-lived call instead of polls. A lost
 * connection is made again with growing delays. Other sources of news (a shared list poll, the answer of a
 * create) may be fed in by `offer`.
 */
export class WorkspaceWatch {
  #client: CoderClient;
  #id: string;
  #latest: Workspace | undefined;
  #waiters = new Set<() => void>();
  #abort = new AbortController();
  #ended: CoderError | undefined;
  /** When news last came, by the clock of `Date.now()`. */
  lastNewsAt = Date.now();
  onUpdate: (workspace: Workspace) => void = () => undefined;

  constructor(client: CoderClient, workspace: Workspace) {
    this.#client = client;
    this.#id = workspace.id;
    this.#latest = workspace;
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
    this.#abort.abort(new Error("watch closed"));
  }

  async #follow(): Promise<void> {
    const { signal } = this.#abort;
    for (let attempt = 0; !signal.aborted; attempt++) {
      const before = this.lastNewsAt;
      try {
        if (withoutWatchWs.has(this.#client.transport))
          await watchBySse(this.#client, this.#id, (w) => this.offer(w), signal);
        else await this.#followSocket(signal);
      } catch (error) {
        if (signal.aborted) return;
        if (
          isFailure(error, "not_found") &&
          !withoutWatchWs.has(this.#client.transport) &&
          (await this.#exists(signal))
        ) {
          withoutWatchWs.add(this.#client.transport);
          continue;
        }
        if (isFailure(error, "unauthorized", "forbidden", "not_found", "validation")) return this.#end(error);
      }
      if (this.lastNewsAt !== before) attempt = 0;
      const pause = Math.min(MAX_RECONNECT_DELAY_MS, 250 * 2 ** attempt) * (0.5 + Math.random());
      await delay(pause, signal).catch(() => undefined);
    }
  }

  /** A 404 means "no such route" on an old server, and "no such workspace" on a new one. */
  async #exists(signal: AbortSignal): Promise<boolean> {
    return (await this.#client.workspace(this.#id, { signal }).catch(() => undefined)) !== undefined;
  }

  #end(error: CoderError): void {
    this.#ended = error;
    for (const wake of [...this.#waiters]) wake();
  }

  async #followSocket(signal: AbortSignal): Promise<void> {
    const route = "GET /api/v2/workspaces/{workspace}/watch-ws";
    const socket = await openSocket(this.#client.transport, {
      path: `/api/v2/workspaces/${this.#id}/watch-ws`,
      route,
      token: this.#client.token,
      subject: this.#client.subject,
      signal,
    });
    await readFrames(socket, signal, (text) => {
      const workspace = workspaceOf(route, text);
      if (workspace) this.offer(workspace);
    });
  }
}

function workspaceOf(route: string, text: string): Workspace | undefined {
  let frame: z.infer<typeof frameSchema> | undefined;
  try {
    frame = frameSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
  if (frame.type !== "data") return undefined;
  const workspace = workspaceSchema.safeParse(frame.data);
  if (workspace.success) return workspace.data;
  throw new CoderError({
    kind: "unexpected",
    route,
    status: 101,
    message: `a workspace without ${workspace.error.issues[0]?.path.join(".") ?? "its fields"}`,
  });
}

/** Resolves when the socket has ended, by whatever end; rejects where `take` throws. */
function readFrames(socket: WebSocket, signal: AbortSignal, take: (text: string) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    let silence = setTimeout(() => socket.terminate(), SILENCE_MS);
    const alive = () => {
      clearTimeout(silence);
      silence = setTimeout(() => socket.terminate(), SILENCE_MS);
    };
    // 1000 is the only close that says "done"; terminate() after it covers a server that does not answer.
    const leave = () => {
      socket.close(1000);
      setTimeout(() => socket.terminate(), 1_000).unref();
    };
    signal.addEventListener("abort", leave, { once: true });
    socket.on("ping", alive);
    socket.on("message", (data) => {
      alive();
      try {
        take(String(data));
      } catch (error) {
        reject(error);
        socket.terminate();
      }
    });
    socket.on("error", () => undefined);
    socket.on("close", () => {
      clearTimeout(silence);
      signal.removeEventListener("abort", leave);
      resolve();
    });
    if (signal.aborted) leave();
    socket.resume();
  });
}
