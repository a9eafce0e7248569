import type { Description, Figures, FigureTable, SeriesTable } from "../protocol/description.ts";
import { formatClock } from "../protocol/duration.ts";
import { figureKey } from "../protocol/figure-key.ts";
import { figureText, lineText } from "../protocol/figure-text.ts";
import { parseSeriesKey } from "../protocol/series-key.ts";
import type { StepView } from "../protocol/steps.ts";
import { english } from "../text/message.ts";

/** What a run has measured, as its description puts it before people. */
export function figureTables({ tables }: Description, figures: Figures): string[] {
  return tables.flatMap((table) =>
    table.kind === "figures" ? figureTable(table, figures) : seriesTable(table, figures),
  );
}

/** A row for each figure, a column for each value of the table's label that was measured. */
function figureTable(table: FigureTable, figures: Figures): string[] {
  const used = table.columns.filter(({ value }) =>
    table.rows.some(({ figures: refs }) =>
      refs.some((ref) => figures[figureKey({ ...ref, labels: { ...ref.labels, [table.by]: value } })]),
    ),
  );
  const columns = [
    ...used.map(({ label, value }) => ({ label, labels: { [table.by]: value } })),
    ...(used.length === 1 ? [] : [{ label: table.all, labels: {} }]),
  ];
  const lines = table.rows
    .map(({ label, figures: refs }) => [
      label,
      ...columns.map(({ labels }) =>
        refs.map((ref) => figureText({ ...ref, labels: { ...ref.labels, ...labels } }, figures)).join(" · "),
      ),
    ])
    .filter(([, ...cells]) => cells.some((cell) => cell !== "–"));
  if (lines.length === 0) return [];
  return [...aligned([[table.title, ...columns.map(({ label }) => label)], ...lines]), ""];
}

/** A row for each series that was measured. */
function seriesTable(table: SeriesTable, figures: Figures): string[] {
  const rows = seriesRows(table, figures);
  if (rows.length === 0) return [];
  const head = [...table.by.map(({ title }) => title), ...table.columns.map(({ title }) => title)];
  const lines = rows.map(({ labels }) => [
    ...table.by.map(({ label }) => labels[label] || "–"),
    ...table.columns.map(({ figure }) => figureText({ ...figure, labels: { ...labels } }, figures)),
  ]);
  return [table.title, ...aligned([head, ...lines]), ""];
}

/** The largest first, or by name. */
function seriesRows({ columns, by, most, byName }: SeriesTable, figures: Figures) {
  const [first] = columns;
  if (!first) return [];
  const suffix = `.${first.figure.figure}`;
  const rows = Object.entries(figures).flatMap(([key, { value }]) => {
    const series = key.endsWith(suffix) ? parseSeriesKey(key.slice(0, -suffix.length)) : undefined;
    const isOf = series?.metric === first.figure.metric && by.every(({ label }) => label in series.labels);
    return isOf ? [{ labels: series.labels, value }] : [];
  });
  const [name] = by;
  const nameOf = (row: (typeof rows)[number]) => row.labels[name?.label ?? ""] ?? "";
  const order = byName
    ? (a: (typeof rows)[number], b: (typeof rows)[number]) =>
        nameOf(a).localeCompare(nameOf(b), "en", { numeric: true })
    : (a: (typeof rows)[number], b: (typeof rows)[number]) => b.value - a.value;
  return rows.sort(order).slice(0, most);
}

/** The first column to the left, the others to the right. */
function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  return rows.map(
    (row) =>
      `  ${row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join("  ")}`,
  );
}

/** For the line of progress, while jobs go on: where the load stands, how far it is, what it does, what went wrong. */
export function progressLine({ description, figures, part }: StepView): string | undefined {
  const { progress, key, lines, faults } = description.brief;
  if (!progress && !part) return undefined;
  const left = part?.remainingMs ? `${formatClock(part.remainingMs)} left` : "";
  const p95 = key && figureText(key.live ?? key.figure, figures);
  return [
    part && english(part.label),
    left,
    progress && lineText({ text: progress.other, args: [progress.total, progress.done] }, figures),
    ...lines.map((line) => lineText(line, figures)),
    p95 && p95 !== "–" ? `${key.label} p95 ${p95}` : "",
    ...faults.map((line) => lineText(line, figures)),
  ]
    .filter(Boolean)
    .join("  ");
}
