import { coresLine, judgedMetrics, type OwnDescription, state } from "../../contract/describe.ts";
import type { Card, Chart, FigureRef, Line, Metric, Table } from "../../protocol/description.ts";
import { METRICS } from "./measured.ts";

/** How connections go; the values of the label `transport`. */
const TRANSPORTS = [
  { value: "pty", label: "web terminal" },
  { value: "ssh", label: "SSH" },
  { value: "app", label: "app" },
] as const;

const PHASES = [
  { name: "token", label: "token" },
  { name: "open", label: "open" },
];

/** What a run of traffic can be held to. */
export const JUDGED: readonly Metric[] = judgedMetrics({
  metrics: METRICS,
  states: [],
  phases: PHASES,
  becomesReady: true,
});

const ref = (metric: string, figure: string, labels?: Record<string, string>): FigureRef => ({
  metric,
  figure,
  ...(labels ? { labels } : {}),
});
const now = (figure: FigureRef): FigureRef => ({ ...figure, over: "second" });

const ACHIEVED_BYTES = ref("achieved_bytes", "rate");
const OFFERED_BYTES = ref("offered_bytes", "rate");
const CARRIED = ref("ticks", "rate", { outcome: "carried" });
const DUE = ref("ticks", "rate", { outcome: "due" });
const trip = (figure: string) => ref("round_trip", figure);
const ticks = (figure: string) => ref("ticks", figure);
const connections = (figure: string) => ref("connections", figure);
const open = (where: string) => ref("open_connections", "last", { state: where });

const some = (text: string, figure: FigureRef, tone?: "bad" | "warning"): Line => ({
  text,
  args: [figure],
  some: true,
  ...(tone ? { tone } : {}),
});

const FAULTS: Line[] = [
  some("{0} failed to open", connections("failed"), "bad"),
  some("{0} dropped", connections("dropped"), "bad"),
];

const CARDS: readonly Card[] = [
  {
    id: "connections",
    label: "Connections opened",
    value: connections("opened"),
    aside: { text: "of {0}", args: [open("planned")] },
    lines: [
      ...FAULTS,
      some("{0} reconnected", connections("reconnected")),
      some("reconnected in {0}, p95", ref("reconnect", "p95")),
    ],
    none: "none dropped",
    live: { label: "Connections active", value: now(open("active")) },
  },
  {
    id: "achieved",
    label: "Achieved, each way",
    value: CARRIED,
    aside: { text: "of {0}", args: [DUE] },
    lines: [
      { text: "{0} of {1}", args: [ACHIEVED_BYTES, OFFERED_BYTES] },
      { text: "{0}", args: [ref("achieved", "rate")] },
    ],
    live: {
      label: "Achieved now, each way",
      value: now(CARRIED),
      aside: { text: "of {0}", args: [now(DUE)] },
      lines: [
        { text: "{0} of {1}", args: [now(ACHIEVED_BYTES), now(OFFERED_BYTES)] },
        { text: "{0}", args: [now(ref("achieved", "rate"))] },
      ],
    },
  },
  {
    id: "round_trip",
    label: "Round trip p95",
    value: trip("p95"),
    lines: [{ text: "p50 {0} · p99 {1}", args: [trip("p50"), trip("p99")] }],
    none: "no echo yet",
  },
  {
    id: "echoes",
    label: "Messages lost",
    value: ticks("lost"),
    bad: true,
    aside: { text: "of {0}", args: [ticks("sent")] },
    lines: [
      some("{0} wrong", ticks("wrong"), "bad"),
      some("{0} too many", ref("echo_bytes", "count", { fault: "extra" }), "bad"),
      some("{0} missed", ticks("missed"), "warning"),
    ],
    none: "none missed",
  },
];

const LOAD: Line = {
  text: "{0} of {1} · {2} of {3}",
  args: [CARRIED, DUE, ACHIEVED_BYTES, OFFERED_BYTES],
};
const TRIPS: Line = { text: "{0} · {1} · {2}", args: [trip("p50"), trip("p95"), trip("p99")] };

function charts(messageBytes: number, lateLimitMs: number): Chart[] {
  return [
    {
      id: "round_trip",
      title: "Round trip",
      note: "from the intended tick",
      lines: [
        { label: "p50", figure: trip("p50"), colour: "blue" },
        { label: "p95", figure: trip("p95"), colour: "purple" },
        { label: "p99", figure: trip("p99"), colour: "orange" },
      ],
    },
    {
      id: "throughput",
      title: "Throughput",
      note: "messages and bytes a second, each way",
      also: { factor: messageBytes, unit: "bytes_per_second" },
      lines: [
        { label: "offered", figure: DUE, colour: "grey" },
        { label: "achieved", figure: CARRIED, colour: "green" },
      ],
    },
    {
      id: "connections",
      title: "Connections",
      note: "by state",
      stacked: true,
      lines: [
        { label: "down", figure: open("down"), colour: "red", summary: "max" },
        { label: "active", figure: open("active"), colour: "green", summary: "max" },
        { label: "reconnecting", figure: open("reconnecting"), colour: "orange", summary: "max" },
        { label: "opening", figure: open("opening"), colour: "blue", summary: "max" },
        { label: "not open", figure: open("waiting"), colour: "dim", summary: "max" },
      ],
    },
    {
      id: "generator",
      title: "Generator",
      note: "how late messages are sent, and CPU",
      limit: { label: "limit", value: lateLimitMs },
      lines: [
        { label: "late p99", figure: ref("lateness", "p99"), colour: "purple", summary: "max" },
        coresLine(),
      ],
    },
  ];
}

