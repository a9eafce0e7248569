import type { Description, FigureRef, Metric } from "../../../protocol/description.ts";
import type { Sample } from "../../../protocol/snapshot.ts";
import type { Final } from "../../../runs/final.ts";
import { english } from "../../../text/message.ts";

/** A line for each workspace; durations in milliseconds, phases in the order of a life. */
export function workspacesCsv({ snapshot: { phases, description }, rows }: Final): string {
  const names = phases.map(({ name }) => name).filter((name) => !name.startsWith("prebuilt_"));
  const { columns } = description;
  const head = [
    "index",
    "workspace",
    "state",
    "started_ms",
    "ready_ms",
    "api_calls",
    "prebuilt",
    ...columns.map(({ id }) => id),
    ...names.map((name) => `${name}_ms`),
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
    ...columns.map(({ id }) => row.values?.[id]),
    ...names.map((name) => row.phases[name]),
    row.cause && english(row.cause),
    row.error && english(row.error),
  ]);
  return toCsv([head, ...lines]);
}

/** A line for each second, a column for each figure of it; where nothing was measured, the cell stays empty. */
export function samplesCsv(samples: readonly Sample[], { series, metrics }: Description): string {
  const units = new Map(metrics.map((metric) => [metric.name, metric]));
  const head = [
    "second",
    "measured",
    "invalid",
    ...series.map((ref) => columnName(ref, units.get(ref.metric))),
  ];
  const lines = samples.map(({ second, outside, paused, invalid, values }) => [
    second,
    !outside && !paused && invalid === undefined,
    invalid && english(invalid),
    ...values.map((value) => value ?? undefined),
  ]);
  return toCsv([head, ...lines]);
}

/** `round_trip_p95_ms`, `jobs_building`, `ticks_lost` */
function columnName({ metric, figure, labels = {} }: FigureRef, of: Metric | undefined): string {
  const unit = of?.unit === "none" || of?.unit === "share" ? undefined : of?.unit;
  const isCounted = figure === "count" || figure === "last";
  const parts = [metric, ...Object.values(labels), ...(isCounted && of?.kind !== "duration" ? [] : [figure])];
  const name = parts.join("_");
  const hasUnit = unit === undefined || figure === "count" || name.includes(unit);
  return hasUnit ? name : `${name}_${unit}`;
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
