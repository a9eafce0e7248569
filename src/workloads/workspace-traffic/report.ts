import type { LoadReport } from "../../contract/plan.ts";
import { DurationHistogram, type Percentiles } from "../../metrics/histogram.ts";
import type { ResultPart, ResultTraffic } from "../../protocol/result.ts";
import type { Connections, Traffic, TrafficPart, TrafficSample } from "../../protocol/traffic.ts";
import type { Course } from "./course.ts";
import { addSpread, Figures, ticksOf } from "./figures.ts";
import { Honesty } from "./honesty.ts";
import type { PooledConnection } from "./pool.ts";
import { now } from "./shard/clock.ts";
import { type Drop, KINDS, type Kind, type ShardSecond } from "./shard/messages.ts";
import { addTicks, noTicks, type TickCounts } from "./shard/tally.ts";
import {
  measureSecond,
  newShardState,
  type ShardState,
  shardNow,
  shardResult,
  takeSecond,
} from "./shard-state.ts";

const SHOWN_DROPS = 10;
/** What comes in less is the rest of a second, and no rate: it counts as if it had come in a full one. */
const SHORTEST_SPAN_S = 0.9;

/** What one second of all shards adds up to. */
interface Recent {
  counts: TickCounts;
  roundTrip: DurationHistogram;
  /** A shard may say something twice in a second, or not at all: its rates are of the time that it tells of. */
  shards: Map<number, { due: number; echoed: number; seconds: number }>;
  latenessP99Ms: number;
}

function noRecent(): Recent {
  return {
    counts: noTicks(),
    roundTrip: new DurationHistogram(),
    shards: new Map(),
    latenessP99Ms: 0,
  };
}

/** The run's traffic in figures, for snapshots, samples and the result. */
export class TrafficReport implements LoadReport {
  readonly total = new Figures();
  readonly kinds: Partial<Record<Kind, Figures>> = {};
  readonly honesty: Honesty;
  readonly reconnect = new DurationHistogram();
  readonly lateness = new DurationHistogram();
  #course: Course;
  #bytes: number;
  #intervalMs: number;
  #planned: number;
  #shards: ShardState[];
  #recent = noRecent();
  #now = noRecent();
  #nowRates = { offeredBytesPerSecond: 0, achievedBytesPerSecond: 0 };
  #nowTrip: Percentiles = { count: 0, p50: 0, p95: 0, p99: 0, max: 0 };
  #cached: Pick<Traffic, "total" | "reconnect" | Kind> | undefined;
  /** Dropped and not yet back, and since when. */
  #reconnecting = new Map<PooledConnection, number>();
  #drops = new Map<string, { drop: Drop; count: number; after: DurationHistogram }>();
  #lostToShards = 0;
  #lateMs: number;
  #endedAt: number | undefined;
  #cpuFrom: { at: number; usage: NodeJS.CpuUsage } | undefined;
  #cpu = 0;

  constructor(options: {
    course: Course;
    bytes: number;
    intervalMs: number;
    lateMs: number;
    planned: number;
    shards: number;
  }) {
    this.#course = options.course;
    this.#bytes = options.bytes;
    this.#intervalMs = options.intervalMs;
    this.#planned = options.planned;
    this.#lateMs = options.lateMs;
    this.honesty = new Honesty(options.lateMs);
    this.#shards = Array.from({ length: options.shards }, newShardState);
  }

  figures(kind: Kind): Figures {
    const known = this.kinds[kind];
    if (known) return known;
    const made = new Figures();
    this.kinds[kind] = made;
    return made;
  }

  /** Both of a connection's figures: its transport's, and the total. */
  of(connection: PooledConnection): Figures[] {
    return [this.figures(connection.address.kind), this.total];
  }

  second(shard: number, second: ShardSecond): void {
    this.#cached = undefined;
    const state = this.#shards[shard];
    const seconds = state?.last ? (second.at - state.last.at) / 1_000 : 1;
    const skipped = this.#addUp(shard, second, seconds);
    if (state) takeSecond(state, second);
    const { measured } = this.#course;
    if (!measured || second.at < measured.from || second.at - seconds * 1_000 > measured.until) return;
    this.#measureCpu(second.at);
    addSpread(this.lateness, second.latenessMs);
    if (state) measureSecond(state, second, seconds * 1_000, measured);
    this.honesty.second(shard, second.latenessP99Ms, skipped);
  }