const TABLES: Table[] = [
  {
    kind: "figures",
    id: "measured",
    title: "Measured part",
    by: "transport",
    columns: TRANSPORTS.map((one) => ({ ...one })),
    all: "all",
    rows: [
      { id: "offered", label: "offered, each way", figures: [DUE, OFFERED_BYTES] },
      { id: "achieved", label: "achieved, each way", figures: [CARRIED, ACHIEVED_BYTES] },
      ...(["p50", "p95", "p99", "max"] as const).map((figure) => ({
        id: figure,
        label: `round trip ${figure}`,
        figures: [trip(figure)],
      })),
      { id: "due", label: "messages due", figures: [ticks("due")] },
      { id: "missed", label: "messages missed", figures: [ticks("missed")], bad: true },
      { id: "skipped", label: "of these by the generator", figures: [ticks("skipped")], bad: true },
      { id: "down", label: "of these without a connection", figures: [ticks("down")], bad: true },
      { id: "lost", label: "echoes lost", figures: [ticks("lost")], bad: true },
      { id: "wrong", label: "echoes wrong", figures: [ticks("wrong")], bad: true },
      { id: "failed", label: "connections failed", figures: [connections("failed")], bad: true },
      { id: "dropped", label: "connections dropped", figures: [connections("dropped")], bad: true },
      { id: "reconnected", label: "connections reconnected", figures: [connections("reconnected")] },
    ],
  },
  {
    kind: "series",
    id: "drops",
    title: "Disconnects by close code",
    by: [
      { label: "code", title: "Code" },
      { label: "reason", title: "Meaning" },
    ],
    columns: [
      { title: "count", figure: ref("drops", "count") },
      { title: "median connection age", figure: ref("drops", "p50") },
    ],
    most: 10,
    none: "No connection has dropped.",
  },
  {
    kind: "series",
    id: "places",
    title: "Places",
    note: "threads and workers that make the load",
    by: [{ label: "place", title: "Place" }],
    columns: [
      { title: "connections", figure: ref("place_connections", "max") },
      { title: "late p99", figure: ref("lateness", "p99") },
      { title: "busy", figure: ref("place_busy", "mean") },
      { title: "backlog", figure: ref("place_backlog", "max") },
    ],
    most: 256,
    none: "No place has begun.",
    byName: true,
  },
];

/** What a run of traffic says about itself. `messageBytes`: of one message; `lateLimitMs`: how late one may be sent. */
export function describeTraffic(messageBytes: number, lateLimitMs: number): OwnDescription {
  return {
    metrics: METRICS,
    states: [
      state("starting", "starting", "busy", "orange", "rocket"),
      state("active", "in use", "busy", "green", "terminal"),
    ],
    phases: PHASES,
    becomesReady: true,
    cards: ["part", ...CARDS, "generator"],
    charts: charts(messageBytes, lateLimitMs),
    tables: TABLES,
    brief: {
      progress: {
        done: now(open("active")),
        over: connections("opened"),
        total: open("planned"),
        one: "{1} of {0} connection",
        other: "{1} of {0} connections",
      },
      key: { label: "round trip", figure: trip("p95"), live: now(trip("p95")) },
      lines: [LOAD],
      faults: [
        some("{0} dropped", connections("dropped"), "bad"),
        some("{0} missed", ticks("missed"), "warning"),
        some("{0} wrong", ticks("wrong"), "bad"),
        some("{0} lost", ticks("lost"), "bad"),
      ],
      facts: [
        {
          id: "connections",
          label: "connections",
          icon: "plug",
          line: { text: "{0} of {1}", args: [connections("opened"), open("planned")] },
          live: { text: "{0} of {1}", args: [now(open("active")), open("planned")] },
        },
        { id: "throughput", label: "achieved", icon: "arrow-swap", line: LOAD },
        { id: "round_trip", label: "round trip p50 · p95 · p99", icon: "pulse", line: TRIPS },
        {
          id: "drops",
          label: "dropped · failed",
          icon: "debug-disconnect",
          line: { text: "{0} · {1}", args: [connections("dropped"), connections("failed")] },
        },
        {
          id: "messages",
          label: "messages missed · lost · wrong",
          icon: "mail",
          line: { text: "{0} · {1} · {2}", args: [ticks("missed"), ticks("lost"), ticks("wrong")] },
        },
      ],
    },
    columns: [
      { id: "bytes_written", label: "Written", unit: "bytes" },
      { id: "bytes_read", label: "Read", unit: "bytes" },
    ],
    waterfall: false,
    flags: [{ figure: connections("dropped"), text: "{0} dropped" }],
    load: {
      offered: DUE,
      achieved: CARRIED,
      rate: { one: "{0} message a second", other: "{0} messages a second" },
      level: open("active"),
      levels: { one: "{0} connection", other: "{0} connections" },
      busy: ref("place_busy", "mean"),
      missing: ref("ticks", "rate", { outcome: "down" }),
    },
    series: [
      ACHIEVED_BYTES,
      OFFERED_BYTES,
      trip("count"),
      trip("max"),
      ref("achieved", "rate"),
      ...["due", "sent", "missed", "lost", "wrong"].map((outcome) => ticks(outcome)),
      ref("outstanding", "last"),
      connections("dropped"),
    ],
  };
}
