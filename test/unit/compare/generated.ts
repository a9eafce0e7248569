import { jobValues, type RunData, type StepData } from "../../../src/compare/data.ts";
import { normalQuantile } from "../../../src/compare/statistics.ts";
import { StepWindows } from "../../../src/compare/windows.ts";
import { Durations } from "../../../src/measure/durations.ts";
import type { StepSecond } from "../../../src/measure/seconds.ts";
import { allFigures } from "../../../src/measure/to-show.ts";
import { Sum } from "../../../src/measure/totals.ts";
import { counted, type Value } from "../../../src/measure/values.ts";
import { seriesKey } from "../../../src/protocol/series-key.ts";
import { workloadNamed } from "../../../src/workloads/index.ts";

/** Runs that never were: seconds and jobs as a deployment with 20 ms of base latency would make them. */

/** Numbers by a seed: the same in every run of a test. */
export class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** From 0 to 1 (mulberry32). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  }

  /** Of a standard normal distribution. */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next());
  }

  /** exp(spread · normal), by a table: there are millions of messages. */
  factor(spread: number): number {
    return Math.exp(spread * (NORMALS[Math.floor(this.next() * NORMALS.length)] ?? 0));
  }

  /** How many of `of` events happen. */
  count(of: number, share: number): number {
    let n = 0;
    for (let at = 0; at < of; at++) if (this.next() < share) n++;
    return n;
  }
}

const NORMALS = Array.from({ length: 4_095 }, (_, at) => normalQuantile((at + 1) / 4_096));

/** How unsteady generated runs are. */
export interface Noise {
  /** Between runs: standard deviation of the logarithm of all durations of a run. */
  run: number;
  /** Between seconds of a run, the same; each has so much of the one before it. */
  second: number;
  correlation: number;
  /** Of single messages and jobs. */
  message: number;
}

export interface Generated {
  seconds: number;
  /** A second. */
  messages: number;
  roundTripMs: number;
  /** Share of messages that are lost. */
  failures: number;
  jobs: number;
  /** Factor of all queue times. */
  queue: number;
}

export const EQUAL: Generated = {
  seconds: 60,
  messages: 50,
  roundTripMs: 20,
  failures: 0.005,
  jobs: 200,
  queue: 1,
};

const TRANSPORT = { transport: "pty" };
const TRAFFIC = "traffic";
const CREATE = "create";

/** The steps that generated runs have, with the product's own metrics. */
export const STEPS = [
  { name: CREATE, metrics: workloadNamed("create-workspaces").metrics },
  { name: TRAFFIC, metrics: workloadNamed("workspace-traffic").metrics },
];

/** Something that happens in some seconds of a run. */
export interface Incident {
  from: number;
  until: number;
  /** Of the round trip. */
  factor?: number;
  /** Messages lost a second, besides those that are lost anyway. */
  lost?: number;
}

export function generatedRun(
  id: string,
  chance: Chance,
  noise: Noise,
  what: Generated,
  incident?: Incident,
): RunData {
  const ofRun = Math.exp(noise.run * chance.normal());
  return {
    id,
    steps: new Map([
      [CREATE, creation(chance, noise, what, ofRun)],
      [TRAFFIC, traffic(chance, noise, what, ofRun, incident)],
    ]),
  };
}

function traffic(
  chance: Chance,
  noise: Noise,
  what: Generated,
  ofRun: number,
  incident: Incident | undefined,
): StepData {
  const windows = new StepWindows(STEPS[1]?.metrics ?? []);
  const all = new Sum();
  let level = noise.second * chance.normal();
  for (let second = 0; second < what.seconds; second++) {
    const fresh = Math.sqrt(1 - noise.correlation ** 2) * noise.second;
    level = noise.correlation * level + fresh * chance.normal();
    const now = incident && second >= incident.from && second < incident.until ? incident : undefined;
    const typical = what.roundTripMs * ofRun * Math.exp(level) * (now?.factor ?? 1);
    const values = secondOf(chance, what, { typical, spread: noise.message, burst: now?.lost ?? 0 });
    const step: StepSecond = { values: { measured: values }, places: ["0"], ms: 1_000 };
    windows.take(step);
    all.add(values);
    all.addTime(1_000);
  }
  return { metrics: allFigures(STEPS[1]?.metrics ?? [], all), windows, jobs: [] };
}

function secondOf(
  chance: Chance,
  { messages, failures }: Generated,
  { typical, spread, burst }: { typical: number; spread: number; burst: number },
): Record<string, Value> {
  const trips = new Durations();
  const lost = burst + chance.count(messages, failures);
  for (let at = 0; at < messages - lost; at++) trips.record(typical * chance.factor(spread));
  for (let at = 0; at < lost; at++) trips.recordNever(60_000);
  const key = (metric: string, labels = {}) => seriesKey(metric, { ...TRANSPORT, ...labels });
  return {
    [key("round_trip")]: trips.value(),
    [key("ticks", { outcome: "due" })]: counted(messages),
    [key("ticks", { outcome: "sent" })]: counted(messages),
    [key("ticks", { outcome: "lost" })]: counted(lost),
    [key("achieved")]: { kind: "share", n: messages - lost, of: messages },
    [key("achieved_bytes")]: counted(1_024 * (messages - lost)),
  };
}

/** Builds by twos, five seconds each: a job waits for all that are before it. */
function creation(chance: Chance, noise: Noise, { jobs, queue }: Generated, ofRun: number): StepData {
  const rows = Array.from({ length: jobs }, (_, at) => {
    const jitter = () => ofRun * Math.exp(noise.message * chance.normal());
    const phases = {
      queue: 1_000 * queue * (1 + 2.5 * Math.floor(at / 2)) * jitter(),
      provision: 5_000 * jitter(),
    };
    return { startedAt: at, readyMs: phases.queue + phases.provision, phases };
  });
  const all = new Sum();
  for (const { phases, readyMs } of rows)
    for (const [name, ms] of Object.entries({ ...phases, ready: readyMs })) {
      const durations = new Durations();
      durations.record(ms);
      all.add({ [name]: durations.value() });
    }
  all.add({ failures: { kind: "share", n: 0, of: jobs } });
  all.addTime(60_000);
  return { metrics: allFigures(STEPS[0]?.metrics ?? [], all), windows: undefined, jobs: jobValues(rows) };
}
