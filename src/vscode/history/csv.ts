import type { Sample } from "../../protocol/snapshot.ts";
import type { Final } from "../../runs/final.ts";

/** A line for each workspace; durations in milliseconds, phases in the order of a life. */
export function workspacesCsv({ snapshot, rows }: Final): string {
  const phases = snapshot.phases.map(({ name }) => name).filter((name) => !name.startsWith("prebuilt_"));
  const hasTraffic = snapshot.traffic !== undefined;
  const head = [
    "index",
    "workspace",
    "state",
    "started_ms",
    "ready_ms",
    "api_calls",
    "prebuilt",
    ...(hasTraffic ? ["bytes_sent", "bytes_received"] : []),
    ...phases.map((name) => `${name}_ms`),
    "cause",
    "error",
  ];
  const lines = rows.map((row) => [
    row.index,
    row.name,
    row.state,
    row.startedAt,
    row.readyMs,
    row.apiCalls,
    row.prebuilt,
    ...(hasTraffic ? [row.bytesWritten, row.bytesRead] : []),
    ...phases.map((name) => row.phases[name]),
    row.cause,
    row.error,
  ]);
  return toCsv([head, ...lines]);
}

/** A line for each second. */
export function samplesCsv(samples: readonly Sample[]): string {
  const [first] = samples;
  const hasTraffic = samples.some(({ traffic }) => traffic !== undefined);
  const states = Object.keys(first?.counts ?? {}) as (keyof Sample["counts"])[];
  const head = [
    "t_ms",
    "host",
    "shard",
    ...states,
    "api_calls",
    "rate_limit_wait_ms",
    "lateness_p99_ms",
    "cpu_cores",
    ...(hasTraffic ? TRAFFIC_HEAD : []),
  ];
  const lines = samples.map((sample) => [
    sample.t,
    sample.host,
    sample.shard,
    ...states.map((state) => sample.counts[state]),
    sample.apiCalls,
    sample.rateLimitWaitMs,
    sample.latenessP99Ms,
    sample.cpu,
    ...(hasTraffic ? trafficCells(sample.traffic) : []),
  ]);
  return toCsv([head, ...lines]);
}

const TRAFFIC_HEAD = [
  "offered_bytes_per_second",
  "achieved_bytes_per_second",
  "round_trips",
  "round_trip_p50_ms",
  "round_trip_p95_ms",
  "round_trip_p99_ms",
  "round_trip_max_ms",
  "ticks_due",
  "ticks_sent",
  "ticks_missed",
  "ticks_lost",
  "ticks_wrong",
  "connections_active",
  "connections_reconnecting",
  "connections_down",
  "outstanding",
];

/** In a second without an echo there is no round trip: its cells stay empty. */
function trafficCells(traffic: Sample["traffic"]): Cell[] {
  if (!traffic) return TRAFFIC_HEAD.map(() => undefined);
  const { roundTrip, ticks, connections } = traffic;
  const trips = [roundTrip.p50, roundTrip.p95, roundTrip.p99, roundTrip.max];
  return [
    traffic.offeredBytesPerSecond,
    traffic.achievedBytesPerSecond,
    roundTrip.count,
    ...(roundTrip.count > 0 ? trips : trips.map(() => undefined)),
    ticks.due,
    ticks.sent,
    ticks.missed,
    ticks.lost,
    ticks.wrong,
    connections.active,
    connections.reconnecting,
    connections.down,
    traffic.outstanding,
  ];
}

type Cell = string | number | boolean | undefined;

function toCsv(lines: readonly (readonly Cell[])[]): string {
  return `${lines.map((line) => line.map(cellText).join(",")).join("\r\n")}\r\n`;
}

/** RFC 4180. A text that a spreadsheet would take for a formula gets an apostrophe before it. */
function cellText(cell: Cell): string {
  if (cell === undefined) return "";
  if (typeof cell !== "string") return String(cell);
  const text = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
