import type { Timers } from "../timers.ts";
import { DelayLine } from "./delay-line.ts";
import {
  type Bottleneck,
  bottleneckOf,
  type LoadObjective,
  largestLoad,
  type UnitOfLoad,
} from "./largest-load.ts";
import type { LoadModelOptions } from "./options.ts";
import { ConnectionPool } from "./pool.ts";
import { Processor } from "./processor.ts";

export { type LoadModelOptions, NO_LOAD_MODEL } from "./options.ts";

/** No replica of coderd's: none that leaves takes its connections with it. */
const PROXY_INDEX = -1;

/** Where a connection or a job belongs. */
export interface Replica {
  index: number;
  /** False while it has left. */
  present: boolean;
  processor: Processor;
}

/** How late this machine's timers were beside the model's own times, in milliseconds. */
export interface MachineAdded {
  count: number;
  mean: number;
  max: number;
}

/** Passes a message on, when coderd has had the time for it. */
export type Arrival = (deliver: () => void) => void;

/** The virtual CPUs of a deployment, and the waiting that follows from them. */
export class LoadModel {
  readonly options: LoadModelOptions;
  readonly replicas: Replica[];
  readonly #database: Processor;
  readonly #timers: Timers;
  readonly #now: () => number;
  readonly #startedAt: number;
  /** Told how long the database took for a request, in seconds. */
  onQuery: (seconds: number) => void = () => undefined;
  readonly pool: ConnectionPool;
  /** Queries take so many times longer: something holds locks, or the disk is slow (a fault). */
  databaseSlowdown = 1;
  /** Resolves when a pause of the database is over; undefined: there is none. */
  #databaseBack: Promise<void> | undefined;
  #endPause: () => void = () => undefined;
  /** Queries that wait for it, each with a connection of the pool, as far as there are any. */
  #waiting = 0;
  #dealt = 0;
  #added: MachineAdded = { count: 0, mean: 0, max: 0 };

  /** `now`: milliseconds of a clock that nobody steps. */
  constructor(options: LoadModelOptions, timers: Timers, now = () => performance.now()) {
    this.options = options;
    this.#timers = timers;
    this.#now = now;
    this.#startedAt = now();
    this.#database = new Processor(options.databaseCores || 1);
    this.pool = new ConnectionPool(options.databasePool * options.replicas);
    this.replicas = Array.from({ length: options.replicas }, (_, index) => ({
      index,
      present: true,
      processor: new Processor(options.coderdCores || 1),
    }));
  }

  /** What a workspace proxy has: cores of its own, as many as a replica. */
  proxy(): Replica {
    const { coderdCores } = this.options;
    return { index: PROXY_INDEX, present: true, processor: new Processor(coderdCores || 1) };
  }

  get limited(): boolean {
    return this.options.coderdCores > 0 || this.options.databaseCores > 0;
  }

