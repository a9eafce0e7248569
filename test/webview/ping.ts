import { describeRun, state } from "../../src/contract/describe.ts";
import type { Sample, WorkspaceRow } from "../../src/protocol/snapshot.ts";
import type { StepView } from "../../src/protocol/steps.ts";
import { say } from "../../src/text/message.ts";
import { type OneStep, oneStepRun } from "../one-step.ts";
import { figuresOf, type Numbers, valuesOf } from "./described.ts";
import { fixtureSnapshot } from "./fixtures.ts";

/** A workload that there is not: the panel can know of it only what its runs say of themselves. */
export const PING = describeRun({
  metrics: [
    {
      name: "pong_time",
      kind: "duration",
      unit: "ms",
      labels: ["region"],
      better: "lower",
      text: "Time to pong",
    },
    {
      name: "pings",
      kind: "counter",
      unit: "none",
      labels: ["region", "fate"],
      better: "higher",
      text: "Pings",
      aliases: { strayed: { figure: "count", labels: { fate: "strayed" }, text: "Pings strayed" } },
    },
    { name: "answered", kind: "share", unit: "none", labels: [], better: "higher", text: "Answered" },
  ],
  states: [
    state("aiming", "aiming", "busy", "yellow", "eye"),
    state("flying", "in the air", "busy", "purple", "rocket"),
  ],
  phases: [{ name: "wind_up", label: "winding up" }],
  cards: [
    "progress",
    {
      id: "pong",
      label: "Pong p95",
      value: { metric: "pong_time", figure: "p95" },
      aside: { text: "of {0} pings", args: [{ metric: "pings", figure: "count" }] },
      lines: [
        {
          text: "{0} strayed",
          args: [{ metric: "pings", figure: "strayed" }],
          some: true,
          tone: "bad",
        },
      ],
      none: "none strayed",
      live: { label: "Pong p95 now", value: { metric: "pong_time", figure: "p95", over: "second" } },
    },
    "generator",
  ],
  charts: [
    {
      id: "pong",
      title: "Pongs",
      note: "there and back",
      limit: { label: "lunch", value: 500 },
      lines: [
        { label: "p95", figure: { metric: "pong_time", figure: "p95" }, colour: "blue" },
        {
          label: "answered",
          figure: { metric: "answered", figure: "rate" },
          colour: "green",
          right: true,
          summary: "last",
        },
        {
          label: "pings a minute",
          figure: { metric: "pings", figure: "count" },
          colour: "grey",
          dashed: true,
          per: { seconds: 60, over: 5 },
        },
      ],
    },
  ],
  tables: [
    {
      kind: "figures",
      id: "regions",
      title: "Regions",
      by: "region",
      columns: [
        { value: "north", label: "up north" },
        { value: "south", label: "down south" },
      ],
      all: "everywhere",
      rows: [
        { id: "p95", label: "pong p95", figures: [{ metric: "pong_time", figure: "p95" }] },
        { id: "strayed", label: "strayed", figures: [{ metric: "pings", figure: "strayed" }], bad: true },
      ],
    },
    {
      kind: "series",
      id: "fates",
      title: "Fates",
      by: [{ label: "fate", title: "Fate" }],
      columns: [{ title: "pings", figure: { metric: "pings", figure: "count" } }],
      most: 2,
      none: "Nothing has flown.",
    },
  ],
  columns: [{ id: "bounces", label: "Bounces", unit: "count" }],
});

const NUMBERS: Numbers = {
  "pong_time.p95": 320,
  "pong_time.p95@second": 290,
  'pong_time{region="north"}.p95': 210,
  'pong_time{region="south"}.p95': 400,
  "pings.count": 1_200,
  "pings.strayed": 3,
  'pings{region="north"}.strayed': 3,
  'pings{fate="hit"}.count': 1_190,
  'pings{fate="strayed"}.count': 3,
  'pings{fate="caught"}.count': 7,
  "answered.rate": 0.5,
};

export function pingSnapshot(at: number, numbers: Numbers = {}, changes: Partial<OneStep> = {}): StepView {
  const base = fixtureSnapshot(4, 0);
  return oneStepRun({
    ...base,
    run: { ...base.run, title: "ping", workload: "ping" },
    stages: [{ id: "jobs", label: say("Ping"), state: "active", done: 0, total: 4 }],
    elapsedMs: at,
    counts: { total: 4, waiting: 1, aiming: 1, flying: 1, succeeded: 0, failed: 1, canceled: 0 },
    phases: [
      { name: "wind_up", label: "winding up", count: 3, mean: 40, p50: 40, p95: 60, p99: 70, max: 80 },
    ],
    description: PING,
    figures: figuresOf(PING, { ...NUMBERS, ...numbers }),
    ...changes,
  });
}

export function pingSamples(seconds: number): Sample[] {
  return Array.from({ length: seconds }, (_, second) => ({
    step: "ping",
    second,
    values: valuesOf(PING, {
      "pong_time.p95": 300,
      "answered.rate": 0.5,
      "pings.count": 20,
      "loop_lateness.p99": 2,
      "generator_cpu.mean": 0.1,
    }),
  }));
}

export function pingRows(): WorkspaceRow[] {
  return ["waiting", "aiming", "flying", "failed"].map((one, index) => ({
    step: "ping",
    index,
    name: `scaletest-k3x9q2ab-${index}`,
    owner: "admin",
    state: one,
    doing: say(one),
    ...(one === "waiting" ? {} : { startedAt: 1_000, values: { bounces: index * 7 } }),
    phases: one === "waiting" ? {} : { wind_up: 40 },
    prebuilt: false,
    apiCalls: 1,
  }));
}