  /** @returns ticks that the shard skipped in the measured part */
  #addUp(shard: number, second: ShardSecond, seconds: number): number {
    const sum = noTicks();
    let skipped = 0;
    for (const kind of KINDS) {
      const deltas = second.kinds[kind];
      if (!deltas) continue;
      this.figures(kind).add(deltas.measured);
      this.total.add(deltas.measured);
      skipped += deltas.measured.counts.skipped;
      for (const delta of [deltas.measured, deltas.other]) {
        addTicks(sum, delta.counts);
        addSpread(this.#recent.roundTrip, delta.roundTrip);
      }
    }
    addTicks(this.#recent.counts, sum);
    const known = this.#recent.shards.get(shard) ?? { due: 0, echoed: 0, seconds: 0 };
    this.#recent.shards.set(shard, {
      due: known.due + sum.due,
      echoed: known.echoed + sum.echoed,
      seconds: known.seconds + seconds,
    });
    this.#recent.latenessP99Ms = Math.max(this.#recent.latenessP99Ms, second.latenessP99Ms);
    return skipped;
  }

  #measureCpu(at: number): void {
    this.#cpuFrom ??= { at, usage: process.cpuUsage() };
    const used = process.cpuUsage(this.#cpuFrom.usage);
    if (at > this.#cpuFrom.at) this.#cpu = (used.user + used.system) / 1_000 / (at - this.#cpuFrom.at);
  }

  opened(connection: PooledConnection): void {
    this.#cached = undefined;
    for (const figures of this.of(connection)) figures.opened++;
  }

  failed(connection: PooledConnection): void {
    this.#cached = undefined;
    for (const figures of this.of(connection)) figures.failed++;
  }

  dropped(connection: PooledConnection, drop: Drop): void {
    this.#cached = undefined;
    for (const figures of this.of(connection)) figures.dropped++;
    const key = `${drop.code} ${drop.reason}`;
    const known = this.#drops.get(key) ?? { drop, count: 0, after: new DurationHistogram() };
    known.count++;
    known.after.record(drop.afterMs);
    this.#drops.set(key, known);
    if (drop.reconnecting) this.#reconnecting.set(connection, now());
  }

  reconnected(connection: PooledConnection, gapMs: number): void {
    this.#cached = undefined;
    for (const figures of this.of(connection)) figures.reconnected++;
    this.#reconnecting.delete(connection);
    this.reconnect.record(gapMs);
  }

  /** A shard is gone: its connections are lost, and all that they were still to send is missed. */
  shardDied(shard: number, connections: readonly PooledConnection[]): void {
    const state = this.#shards[shard];
    if (state) state.alive = false;
    const at = now();
    for (const connection of connections) {
      this.#lostToShards++;
      this.dropped(connection, {
        code: "shard",
        reason: `shard ${shard} died`,
        afterMs: 0,
        reconnecting: false,
      });
      const { window } = connection;
      if (!window) continue;
      const missed = Math.round(Math.max(0, window.until - Math.max(at, window.from)) / this.#intervalMs);
      for (const { counts } of this.of(connection)) {
        counts.due += missed;
        counts.down += missed;
      }
    }
  }

  end(): void {
    this.#cached = undefined;
    this.#endedAt ??= now();
  }

  invalid(): string | undefined {
    return this.honesty.invalid;
  }

  takeSample(): TrafficSample | undefined {
    if (this.#shards.every((state) => state.last === undefined)) return undefined;
    // Nothing new since the last sample: the shards are a moment late, and the next has it all.
    const recent = this.#recent;
    const roundTrip = recent.roundTrip.percentiles();
    if (recent.shards.size > 0) {
      this.#now = recent;
      this.#nowTrip = roundTrip;
      this.#nowRates = this.#ratesOf(recent);
    }
    this.#recent = noRecent();
    return {
      ...this.#ratesOf(recent),
      roundTrip,
      ticks: ticksOf(recent.counts),
      connections: this.#connections(),
      outstanding: this.#outstanding(),
      latenessP99Ms: recent.latenessP99Ms,
    };
  }

  #ratesOf({ shards }: Recent): { offeredBytesPerSecond: number; achievedBytesPerSecond: number } {
    let [offeredBytesPerSecond, achievedBytesPerSecond] = [0, 0];
    for (const { due, echoed, seconds } of shards.values()) {
      const span = seconds < SHORTEST_SPAN_S ? 1 : seconds;
      offeredBytesPerSecond += (due * this.#bytes) / span;
      achievedBytesPerSecond += (echoed * this.#bytes) / span;
    }
    return { offeredBytesPerSecond, achievedBytesPerSecond };
  }

  /** Round trips of the last sample, for samples.ndjson. */
  get recentHistogram(): string | undefined {
    return this.#now.roundTrip.count > 0 ? this.#now.roundTrip.encode() : undefined;
  }

  #outstanding(): number {
    return this.#shards.reduce((sum, { last, alive }) => sum + (alive ? (last?.outstanding ?? 0) : 0), 0);
  }

  #connections(): Connections {
    const sums = { opening: 0, active: 0, reconnecting: 0 };
    for (const { last, alive } of this.#shards) {
      if (!last || !alive) continue;
      sums.opening += last.connections.opening;
      sums.active += last.connections.active;
      sums.reconnecting += last.connections.reconnecting;
    }
    const { failed, dropped, reconnected } = this.total;
    // A drop is told at once, a shard's counts once a second: until then it still has what is down.
    const rest = this.#planned - sums.opening - sums.active - sums.reconnecting;
    const down = Math.max(0, Math.min(rest, failed + dropped - reconnected - sums.reconnecting));
    return { planned: this.#planned, ...sums, down };
  }

  /** One that had not come back when the load ended never did, as far as anybody knows. */
  #reconnectPercentiles(): Percentiles {
    const end = this.#endedAt ?? this.#course.pauses.clock();
    const ages = [...this.#reconnecting.values()].map((since) => Math.max(0, end - since));
    if (this.#endedAt === undefined) return this.reconnect.percentilesWith({ ages });
    return this.reconnect.percentilesWith({ never: ages.length, waitedMs: Math.max(0, ...ages) });
  }

  /** Milliseconds measured so far. */
  #measuredMs(): number {
    return this.#course.measuredMs(this.#endedAt);
  }

  #part(): Traffic["part"] {
    const { measured } = this.#course;
    if (this.#endedAt !== undefined) return "over";
    if (!measured) return "opening";
    const at = this.#course.pauses.clock();
    if (at < measured.from) return "warm_up";
    return at < measured.until ? "measuring" : "draining";
  }

  /** Percentiles take a walk through a histogram: once for what is new, not for every snapshot. */
  #parts(): Pick<Traffic, "total" | "reconnect" | Kind> {
    if (this.#cached) return this.#cached;
    const ms = this.#measuredMs();
    const parts: Partial<Record<Kind, TrafficPart>> = {};
    const used = KINDS.filter((kind) => this.kinds[kind]);
    const total = this.total.part(this.#bytes, ms);
    for (const kind of used) {
      // Of a single transport, the total is the same.
      parts[kind] = used.length === 1 ? total : this.figures(kind).part(this.#bytes, ms);
    }
    this.#cached = { total, ...parts, reconnect: this.#reconnectPercentiles() };
    return this.#cached;
  }

  snapshot(): Traffic {
    const { measured } = this.#course;
    return {
      part: this.#part(),
      remainingMs: measured ? this.#remainingMs(measured.until) : null,
      now: {
        ...this.#nowRates,
        roundTrip: this.#nowTrip,
        outstanding: this.#outstanding(),
      },
      connections: this.#connections(),
      message: { bytes: this.#bytes, intervalMs: this.#intervalMs },
      ...this.#parts(),
      drops: this.#shownDrops(),
      shards: this.#shards.map((state, shard) => ({
        shard,
        alive: state.alive,
        ...(this.#endedAt === undefined ? shardNow(state) : shardResult(state)),
      })),
      lateLimitMs: this.#lateMs,
      invalid: this.invalid() ?? null,
    };
  }

  #remainingMs(until: number): number {
    return this.#endedAt === undefined ? Math.max(0, until - this.#course.pauses.clock()) : 0;
  }

  #shownDrops(): Traffic["drops"] {
    return [...this.#drops.values()]
      .sort((a, b) => b.count - a.count)
      .slice(0, SHOWN_DROPS)
      .map(({ drop, count, after }) => ({
        code: drop.code,
        reason: drop.reason,
        count,
        afterMs: Math.round(after.percentiles().p50),
      }));
  }

  /** What `--output json` has under `traffic`. */
  result(): ResultTraffic {
    const ms = this.#measuredMs();
    const generator = {
      lateness_ms_p99: round(this.lateness.percentiles().p99),
      cpu: round(this.#cpu),
      valid: this.invalid() === undefined,
    };
    const told = (figures: Figures) => resultPart(figures.part(this.#bytes, ms), this.#bytes, generator);
    const nothing = new Figures();
    return {
      total: told(this.total),
      pty: told(this.kinds.pty ?? nothing),
      ssh: told(this.kinds.ssh ?? nothing),
      app: told(this.kinds.app ?? nothing),
      measured_ms: Math.round(ms),
      message_bytes: this.#bytes,
      message_interval_ms: this.#intervalMs,
      drops: this.#shownDrops().map(({ code, reason, count, afterMs }) => ({
        code,
        reason,
        count,
        after_ms_p50: afterMs,
      })),
      reconnect_ms: rounded(this.#reconnectPercentiles()),
      shards: this.#shards.map(({ alive }, shard) => ({ shard, alive })),
      connections_lost_to_shards: this.#lostToShards,
      invalid: this.invalid() ?? null,
    };
  }
}

function resultPart(part: TrafficPart, bytes: number, generator: ResultPart["generator"]): ResultPart {
  const { due, sent, missed, skipped, echoed, trailing = 0, lost, wrong } = part.ticks;
  return {
    offered_bytes_per_second: Math.round(part.offeredBytesPerSecond),
    achieved_bytes_per_second: Math.round(part.achievedBytesPerSecond),
    offered_messages_per_second: round(part.offeredBytesPerSecond / bytes),
    achieved_messages_per_second: round(part.achievedBytesPerSecond / bytes),
    round_trip_ms: rounded(part.roundTrip),
    ticks: { due, sent, missed, skipped, echoed, trailing, lost, wrong },
    bytes: part.bytes,
    connections: part.connections,
    generator,
  };
}

function rounded({ p50, p95, p99, max, mean, ...rest }: Percentiles): Percentiles {
  const ofMean = mean === undefined ? {} : { mean: round(mean) };
  return { ...rest, ...ofMean, p50: round(p50), p95: round(p95), p99: round(p99), max: round(max) };
}

function round(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
