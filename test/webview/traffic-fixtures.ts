import { describeRun } from "../../src/contract/describe.ts";
import type { Sample } from "../../src/protocol/snapshot.ts";
import type { StepView } from "../../src/protocol/steps.ts";
import { say } from "../../src/text/message.ts";
import { describeTraffic } from "../../src/workloads/workspace-traffic/describe.ts";
import { type OneStep, oneStepRun } from "../one-step.ts";
import { figuresOf, type Numbers, valuesOf } from "./described.ts";
import { fixtureSnapshot, noCounts } from "./fixtures.ts";

/**
 * A run of traffic: `COUNT` connections of 40 KB/s, opened over ten seconds, measured from the twentieth on.
 * At half a minute, five connections are dropped and opened again. All figures follow from the time.
 */
const STEP = "workspace-traffic";
const COUNT = 100;
const RAMP_S = 10;
const MEASURED_FROM_S = 20;
const DROP_AT_S = 30;
const MESSAGE_BYTES = 4_000;
/** Messages a second of a connection. */
const RATE = 10;
export const LIMIT_MS = 10;
export const TRAFFIC = describeRun(describeTraffic(MESSAGE_BYTES, LIMIT_MS));

const open = (state: string) => `open_connections{state="${state}"}.last`;
const rate = (outcome: string) => `ticks{outcome="${outcome}"}.rate`;

/** Connections by state; `at` is the end of the second. */
function connectionsAt(second: number): Record<string, number> {
  const begun = Math.min(COUNT, Math.floor((second / RAMP_S) * COUNT));
  const opening = begun < COUNT ? Math.min(4, begun) : 0;
  const reconnecting = second === DROP_AT_S ? 5 : 0;
  const active = begun - opening - reconnecting;
  return {
    [open("planned")]: COUNT,
    [open("opening")]: opening,
    [open("active")]: active,
    [open("reconnecting")]: reconnecting,
    [open("down")]: 0,
    [open("waiting")]: COUNT - begun,
  };
}

function ratesAt(second: number): Record<string, number> {
  const active = connectionsAt(second)[open("active")] ?? 0;
  return {
    [rate("due")]: COUNT * RATE,
    [rate("carried")]: active * RATE,
    "offered_bytes.rate": COUNT * RATE * MESSAGE_BYTES,
    "achieved_bytes.rate": active * RATE * MESSAGE_BYTES,
    "achieved.rate": active / COUNT,
  };
}

function trips(p50: number, count: number): Record<string, number> {
  return {
    "round_trip.p50": p50,
    "round_trip.p95": p50 * 3.2,
    "round_trip.p99": p50 * 5.9,
    "round_trip.max": p50 * 31,
    "round_trip.count": count,
  };
}

/** Of the measured part, which has been so long. */
function measuredPart(seconds: number): Record<string, number> {
  const due = seconds * COUNT * RATE;
  return {
    [rate("due")]: COUNT * RATE,
    [rate("carried")]: COUNT * 9.97,
    "offered_bytes.rate": COUNT * RATE * MESSAGE_BYTES,
    "achieved_bytes.rate": COUNT * 39_880,
    "achieved.rate": 0.997,
    ...trips(12.4, due),
    "ticks.due": due,
    "ticks.sent": due - 31,
    "ticks.missed": 31,
    "ticks.skipped": 0,
    "ticks.wrong": 0,
    "ticks.lost": 2,
  };
}

/** The same of one transport alone. */
export function ofTransport(transport: string, numbers: Numbers): Numbers {
  return Object.fromEntries(
    Object.entries(numbers).flatMap(([key, value]) => {
      const [, metric = "", labels = "", figure = ""] = /^(\w+)(?:\{(.*)\})?\.(\w+)$/.exec(key) ?? [];
      const has = TRAFFIC.metrics.find(({ name }) => name === metric)?.labels.includes("transport");
      const all = [labels, `transport="${transport}"`].filter(Boolean).join(",");
      return has ? [[`${metric}{${all}}.${figure}`, value]] : [];
    }),
  );
}

function inLastSecond(numbers: Numbers): Numbers {
  return Object.fromEntries(Object.entries(numbers).map(([key, value]) => [`${key}@second`, value]));
}

/** All figures of a run of terminal traffic. */
export function trafficNumbers(at: number): Numbers {
  const second = Math.floor(at / 1_000);
  const measured = Math.max(0, second - MEASURED_FROM_S);
  const part: Numbers = {
    ...(measured > 0 ? measuredPart(measured) : {}),
    "connections.opened": COUNT - 1,
    "connections.failed": 1,
    "connections.dropped": second < DROP_AT_S ? 0 : 5,
    "connections.reconnected": second < DROP_AT_S ? 0 : 5,
  };
  const drops = { 'drops{code="1006",reason=""}.count': 5, 'drops{code="1006",reason=""}.p50': 24_300 };
  const places = [0, 1].map((place) => ({
    [`place_connections{place="${place}"}.max`]: COUNT / 2,
    [`lateness{place="${place}"}.p99`]: 1.4 + place,
    [`place_busy{place="${place}"}.mean`]: 0.21,
    [`place_backlog{place="${place}"}.max`]: 0,
  }));
  return {
    ...part,
    ...ofTransport("pty", part),
    ...connectionsAt(second),
    ...inLastSecond({ ...ratesAt(second), ...connectionsAt(second), ...trips(11.8, COUNT * RATE) }),
    ...(second < DROP_AT_S ? {} : drops),
    ...Object.assign({}, ...places),
  };
}

