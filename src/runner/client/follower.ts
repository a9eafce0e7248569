import { readFile } from "node:fs/promises";
import type { Socket } from "node:net";
import path from "node:path";
import type { MessageConnection } from "vscode-jsonrpc/node";
import type { News } from "../../protocol/messages.ts";
import { withNews } from "../../protocol/news.ts";
import type { Snapshot } from "../../protocol/snapshot.ts";
import { RUN_FILE } from "../../runs/file-names.ts";
import type { Message } from "../../text/message.ts";
import { SaidError } from "../../text/said-error.ts";
import type { RunAddress } from "./address.ts";
import { connectionOver, openSocket, orClosed } from "./socket.ts";

/**
 * The end of a run's socket for one who follows it to its end, and stops it. It loads no schemas, and takes what comes as
 * it is: only for runners of this very version. RunnerConnection is for all others, and for all else.
 */
export class Follower {
  readonly address: RunAddress;
  #socket: Socket;
  #rpc: MessageConnection;
  #latest: Snapshot | undefined;
  #show: (snapshot: Snapshot) => void = () => undefined;
  /** Resolves when the run is over, or its runner gone. */
  #ended: Promise<void>;

  private constructor(address: RunAddress, socket: Socket) {
    this.address = address;
    this.#socket = socket;
    const rpc = connectionOver(socket);
    this.#rpc = rpc;
    this.#ended = new Promise((resolve) => {
      rpc.onNotification("run/snapshot", (news: News) => {
        const snapshot = withNews(this.#latest, news);
        // What came before the first whole one says too little.
        if (snapshot) this.#take(snapshot);
        if (snapshot?.state === "finished") resolve();
      });
      rpc.onClose(resolve);
    });
    rpc.listen();
  }

  /**
   * `start`: what the runner is asked to start; absent: its run goes on already. Rejects with one sentence, or with the
   * signal's reason; the connection is closed then.
   */
  static async open(address: RunAddress, start?: object, signal?: AbortSignal): Promise<Follower> {
    const { socket = await socketOf(address.folder), runId } = address;
    const follower = new Follower(address, await openSocket(socket, runId));
    try {
      await follower.#ask("core/hello", address.hello);
      signal?.throwIfAborted();
      if (start) await follower.#ask("run/start", start);
      else follower.#take(await follower.#ask<Snapshot>("run/snapshot", {}));
      return follower;
    } catch (error) {
      follower.dispose();
      throw error;
    }
  }

  latest(): Snapshot | undefined {
    return this.#latest;
  }

  /** Hands on each snapshot. Resolves with the last one when the run is over, or with undefined where the runner died. */
  async follow(show: (snapshot: Snapshot) => void): Promise<Snapshot | undefined> {
    this.#show = show;
    if (this.#latest) show(this.#latest);
    if (this.#latest?.state !== "finished") await this.#ended;
    return this.#latest?.state === "finished" ? this.#latest : undefined;
  }

  /** New work ends at once; what exists is cleaned up, or left as it is where `keep` is set. */
  async stop(keep: boolean): Promise<void> {
    await this.#ask(keep ? "core/stopAndKeep" : "core/stop", {});
  }

  dispose(): void {
    this.#rpc.dispose();
    this.#socket.destroy();
  }

  #take(snapshot: Snapshot): void {
    this.#latest = snapshot;
    this.#show(snapshot);
  }

  #ask<T>(method: string, params: object): Promise<T> {
    return orClosed(this.#rpc, this.#rpc.sendRequest<T>(method, params)).catch(refused);
  }
}

/** Its runner has written it there before it said that it is ready. */
async function socketOf(folder: string): Promise<string> {
  const { runner } = JSON.parse(await readFile(path.join(folder, RUN_FILE), "utf8"));
  return String(runner.socket);
}

/** What an error of a runner has with it: its sentence, in no language. */
function refused(error: unknown): never {
  const { said } = (error as { data?: { said?: Message } }).data ?? {};
  throw said ? new SaidError(said, { cause: error }) : error;
}
