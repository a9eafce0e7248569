import { Worker } from "node:worker_threads";
import type { SessionNews } from "../../coder/session.ts";
import { JobFailure } from "../../contract/failures.ts";
import type {
  Address,
  ConnectionTotals,
  Drop,
  FromShard,
  ShardSecond,
  ShardSetup,
  ToShard,
} from "./shard/messages.ts";
import type { Window } from "./shard/tally.ts";

/** What the pool tells of as it comes. */
export interface PoolEvents {
  second(shard: number, second: ShardSecond): void;
  opened(connection: PooledConnection): void;
  failed(connection: PooledConnection): void;
  dropped(connection: PooledConnection, drop: Drop): void;
  reconnected(connection: PooledConnection, gapMs: number): void;
  /** A thread is gone, with the connections that it had. */
  died(shard: number, error: Error, connections: readonly PooledConnection[]): void;
  /** A shard was refused with the session's token, and waits to be told what it stands at. */
  suspicion(shard: number, token: string): void;
  event(text: string): void;
}

/** A connection as the main thread sees it. */
export interface PooledConnection {
  id: number;
  shard: number;
  address: Address;
  window: Window | undefined;
  /** Milliseconds that it took. Rejects with JobFailure. */
  opened: Promise<number>;
  /** Rejects with JobFailure where its shard died. */
  ended: Promise<ConnectionTotals>;
  /** Why it could not be opened. */
  failure: JobFailure | undefined;
  drops: Drop[];
}

interface Waiting {
  connection: PooledConnection;
  open: (ms: number) => void;
  fail: (error: Error) => void;
  end: (totals: ConnectionTotals) => void;
  lose: (error: Error) => void;
}

interface ShardThread {
  worker: Worker;
  alive: boolean;
}

const YOUNG_MB = 12;
const CLOSE_LIMIT_MS = 5_000;

/** The run's shards: worker threads that hold its connections. */
export class ShardPool {
  #threads: ShardThread[] = [];
  #waiting = new Map<number, Waiting>();
  #events: PoolEvents;
  #closing = false;

  /** `script` is dist/shard.js; `setup` is for each of the `count` shards, but for its number. */
  constructor(script: string, count: number, setup: Omit<ShardSetup, "shard">, events: PoolEvents) {
    this.#events = events;
    for (let shard = 0; shard < count; shard++) this.#start(script, { ...setup, shard });
  }

  get size(): number {
    return this.#threads.length;
  }

  alive(shard: number): boolean {
    return this.#threads[shard]?.alive ?? false;
  }