function partAt(at: number): NonNullable<StepView["part"]> {
  const second = Math.floor(at / 1_000);
  const remainingMs = second < RAMP_S ? null : 140_000 - at;
  if (second < RAMP_S) return { id: "opening", label: say("opening"), remainingMs, over: false };
  if (second < MEASURED_FROM_S) return { id: "warm_up", label: say("warming up"), remainingMs, over: false };
  return { id: "measuring", label: say("measuring"), remainingMs, over: false };
}

/** The measured part is over. */
export const OVER: NonNullable<StepView["part"]> = {
  id: "over",
  label: say("over"),
  remainingMs: 0,
  over: true,
};

export function trafficSnapshot(at: number, numbers: Numbers = {}, changes: Partial<OneStep> = {}): StepView {
  const base = fixtureSnapshot(COUNT, 0);
  const measured = Math.max(0, Math.floor(at / 1_000) - MEASURED_FROM_S);
  return oneStepRun({
    ...base,
    run: {
      ...base.run,
      title: "web terminal traffic, 10 messages/s × 4 KB a connection",
      workload: STEP,
    },
    elapsedMs: at,
    remainingMs: null,
    stages: [
      { id: "check", label: say("Check"), state: "done", done: 0, total: 0 },
      { id: "jobs", label: say("Traffic"), state: "active", done: 0, total: COUNT },
      { id: "cleanup", label: say("Revoke tokens"), state: "pending", done: 0, total: COUNT },
    ],
    counts: { ...noCounts(COUNT), active: COUNT },
    phases: [
      { name: "token", label: "token", count: COUNT, p50: 42, p95: 81, p99: 96, max: 120 },
      { name: "open", label: "open", count: COUNT, p50: 15, p95: 66, p99: 88, max: 131 },
    ],
    causes: [],
    description: TRAFFIC,
    figures: figuresOf(TRAFFIC, { ...trafficNumbers(at), ...numbers }),
    part: partAt(at),
    validity: { measured, valid: measured, tooFew: false },
    ...changes,
  });
}

/** As it is when its connections are closed: the stage of the jobs is done, and the figures are final. */
export function endedTraffic(at: number, changes: Partial<OneStep> = {}): StepView {
  const snapshot = trafficSnapshot(at);
  const stages = snapshot.stages.map((stage) => ({ ...stage, state: "done" as const }));
  return oneStepRun({ ...snapshot, stages, part: OVER, state: "finished", ...changes });
}

/** The second that ends at `t`; `numbers` are of figures that are to differ. */
export function trafficSample(t: number, numbers: Numbers = {}): Sample {
  const second = Math.floor(t / 1_000);
  const slow = second === DROP_AT_S ? 14 : 1;
  const active = connectionsAt(second)[open("active")] ?? 0;
  return {
    step: STEP,
    second: second - 1,
    values: valuesOf(TRAFFIC, {
      ...ratesAt(second),
      ...connectionsAt(second),
      ...trips((11 + (second % 5) / 2) * slow, active * RATE),
      ...(active === 0 ? nothing(trips(0, 0)) : {}),
      "ticks.due": COUNT * RATE,
      'jobs{state="active"}.last': COUNT,
      "lateness.p99": 1.4,
      "loop_lateness.p99": 0.9,
      "generator_cpu.mean": 0.4,
      "api_calls.count": 0,
      "outstanding.last": 12,
      "connections.dropped": second === DROP_AT_S ? 5 : 0,
      ...numbers,
    }),
  };
}

function nothing(numbers: Numbers): Numbers {
  return Object.fromEntries(Object.keys(numbers).map((key) => [key, null]));
}

export function trafficSamples(until: number): Sample[] {
  return Array.from({ length: Math.floor(until / 1_000) }, (_, second) =>
    trafficSample((second + 1) * 1_000),
  );
}

/** The same when the run has ended: its connections are closed, and no echo comes any more. */
export function endedTrafficSamples(until: number): Sample[] {
  const states = ["opening", "active", "reconnecting", "down", "waiting"].map((state) => [open(state), 0]);
  const rates = Object.fromEntries(Object.keys(ratesAt(1)).map((key) => [key, 0]));
  const closed = [1, 2].map((second) =>
    trafficSample(until + second * 1_000, {
      ...rates,
      "achieved.rate": null,
      ...nothing(trips(0, 0)),
      ...Object.fromEntries(states),
    }),
  );
  return [...trafficSamples(until), ...closed];
}