  /** The next replica in turn, as a load balancer would choose. */
  deal(): Replica {
    const present = this.replicas.filter((replica) => replica.present);
    const replica = (present.length > 0 ? present : this.replicas)[this.#dealt++ % (present.length || 1)];
    if (!replica) throw new Error("a deployment without replicas");
    return replica;
  }

  /** A replica leaves, or comes back; its connections are the caller's business. */
  setPresent(index: number, present: boolean): void {
    const replica = this.replicas[index];
    if (replica) replica.present = present;
  }

  /** The database answers nobody until the pause ends (a fault). */
  pauseDatabase(paused: boolean): void {
    if (!paused) {
      this.#databaseBack = undefined;
      this.#endPause();
    } else if (!this.#databaseBack) {
      this.#databaseBack = new Promise((resolve) => {
        this.#endPause = resolve;
      });
      // Loops of coderd's own ask it all the time: they wait, whoever else does.
      for (const _replica of this.replicas) void this.#askAndWait();
    }
  }

  async #askAndWait(): Promise<void> {
    const begin = this.#now();
    this.#waiting++;
    await this.databaseBack();
    this.#waiting--;
    this.onQuery((this.#now() - begin) / 1_000);
  }

  /** Resolves at once, unless the database is paused: then when it is not any more. */
  async databaseBack(): Promise<void> {
    while (this.#databaseBack) await this.#databaseBack;
  }

  /** Resolves when an API request has had its time on a replica and the database. */
  async request(replica: Replica): Promise<void> {
    if (!this.limited && !this.#databaseBack) return;
    await this.#until(this.#coderdEnd(replica, this.#now()));
    if (this.options.databaseCores === 0 && !this.#databaseBack) return;
    const begin = this.#now();
    this.#waiting++;
    await this.databaseBack();
    this.#waiting--;
    const end = this.#databaseEnd(this.#now());
    // As coderd times it: from the asking for a connection on.
    this.onQuery((end - begin) / 1_000);
    await this.#until(end);
  }

  /** When a request that arrives now has had its time, by the model's clock. */
  requestEnd(replica: Replica): number {
    return this.#databaseEnd(this.#coderdEnd(replica, this.#now()));
  }

  #coderdEnd(replica: Replica, from: number): number {
    return this.options.coderdCores > 0 ? replica.processor.take(from, this.options.requestMs) : from;
  }

  #databaseEnd(from: number): number {
    if (this.options.databaseCores === 0) return from;
    return this.pool.take(from, (granted) => {
      const done = this.#database.take(granted, this.options.requestDatabaseMs);
      return Math.max(granted, done) + this.options.requestDatabaseMs * (this.databaseSlowdown - 1);
    });
  }

  /**
   * When a message that arrives now has been passed on, by the model's clock; undefined = at once.
   * Messages of one connection stay in their order, since each takes its place after the one before.
   */
  message(replica: Replica): number | undefined {
    if (this.options.coderdCores === 0) return undefined;
    return replica.processor.take(this.#now(), this.options.messageMs);
  }

  /** How messages of one connection arrive: in their order, each after its time on the replica. */
  arrivals(replica: Replica): Arrival {
    if (this.options.coderdCores === 0) return (deliver) => deliver();
    const line = new DelayLine(this.#timers, (ms) => this.late(ms));
    return (deliver) => {
      const at = this.message(replica);
      if (at === undefined) deliver();
      else line.push(at, deliver);
    };
  }

  /** Takes a build's share of its replica; returns its time in milliseconds, and what ends it. */
  build(replica: Replica, durationMs: number): { durationMs: number; end: () => void } {
    if (this.options.coderdCores === 0) return { durationMs, end: () => undefined };
    const cores = (this.options.buildCpuSeconds * 1_000) / Math.max(1, durationMs);
    const stretch = replica.processor.beginBackground(cores);
    return { durationMs: durationMs * stretch, end: () => replica.processor.endBackground(cores) };
  }

  async #until(end: number): Promise<void> {
    const wait = end - this.#now();
    if (wait > 0) await this.#timers.wait(wait);
    this.late(this.#now() - end);
  }

  /** Counts what the machine has added to the model's own time. */
  late(ms: number): void {
    const { count, mean, max } = this.#added;
    const added = Math.max(0, ms);
    this.#added = { count: count + 1, mean: mean + (added - mean) / (count + 1), max: Math.max(max, added) };
  }

  /**
   * The right answers: what this deployment carries at most, by its budget alone. A tool that looks for the
   * largest load can be held against them.
   */
  capacity(): { messagesPerSecond: number | null; requestsPerSecond: number | null } {
    const { coderdCores, databaseCores, messageMs, requestMs, requestDatabaseMs } = this.options;
    const cores = coderdCores * this.replicas.filter((replica) => replica.present).length;
    const byCoderd = cores > 0 ? (cores * 1_000) / requestMs : Number.POSITIVE_INFINITY;
    const byDatabase =
      databaseCores > 0 ? (databaseCores * 1_000) / requestDatabaseMs : Number.POSITIVE_INFINITY;
    const requests = Math.min(byCoderd, byDatabase);
    return {
      messagesPerSecond: cores > 0 ? (cores * 1_000) / messageMs : null,
      requestsPerSecond: Number.isFinite(requests) ? requests : null,
    };
  }

  /**
   * The largest load for which an objective holds, null = no limit; and what of the deployment is used up first by a load
   * above it. `daemons`: of each replica.
   */
  largest(
    unit: UnitOfLoad,
    objective: LoadObjective,
    daemons = 0,
  ): { largestLoad: number | null; bottleneck: Bottleneck | null } {
    const replicas = this.replicas.filter((replica) => replica.present).length;
    const { databaseSlowdown } = this;
    const options = { ...this.options, replicas, databaseSlowdown, daemons };
    return {
      largestLoad: largestLoad(options, unit, objective),
      bottleneck: bottleneckOf(options, unit, objective),
    };
  }

  /** What each replica's CPU has done by now, in seconds. */
  coderdCpuSeconds(): number[] {
    return this.replicas.map(({ processor }) => processor.doneMs(this.#now()) / 1_000);
  }

  /** Connections of the pool that are in use now. */
  connectionsInUse(): number {
    return this.#databaseBack ? Math.min(this.pool.size, this.#waiting) : this.pool.inUse(this.#now());
  }

  read() {
    const seconds = Math.max(0.001, (this.#now() - this.#startedAt) / 1_000);
    return {
      options: this.options,
      capacity: this.capacity(),
      coderdCpuSeconds: this.coderdCpuSeconds(),
      databaseCpuSeconds: this.#database.doneMs(this.#now()) / 1_000,
      uptimeSeconds: seconds,
      machineAddedMs: this.#added,
    };
  }
}