  #start(script: string, setup: ShardSetup): void {
    const worker = new Worker(script, {
      workerData: setup,
      name: `shard ${setup.shard}`,
      // What opening leaves behind is collected soon, instead of being kept room for; ticks make little garbage.
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
    });
    const thread: ShardThread = { worker, alive: true };
    this.#threads.push(thread);
    worker.on("message", (message: FromShard) => this.#take(setup.shard, message));
    worker.on("error", (error) => this.#died(setup.shard, error as Error));
    worker.on("exit", (code) => this.#died(setup.shard, new Error(`the thread ended with status ${code}`)));
  }

  /** Opens connection `index` of the run, in the shard whose turn it is. */
  open(index: number, address: Address): PooledConnection {
    const shard = index % this.#threads.length;
    const connection = this.#register(index, shard, address);
    if (this.alive(shard)) this.#post(shard, { type: "open", id: index, index, address });
    else this.#lose(index, shardDied(shard));
    return connection;
  }

  #register(id: number, shard: number, address: Address): PooledConnection {
    let open: Waiting["open"] = () => undefined;
    let fail: Waiting["fail"] = () => undefined;
    let end: Waiting["end"] = () => undefined;
    let lose: Waiting["lose"] = () => undefined;
    const opened = new Promise<number>((resolve, reject) => {
      open = resolve;
      fail = reject;
    });
    const ended = new Promise<ConnectionTotals>((resolve, reject) => {
      end = resolve;
      lose = reject;
    });
    opened.catch(() => undefined);
    ended.catch(() => undefined);
    const connection: PooledConnection = {
      id,
      shard,
      address,
      window: undefined,
      failure: undefined,
      opened,
      ended,
      drops: [],
    };
    this.#waiting.set(id, { connection, open, fail, end, lose });
    return connection;
  }

  setWindow(connections: readonly PooledConnection[], window: Window): void {
    for (let shard = 0; shard < this.#threads.length; shard++) {
      const here = connections.filter((one) => one.shard === shard);
      for (const one of here) one.window = window;
      if (here.length > 0) this.#post(shard, { type: "window", ids: here.map((one) => one.id), window });
    }
  }

  /** Nothing is sent until `resume`; connections stay open. */
  pause(at: number): void {
    for (let shard = 0; shard < this.#threads.length; shard++) this.#post(shard, { type: "pause", at });
  }

  resume(pause: Window): void {
    for (let shard = 0; shard < this.#threads.length; shard++) this.#post(shard, { type: "resume", pause });
  }

  end(connection: PooledConnection): void {
    this.#post(connection.shard, { type: "end", id: connection.id });
  }

  /** Tells one shard, or all, how the session stands. */
  tellSession(news: SessionNews, shard?: number): void {
    for (let one = 0; one < this.#threads.length; one++)
      if (shard === undefined || one === shard) this.#post(one, { type: "session", news });
  }

  #post(shard: number, message: ToShard): void {
    if (this.alive(shard)) this.#threads[shard]?.worker.postMessage(message);
  }

  #take(shard: number, message: FromShard): void {
    if (message.type === "second") return this.#events.second(shard, message);
    if (message.type === "event") return this.#events.event(message.text);
    if (message.type === "suspicion") return this.#events.suspicion(shard, message.token);
    const waiting = this.#waiting.get(message.id);
    if (!waiting) return;
    const { connection } = waiting;
    if (message.type === "opened") {
      waiting.open(message.ms);
      this.#events.opened(connection);
    } else if (message.type === "failed") {
      const { causeId, cause, message: text, requestId } = message.failure;
      connection.failure = new JobFailure(causeId, cause, { message: text, requestId });
      waiting.fail(connection.failure);
      this.#events.failed(connection);
    } else if (message.type === "dropped") {
      connection.drops.push(message.drop);
      this.#events.dropped(connection, message.drop);
    } else if (message.type === "reconnected") this.#events.reconnected(connection, message.gapMs);
    else {
      this.#waiting.delete(message.id);
      waiting.end(message.totals);
    }
  }

  #died(shard: number, error: Error): void {
    const thread = this.#threads[shard];
    if (!thread?.alive) return;
    thread.alive = false;
    if (this.#closing) return;
    const lost = [...this.#waiting.values()]
      .map((one) => one.connection)
      .filter((one) => one.shard === shard);
    this.#events.died(shard, error, lost);
    for (const connection of lost) this.#lose(connection.id, shardDied(shard));
  }

  #lose(id: number, failure: JobFailure): void {
    const waiting = this.#waiting.get(id);
    if (waiting) waiting.connection.failure ??= failure;
    this.#waiting.delete(id);
    waiting?.fail(failure);
    waiting?.lose(failure);
  }

  /** Ends all threads; what they hold open is closed first. */
  async close(): Promise<void> {
    this.#closing = true;
    await Promise.all(
      this.#threads.map(async ({ worker, alive }, shard) => {
        if (!alive) return;
        const gone = new Promise<void>((resolve) => worker.once("exit", () => resolve()));
        this.#post(shard, { type: "close" });
        const limit = setTimeout(() => void worker.terminate(), CLOSE_LIMIT_MS);
        await gone;
        clearTimeout(limit);
      }),
    );
  }

  /** For tests: ends one thread as a crash would. */
  async kill(shard: number): Promise<void> {
    await this.#threads[shard]?.worker.terminate();
  }
}

function shardDied(shard: number): JobFailure {
  return new JobFailure("shard_died", "generator: the thread that held the connection died", {
    message: `shard ${shard} of the generator died`,
  });
}
