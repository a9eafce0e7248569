import type { Load } from "../../contract/plan.ts";
import type { OwnRecorder } from "../../contract/prepare.ts";
import type { Course } from "../../load/course.ts";
import type { Drop, PlaceSecond } from "../../load/messages.ts";
import { now } from "../../measure/clock.ts";
import { Durations } from "../../measure/durations.ts";
import type { Value } from "../../measure/values.ts";
import type { Part } from "../../protocol/snapshot.ts";
import { say } from "../../text/message.ts";
import type { PooledConnection } from "./pool.ts";
import type { ConnectedUsers } from "./users.ts";

const PARTS = {
  opening: say("opening"),
  warm_up: say("warming up"),
  measuring: say("measuring"),
  draining: say("waiting for the last echoes"),
  over: say("over"),
} as const;

export interface TrafficLoadOptions {
  course: Course;
  intervalMs: number;
  /** Connections in all. */
  planned: number;
  users: ConnectedUsers;
  record: OwnRecorder;
  /** For what a thread that has died does not say any more. */
  missed(second: number, transport: string, ticks: number): void;
}

/** How the run's traffic goes, as its main thread sees it: connections, and the course. Threads measure the echoes. */
export class TrafficLoad implements Load {
  readonly #course: Course;
  readonly #record: OwnRecorder;
  #intervalMs: number;
  readonly #planned: number;
  readonly #users: ConnectedUsers;
  readonly #missed: TrafficLoadOptions["missed"];
  readonly #shards = new Map<number, PlaceSecond["connections"]>();
  readonly #alive = new Map<number, boolean>();
  readonly #totals = { opened: 0, failed: 0, dropped: 0, reconnected: 0 };
  /** Dropped and not yet back, and since when. */
  readonly #reconnecting = new Map<PooledConnection, number>();
  #lostToShards = 0;
  #endedAt: number | undefined;

  constructor({ course, intervalMs, planned, users, record, missed }: TrafficLoadOptions) {
    this.#course = course;
    this.#intervalMs = intervalMs;
    this.#planned = planned;
    this.#users = users;
    this.#record = record;
    this.#missed = missed;
  }

  second(shard: number, { connections }: PlaceSecond): void {
    this.#shards.set(shard, connections);
    if (!this.#alive.has(shard)) this.#alive.set(shard, true);
  }

  opened(connection: PooledConnection): void {
    this.#count("opened", connection);
    this.#users.opened(connection.id);
  }

  failed(connection: PooledConnection): void {
    this.#count("failed", connection);
  }

  dropped(connection: PooledConnection, { code, reason, afterMs, reconnecting }: Drop): void {
    this.#count("dropped", connection);
    if (this.#users.lost(connection.id)) this.#record.count("users", 1, { event: "hit" });
    this.#record.duration("drops", afterMs, { labels: { code, reason } });
    if (reconnecting) this.#reconnecting.set(connection, now());
  }

  reconnected(connection: PooledConnection, gapMs: number): void {
    this.#count("reconnected", connection);
    this.#reconnecting.delete(connection);
    this.#record.duration("reconnect", gapMs);
    this.#users.opened(connection.id);
  }

  /** A terminal that is back shows whether it has its session again. */
  resumed(isSame: boolean): void {
    this.#record.count("sessions", 1, { outcome: isSame ? "same" : "new" });
  }

  #count(event: keyof TrafficLoad["totals"], { address }: PooledConnection): void {
    this.#totals[event]++;
    this.#record.count("connections", 1, { event, transport: address.kind });
  }

  /** From now on, a connection sends this often. */
  setInterval(ms: number): void {
    this.#intervalMs = ms;
  }

  /** Of all connections, since the begin. */
  get totals(): Readonly<Record<"opened" | "failed" | "dropped" | "reconnected", number>> {
    return this.#totals;
  }

  /** A thread is gone: its connections are lost, and all that they were still to send is missed. */
  shardDied(shard: number, connections: readonly PooledConnection[]): void {
    this.#alive.set(shard, false);
    this.#shards.delete(shard);
    for (const connection of connections) {
      this.#lostToShards++;
      const reason = `shard ${shard} died`;
      this.dropped(connection, { code: "shard", reason, afterMs: 0, reconnecting: false });
      this.#missRest(connection);
    }
  }

  #missRest({ window, address }: PooledConnection): void {
    if (!window) return;
    const at = now();
    const missed = Math.round(Math.max(0, window.until - Math.max(at, window.from)) / this.#intervalMs);
    if (missed > 0) this.#missed(at, address.kind, missed);
  }

  look(): void {
    for (const [state, count] of Object.entries(this.#connections()))
      this.#record.gauge("open_connections", count, { state });
    for (const [connections, users] of this.#users.byConnections())
      this.#record.gauge("user_connections", users, { connections: String(connections) });
  }

  #connections() {
    const sums = { opening: 0, active: 0, reconnecting: 0 };
    for (const one of this.#shards.values()) {
      sums.opening += one.opening;
      sums.active += one.active;
      sums.reconnecting += one.reconnecting;
    }
    const { failed, dropped, reconnected } = this.#totals;
    // A drop is told at once, a shard's counts once a second: until then it still has what is down.
    const rest = this.#planned - sums.opening - sums.active - sums.reconnecting;
    const down = Math.max(0, Math.min(rest, failed + dropped - reconnected - sums.reconnecting));
    return { planned: this.#planned, ...sums, down, waiting: Math.max(0, rest - down) };
  }

  /** One that had not come back when the load ended never did, as far as anybody knows. */
  pending(): Record<string, Value> {
    if (this.#reconnecting.size === 0) return {};
    const gaps = new Durations();
    const end = this.#endedAt ?? this.#course.pauses.clock();
    for (const since of this.#reconnecting.values()) {
      const age = Math.max(0, end - since);
      if (this.#endedAt === undefined) gaps.recordUnfinished(age);
      else gaps.recordNever(age);
    }
    return { reconnect: gaps.value() };
  }

  measured(from: number, until: number): number {
    return this.#course.measuredWithin({ from, until });
  }

  end(): void {
    this.#endedAt ??= now();
  }

  part(): Part {
    const id = this.#partId();
    const { measured } = this.#course;
    const isOver = id === "over" || id === "draining";
    const left = measured ? Math.max(0, measured.until - this.#course.pauses.clock()) : null;
    return { id, label: PARTS[id], remainingMs: id === "over" ? 0 : left, over: isOver };
  }

  #partId(): keyof typeof PARTS {
    const { measured } = this.#course;
    if (this.#endedAt !== undefined) return "over";
    if (!measured) return "opening";
    const at = this.#course.pauses.clock();
    if (at < measured.from) return "warm_up";
    return at < measured.until ? "measuring" : "draining";
  }

  /** The threads, and whether each is still there. */
  get shards(): { shard: number; alive: boolean }[] {
    return [...this.#alive].sort(([a], [b]) => a - b).map(([shard, alive]) => ({ shard, alive }));
  }

  get lostToShards(): number {
    return this.#lostToShards;
  }
}
