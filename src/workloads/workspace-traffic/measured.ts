import type { Metric } from "../../protocol/description.ts";

const counts = (figure: string, outcome: string, text: string) => ({
  [figure]: { figure: "count", labels: { outcome }, text },
});

const share = (figure: string, outcome: string, of: string, text: string) => ({
  [figure]: { figure: "count", labels: { outcome }, per: { outcome: of }, text },
});

/** What traffic is measured by. Those that are `whole` count from the first connection on. */
export const METRICS: readonly Metric[] = [
  {
    name: "round_trip",
    kind: "duration",
    unit: "ms",
    labels: ["transport"],
    better: "lower",
    text: "Round trip",
    compare: ["p50", "p95", "p99"],
  },
  {
    name: "achieved",
    kind: "share",
    unit: "none",
    labels: ["transport"],
    better: "higher",
    text: "Achieved",
    compare: ["rate"],
    aliases: { rate: { figure: "rate", labels: {}, text: "Achieved of offered" } },
  },
  {
    name: "ticks",
    kind: "counter",
    unit: "none",
    labels: ["transport", "outcome"],
    better: "lower",
    text: "Messages",
    compare: ["missed", "lost", "wrong"],
    aliases: {
      ...counts("due", "due", "Messages due"),
      ...counts("sent", "sent", "Messages sent"),
      ...counts("missed", "missed", "Messages missed"),
      ...counts("skipped", "skipped", "Messages missed by the generator"),
      ...counts("down", "down", "Messages missed for want of an open connection"),
      ...counts("echoed", "echoed", "Messages echoed"),
      ...counts("trailing", "trailing", "Messages echoed after the measured part"),
      ...counts("wrong", "wrong", "Messages wrong"),
      ...counts("lost", "lost", "Messages lost"),
      ...counts("left_out", "left_out", "Messages under way when a second began that does not count"),
      ...share("missed_rate", "missed", "due", "Messages missed, of those due"),
      ...share("lost_rate", "lost", "sent", "Messages lost, of those sent"),
      ...share("wrong_rate", "wrong", "sent", "Messages wrong, of those sent"),
    },
  },
  bytes("offered_bytes", "Offered"),
  bytes("achieved_bytes", "Achieved"),
  {
    name: "echo_bytes",
    kind: "counter",
    unit: "bytes",
    labels: ["transport", "fault"],
    better: "lower",
    text: "Bytes lost, wrong or too many",
    judged: false,
    compare: [],
  },
  {
    name: "connections",
    kind: "counter",
    unit: "none",
    labels: ["transport", "event"],
    better: "lower",
    text: "Connections",
    whole: true,
    exposed: "connection_events",
    compare: ["failed", "dropped"],
    aliases: {
      opened: { figure: "count", labels: { event: "opened" }, text: "Connections opened" },
      failed: { figure: "count", labels: { event: "failed" }, text: "Connections failed" },
      dropped: { figure: "count", labels: { event: "dropped" }, text: "Connections dropped" },
      reconnected: { figure: "count", labels: { event: "reconnected" }, text: "Connections reconnected" },
      dropped_rate: {
        figure: "count",
        labels: { event: "dropped" },
        per: { event: "opened" },
        text: "Connections dropped, of those opened",
      },
      failed_rate: {
        figure: "count",
        labels: { event: "failed" },
        per: { event: "opened" },
        text: "Connections failed, for each that opened",
      },
    },
  },
  {
    name: "reconnect",
    kind: "duration",
    unit: "ms",
    labels: [],
    better: "lower",
    text: "Reconnection",
    whole: true,
  },
  gauge("open_connections", "Connections by state", ["state"], "connections"),
  {
    ...counter("users", "Users", ["event"]),
    aliases: { hit: { figure: "count", labels: { event: "hit" }, text: "Users who lost a connection" } },
  },
  gauge("user_connections", "Users by their open connections", ["connections"]),
  counter("sessions", "Terminals that are back, by whether they have the same session", ["outcome"]),
  gauge("outstanding", "Messages under way", []),
  {
    name: "drops",
    kind: "duration",
    unit: "ms",
    labels: ["code", "reason"],
    better: "none",
    text: "Drops, by how long the connection had been open",
    whole: true,
    judged: false,
    compare: [],
  },
  { ...duration("lateness", "How late messages are sent", ["place"]) },
  gauge("place_connections", "Connections of a place", ["place"]),
  gauge("place_busy", "How busy a place is", ["place"], undefined, "share"),
  gauge("place_backlog", "Backlog of a place", ["place"], undefined, "bytes"),
];

function bytes(name: string, text: string): Metric {
  return {
    name,
    kind: "counter",
    unit: "bytes",
    labels: ["transport"],
    better: name === "achieved_bytes" ? "higher" : "none",
    text,
    compare: ["rate"],
  };
}

function gauge(
  name: string,
  text: string,
  labels: string[],
  exposed?: string,
  unit: Metric["unit"] = "none",
): Metric {
  return {
    name,
    kind: "gauge",
    unit,
    labels,
    better: "none",
    text,
    whole: true,
    judged: false,
    compare: [],
    ...(exposed ? { exposed } : {}),
  };
}

function counter(name: string, text: string, labels: string[]): Metric {
  return {
    name,
    kind: "counter",
    unit: "none",
    labels,
    better: "none",
    text,
    whole: true,
    judged: false,
    compare: [],
  };
}

function duration(name: string, text: string, labels: string[]): Metric {
  return { name, kind: "duration", unit: "ms", labels, better: "none", text, judged: false, compare: [] };
}
