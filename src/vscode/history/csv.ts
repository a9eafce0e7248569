import type { Sample } from "../../protocol/snapshot.ts";
import type { Final } from "../../runs/final.ts";

/** A line for each workspace; durations in milliseconds, phases in the order of a life. */
export function workspacesCsv({ snapshot, rows }: Final): string {
  const phases = snapshot.phases.map(({ name }) => name).filter((name) => !name.startsWith("prebuilt_"));
  const head = [
    "index",
    "workspace",
    "state",
    "started_ms",
    "ready_ms",
    "api_calls",
    "prebuilt",
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
    ...phases.map((name) => row.phases[name]),
    row.cause,
    row.error,
  ]);
  return toCsv([head, ...lines]);
}

/** A line for each second. */
export function samplesCsv(samples: readonly Sample[]): string {
  const [first] = samples;
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
  ]);
  return toCsv([head, ...lines]);
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
