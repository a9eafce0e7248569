import type { MessageConnection } from "vscode-jsonrpc/node";
import {
  type BuildLog,
  HEARTBEAT_MS,
  SILENCE_MS,
  type WorkspacesPage,
  type WorkspacesQuery,
} from "../../protocol/messages.ts";
import { withNews } from "../../protocol/news.ts";
import type { Sample, Snapshot } from "../../protocol/snapshot.ts";
import type { Message } from "../../text/message.ts";
import { readAddress } from "./address.ts";
import { ask, onNotice } from "./rpc.ts";
import { connectionOver, openSocket } from "./socket.ts";

type Unsubscribe = () => void;

/** A watcher's end of the socket to a run. Leaving it (dispose) does not end the run. */
export class RunnerConnection {
  readonly runId: string;
  readonly folder: string;
  /** False: the runner is of another version, and can only be asked to stop. */
  readonly compatible: boolean;
  #rpc: MessageConnection;
  #latest: Snapshot | undefined;
  #closed = false;
  #snapshotListeners = new Set<(snapshot: Snapshot) => void>();
  #sampleListeners = new Set<(sample: Sample) => void>();
  #closeListeners = new Set<() => void>();
  #silenceListeners = new Set<(silent: boolean) => void>();
  #lastHeard = Date.now();
  #silent = false;
  #watchdog: NodeJS.Timeout | undefined;

  private constructor(runId: string, folder: string, compatible: boolean, rpc: MessageConnection) {
    this.runId = runId;
    this.folder = folder;
    this.compatible = compatible;
    this.#rpc = rpc;
    onNotice(rpc, "run/snapshot", (news) => {
      const snapshot = withNews(this.#latest, news);
      // What came before the first whole one says too little.
      if (!snapshot) return;
      this.#latest = snapshot;
      for (const listener of [...this.#snapshotListeners]) listener(snapshot);
    });
    onNotice(rpc, "run/sample", (sample) => {
      for (const listener of [...this.#sampleListeners]) listener(sample);
    });
    onNotice(rpc, "run/heartbeat", () => this.#heard());
    if (compatible) {
      this.#watchdog = setInterval(() => this.#listen(), HEARTBEAT_MS);
      this.#watchdog.unref();
    }
    rpc.onClose(() => {
      clearInterval(this.#watchdog);
      this.#closed = true;
      for (const listener of [...this.#closeListeners]) listener();
    });
  }

  /**
   * Attaches to the runner of a run's folder.
   * Rejects with one sentence where there is none (any more), or where it does not accept the token.
   */
  static async attach(folder: string, client: string): Promise<RunnerConnection> {
    const address = await readAddress(folder, client);
    const socket = await openSocket(address.socket, address.runId);
    const rpc = connectionOver(socket);
    rpc.listen();
    const hello = await ask(rpc, "core/hello", address.hello).catch((error: unknown) => {
      rpc.dispose();
      socket.destroy();
      throw error;
    });
    const connection = new RunnerConnection(address.runId, folder, hello.compatible, rpc);
    if (hello.compatible) {
      await connection.refresh().catch(() => undefined);
    }
    return connection;
  }

  /** The newest snapshot, if one has come. */
  latest(): Snapshot | undefined {
    return this.#latest;
  }

  get closed(): boolean {
    return this.#closed;
  }

  onSnapshot(listener: (snapshot: Snapshot) => void): Unsubscribe {
    this.#snapshotListeners.add(listener);
    return () => this.#snapshotListeners.delete(listener);
  }

  onSample(listener: (sample: Sample) => void): Unsubscribe {
    this.#sampleListeners.add(listener);
    return () => this.#sampleListeners.delete(listener);
  }

  /** The runner is gone: it ended after its run, or died. The last snapshot's state says which. */
  onClose(listener: () => void): Unsubscribe {
    if (this.#closed) {
      queueMicrotask(listener);
      return () => undefined;
    }
    this.#closeListeners.add(listener);
    return () => this.#closeListeners.delete(listener);
  }

  /** A runner that hangs keeps its socket: true when it has been silent for two seconds, false when it is back. */
  onSilence(listener: (silent: boolean) => void): Unsubscribe {
    this.#silenceListeners.add(listener);
    return () => this.#silenceListeners.delete(listener);
  }

  #heard(): void {
    this.#lastHeard = Date.now();
    if (this.#silent) this.#setSilent(false);
  }

  #listen(): void {
    if (!this.#silent && Date.now() - this.#lastHeard > SILENCE_MS) this.#setSilent(true);
  }

  #setSilent(silent: boolean): void {
    this.#silent = silent;
    for (const listener of [...this.#silenceListeners]) listener(silent);
  }

  rpc(): MessageConnection {
    return this.#rpc;
  }

  async refresh(): Promise<Snapshot> {
    this.#latest = await ask(this.#rpc, "run/snapshot", {});
    return this.#latest;
  }

  /** New work ends at once; what exists is cleaned up, or left as it is where `keep` is set. */
  async stop(keep: boolean): Promise<void> {
    await ask(this.#rpc, keep ? "core/stopAndKeep" : "core/stop", {});
  }

  /** Pauses a run, or lets it go on. Resolves with one sentence that says what the run does. */
  async pause(paused: boolean): Promise<Message> {
    return (await ask(this.#rpc, paused ? "run/pause" : "run/resume", {})).message;
  }

  /** Changes how much a running step does. Resolves with one sentence; rejects with one where that cannot be. */
  async setLevel(step: string, of: string, value: number): Promise<Message> {
    return (await ask(this.#rpc, "run/level", { step, of, value })).message;
  }

  /** Goes on with another token. Resolves with one sentence; rejects with one where it is not good for this run. */
  async renew(token: string): Promise<Message> {
    return (await ask(this.#rpc, "run/token", { token })).message;
  }

  async workspaces(query: WorkspacesQuery): Promise<WorkspacesPage> {
    return ask(this.#rpc, "run/workspaces", query);
  }

  /** The seconds of the run later than `after` (ms since its begin). */
  async series(after = -1): Promise<Sample[]> {
    return (await ask(this.#rpc, "run/series", { after })).samples;
  }

  /** Rejects with one sentence where the deployment has none, or the run has ended. */
  buildLog(step: string, index: number): Promise<BuildLog> {
    return ask(this.#rpc, "run/buildLog", { step, index });
  }

  dispose(): void {
    clearInterval(this.#watchdog);
    this.#closed = true;
    this.#rpc.end();
    this.#rpc.dispose();
  }
}
