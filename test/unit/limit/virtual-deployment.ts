import { Durations } from "../../../src/measure/durations.ts";
import type { Metric } from "../../../src/measure/metric.ts";
import type { Second } from "../../../src/measure/seconds.ts";
import type { UnitOfLoad } from "../../../src/sandbox/model/largest-load.ts";
import { LoadModel, type LoadModelOptions, type Replica } from "../../../src/sandbox/model/load-model.ts";
import { createRandom, type Random } from "../../../src/sandbox/random.ts";
import { Timers } from "../../../src/sandbox/timers.ts";
import { foreign } from "../../../src/text/message.ts";

const metric = (name: string, kind: Metric["kind"]): Metric => ({
  ...{ name, kind, text: name, labels: [] },
  ...(kind === "duration" ? { unit: "ms", better: "lower" } : { unit: "share", better: "higher" }),
});
export const METRICS = [
  metric("round_trip", "duration"),
  metric("api_latency", "duration"),
  metric("ready", "duration"),
  metric("achieved", "share"),
];

/** Seconds are not alike: what the network adds, what the same work costs, and that now and then one is bad. */
const NETWORK_MS = 20;
const COST_NOISE = 0.025;
const NETWORK_NOISE = 0.15;
const BAD_SECOND = 0.03;
const BAD_MS = 500;
/** Builds of one template take a bit more or less. */
const BUILD_NOISE = 0.05;

export interface VirtualOptions {
  model: LoadModelOptions;
  unit: UnitOfLoad;
  seed: number;
  /** So many messages and requests a second, and the generator is at its limits. */
  generatorPerSecond?: number;
}

interface Build {
  endsAt: number;
  begunAt: number;
  end(): void;
}

/** The sandbox's model of a deployment, and a generator before it, on a clock of their own: no sockets, no waiting. */
export class VirtualDeployment {
  readonly model: LoadModel;
  readonly #options: VirtualOptions;
  readonly #random: Random;
  readonly #costs: Pick<LoadModelOptions, "messageMs" | "requestMs">;
  /** What each unit is connected to; those that are open stay where they are. */
  readonly #replicas: Replica[] = [];
  /** What has ended in a second that is to come. */
  readonly #ended = new Map<number, { metric: string; ms: number }[]>();
  #builds: Build[] = [];
  #level = 0;
  #at = 0;

  constructor(options: VirtualOptions) {
    this.#options = options;
    this.#random = createRandom(options.seed);
    this.model = new LoadModel({ ...options.model }, new Timers(), () => this.#at);
    this.#costs = { messageMs: options.model.messageMs, requestMs: options.model.requestMs };
  }

  setLevel(level: number): void {
    this.#level = level;
    while (this.#replicas.length < level) this.#replicas.push(this.model.deal());
  }

  /** Goes through one second, and tells what was measured in it. */
  pass(second: number): Second {
    const cost = 1 + COST_NOISE * this.#normal();
    Object.assign(this.model.options, {
      messageMs: this.#costs.messageMs * cost,
      requestMs: this.#costs.requestMs * cost,
    });
    const networkMs = NETWORK_MS * Math.exp(NETWORK_NOISE * this.#normal());
    const addedMs = networkMs + (this.#random.next() < BAD_SECOND ? BAD_MS : 0);
    const offered = this.#offer(second, addedMs);
    this.#passBuilds(second);
    return this.#measured(second, offered);
  }

  #offer(second: number, addedMs: number): number {
    const { messagesPerSecond = 0, requestsPerSecond = 0 } = this.#options.unit;
    const events: { at: number; unit: number; isMessage: boolean }[] = [];
    for (let unit = 0; unit < this.#level; unit++)
      for (let tick = 0; tick < messagesPerSecond; tick++) {
        // Evenly spread, however many there are.
        const phase = (unit * 0.618_033_988_75) % 1;
        events.push({ at: (phase + tick) / messagesPerSecond, unit, isMessage: true });
      }
    for (let n = Math.round(this.#level * requestsPerSecond); n > 0; n--)
      events.push({ at: this.#random.next(), unit: this.#random.below(this.#level), isMessage: false });
    events.sort((one, other) => one.at - other.at);
    for (const { at, unit, isMessage } of events) {
      const replica = this.#replicas[unit];
      if (!replica) continue;
      this.#at = (second + at) * 1_000;
      const end = isMessage ? (this.model.message(replica) ?? this.#at) : this.model.requestEnd(replica);
      this.#keep(isMessage ? "round_trip" : "api_latency", end + addedMs, end + addedMs - this.#at);
    }
    return events.length;
  }

  /** The next begins when one ends, as many at a time as there should be. */
  #passBuilds(second: number): void {
    const { builds = 0 } = this.#options.unit;
    if (builds === 0) return;
    this.#at = second * 1_000;
    this.#beginBuilds();
    const ending = this.#builds.filter(({ endsAt }) => endsAt < (second + 1) * 1_000);
    for (const build of ending.sort((one, other) => one.endsAt - other.endsAt)) {
      this.#at = build.endsAt;
      build.end();
      this.#builds.splice(this.#builds.indexOf(build), 1);
      this.#keep("ready", build.endsAt, build.endsAt - build.begunAt);
      this.#beginBuilds();
    }
  }

  #beginBuilds(): void {
    const { builds = 0, buildMs = 0 } = this.#options.unit;
    while (this.#builds.length < Math.round(this.#level * builds)) {
      const own = buildMs * (1 + BUILD_NOISE * (2 * this.#random.next() - 1));
      const { durationMs, end } = this.model.build(this.model.deal(), own);
      this.#builds.push({ begunAt: this.#at, endsAt: this.#at + durationMs, end });
    }
  }

  #keep(name: string, endsAt: number, ms: number): void {
    const second = Math.floor(endsAt / 1_000);
    const kept = this.#ended.get(second) ?? [];
    kept.push({ metric: name, ms });
    this.#ended.set(second, kept);
  }

  #measured(second: number, offered: number): Second {
    const kept = this.#ended.get(second) ?? [];
    this.#ended.delete(second);
    const durations = new Map<string, Durations>();
    for (const { metric: name, ms } of kept) {
      const own = durations.get(name) ?? new Durations();
      own.record(ms);
      durations.set(name, own);
    }
    const values = Object.fromEntries([...durations].map(([name, own]) => [name, own.value()]));
    const achieved = { kind: "share" as const, n: Math.min(kept.length, offered), of: offered };
    const { generatorPerSecond = Number.POSITIVE_INFINITY } = this.#options;
    const invalid = offered > generatorPerSecond ? { invalid: foreign("ticks came late") } : {};
    const step = { values: { measured: { ...values, achieved } }, places: ["0"], ms: 1_000, ...invalid };
    return { second, steps: { load: step } };
  }

  #normal(): number {
    const [u, v] = [1 - this.#random.next(), this.#random.next()];
    return Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * v);
  }
}
