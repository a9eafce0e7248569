import type { FigureRef, Metric } from "../../protocol/description.ts";
import type { englishCheck } from "../../protocol/in-english.ts";
import type { Sample, Step, WorkspaceRow } from "../../protocol/snapshot.ts";
import { english } from "../../text/message.ts";

/** What is used of a run's record. */
export interface CsvParts {
  snapshot: { steps: readonly Step[] };
  rows: readonly WorkspaceRow[];
}

/** A line for each workspace; durations in milliseconds, phases in the order of a life. */
export function workspacesCsv({ snapshot: { steps }, rows }: CsvParts): string {
  const phases = steps.flatMap((step) => step.phases.map(({ name }) => name));
  const names = [...new Set(phases)].filter((name) => !name.startsWith("prebuilt_"));
  const columns = [...new Set(steps.flatMap(({ description }) => description.columns.map(({ id }) => id)))];
  const several = steps.length > 1;
  const head = [
    ...(several ? ["step"] : []),
    "index",
    "workspace",
    "state",
    "started_ms",
    "ready_ms",
    "api_calls",
    "prebuilt",
    ...columns,
    ...names.map((name) => `${name}_ms`),
    "cause",
    "error",
  ];
  const lines = rows.map((row) => [
    ...(several ? [row.step] : []),
    row.index,
    row.name,
    row.state,
    row.startedAt,
    row.readyMs,
    row.apiCalls,
    row.prebuilt,
    ...columns.map((id) => row.values?.[id]),
    ...names.map((name) => row.phases[name]),
    row.cause && english(row.cause),
    row.error && english(row.error),
  ]);
  return toCsv([head, ...lines]);
}

/**
 * A line for each second of each step, a column for each figure of it; where nothing was measured, the cell stays
 * empty.
 */
export function samplesCsv(samples: readonly Sample[], steps: readonly Step[]): string {
  const columns = columnsOf(steps);
  const several = steps.length > 1;
  const head = ["second", "measured", "invalid", ...columns.map(({ name }) => name)];
  const lines = samples.map(({ step, second, outside, paused, invalid, values }) => [
    ...(several ? [step] : []),
    second,
    !outside && !paused && invalid === undefined,
    invalid && english(invalid),
    ...columns.map(({ places }) => values[places.get(step) ?? -1] ?? undefined),
  ]);
  return toCsv([several ? ["step", ...head] : head, ...lines]);
}

/** A line for each check of a preflight. */
export function checksCsv(checks: readonly ReturnType<typeof englishCheck>[]): string {
  const lines = checks.map(({ id, label, status, figure, mend }) => [id, label, status, figure, mend]);
  return toCsv([["id", "check", "status", "figure", "mend"], ...lines]);
}

interface Column {
  name: string;
  /** Where a step's samples have it. */
  places: Map<string, number>;
}

function columnsOf(steps: readonly Step[]): Column[] {
  const columns = new Map<string, Column>();
  for (const { name: step, description } of steps) {
    const metrics = new Map(description.metrics.map((metric) => [metric.name, metric]));
    for (const [place, ref] of description.series.entries()) {
      const name = columnName(ref, metrics.get(ref.metric));
      const column = columns.get(name) ?? { name, places: new Map() };
      columns.set(name, column);
      if (!column.places.has(step)) column.places.set(step, place);
    }
  }
  return [...columns.values()];
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

/** Lines of cells, as RFC 4180 has them. */
function toCsv(lines: readonly (readonly Cell[])[]): string {
  return `${lines.map((line) => line.map(cellText).join(",")).join("\r\n")}\r\n`;
}

/** What a spreadsheet takes for the begin of a formula; some read the wide forms of these signs, too. */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/;

/** A text that a spreadsheet would take for a formula gets an apostrophe before it; numbers stay numbers. */
function cellText(cell: Cell): string {
  if (cell === undefined) return "";
  if (typeof cell !== "string") return String(cell);
  const text = FORMULA.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
