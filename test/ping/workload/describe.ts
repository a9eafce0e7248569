import { judgedMetrics, type OwnDescription, state } from "../../../src/contract/describe.ts";

/** What a run of pings says about itself. */
export const PING: OwnDescription = {
  metrics: [
    {
      name: "ping_time",
      kind: "duration",
      unit: "ms",
      labels: [],
      better: "lower",
      text: "Ping time",
      whole: true,
    },
    {
      name: "pings",
      kind: "counter",
      unit: "none",
      labels: ["outcome"],
      better: "none",
      text: "Pings",
      whole: true,
    },
    {
      name: "answered",
      kind: "share",
      unit: "none",
      labels: [],
      better: "higher",
      text: "Pings answered",
      whole: true,
    },
  ],
  states: [
    state("aiming", "aiming", "busy", "yellow", "eye"),
    state("pinging", "pinging", "busy", "green", "pulse"),
  ],
  phases: [{ name: "first_ping", label: "first ping" }],
  cards: [
    "progress",
    {
      id: "ping_time",
      label: "Ping time p95",
      value: { metric: "ping_time", figure: "p95" },
      aside: { text: "of {0} pings", args: [{ metric: "pings", figure: "count" }] },
      lines: [],
      none: "all of them timed",
    },
    "generator",
  ],
  charts: [
    {
      id: "pings",
      title: "Ping times",
      note: "there and back",
      lines: [
        {
          label: "p95",
          figure: { metric: "ping_time", figure: "p95" },
          colour: "blue",
        },
      ],
    },
  ],
  tables: [
    {
      kind: "series",
      id: "outcomes",
      title: "Outcomes",
      by: [{ label: "outcome", title: "Outcome" }],
      columns: [{ title: "pings", figure: { metric: "pings", figure: "count" } }],
      most: 5,
      none: "No ping has ended.",
    },
  ],
  brief: {
    key: { label: "ping time", figure: { metric: "ping_time", figure: "p95" } },
    facts: [
      {
        id: "pings",
        label: "pings",
        icon: "pulse",
        line: { text: "{0} sent", args: [{ metric: "pings", figure: "count" }] },
      },
    ],
  },
};

export const PING_METRICS = judgedMetrics(PING);
