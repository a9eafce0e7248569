import { lookedUp, plural } from "../../l10n/text.ts";
import type { FigureRef, Figures, SeriesTable } from "../../protocol/description.ts";
import type { Labels } from "../../protocol/series-key.ts";
import { type Drawn, h, KeyedList, setHidden, setText } from "../dom.ts";
import { createSection } from "../section.ts";
import { type Cell, cellOf, createCells } from "./cell.ts";
import { closeMeaning } from "./close-codes.ts";
import { figureWith, type ParsedKey, parseFigureKey } from "./figure-keys.ts";

interface Row {
  names: string[];
  cells: Cell[];
}

/** A row for each series that has been seen. */
export function createSeriesTable(table: SeriesTable) {
  const titles = table.by.map(({ title }) => h("th", { scope: "col" }, lookedUp(title)));
  const columns = table.columns.map(({ title }) =>
    h("th", { scope: "col", class: "number" }, lookedUp(title)),
  );
  const body = h("tbody");
  const rows = new KeyedList<Row>(
    body,
    ({ names }) => JSON.stringify(names),
    () => createRow(table.by.length),
  );
  const head = h("thead", {}, h("tr", {}, ...titles, ...columns));
  const node = h("table", { class: "plain series-table" }, head, body);
  const empty = h("p", { class: "empty" }, lookedUp(table.none));
  const more = h("p", { class: "empty" });
  const section = createSection(lookedUp(table.title), lookedUp(table.note ?? ""), node, empty, more);

  /** Whether there is any row. */
  function update(figures: Figures): boolean {
    const all = seriesIn(table, figures);
    setHidden(node, all.length === 0);
    setHidden(empty, all.length > 0);
    rows.update(all.slice(0, table.most).map((labels) => rowOf(table, figures, labels)));
    const rest = all.length - table.most;
    setHidden(more, rest <= 0);
    setText(more, rest > 0 ? plural(rest, { one: "and {0} other", other: "and {0} others" }) : "");
    return all.length > 0;
  }

  return { node: section.node, update };
}

/** Labels of the series that have a row, in the order in which they are listed. */
export function seriesIn({ by, columns, byName }: SeriesTable, figures: Figures): Labels[] {
  const [first] = columns;
  if (!first) return [];
  const names = by.map(({ label }) => label);
  const found = Object.entries(figures).flatMap(([key, { value }]) => {
    const parsed = parseFigureKey(key);
    return parsed && isOf(parsed, first.figure, names) ? [{ labels: pick(parsed.labels, names), value }] : [];
  });
  const name = ({ labels }: { labels: Labels }) => names.map((label) => labels[label]).join(" ");
  const alphabet = (a: { labels: Labels }, b: { labels: Labels }) =>
    name(a).localeCompare(name(b), undefined, { numeric: true });
  found.sort(byName ? alphabet : (a, b) => b.value - a.value || alphabet(a, b));
  return found.map(({ labels }) => labels);
}

/** A series has the labels that make a row and those of the column, and none besides. */
function isOf({ metric, figure, labels }: ParsedKey, ref: FigureRef, names: readonly string[]): boolean {
  if (metric !== ref.metric || figure !== ref.figure) return false;
  const fixed = Object.entries(ref.labels ?? {});
  const others = Object.keys(labels).filter((label) => !names.includes(label));
  return (
    names.every((label) => labels[label] !== undefined) &&
    fixed.every(([label, value]) => labels[label] === value) &&
    others.every((label) => ref.labels?.[label] !== undefined)
  );
}

function pick(labels: Labels, names: readonly string[]): Labels {
  return Object.fromEntries(names.map((name) => [name, labels[name] ?? ""]));
}

function rowOf({ by, columns }: SeriesTable, figures: Figures, labels: Labels): Row {
  return {
    names: by.map(({ label }) => labels[label] || closeMeaning(label, labels)),
    cells: columns.map(({ figure }) => cellOf([figureWith(figures, figure, labels)])),
  };
}

function createRow(names: number): Drawn<Row> {
  const heads = Array.from({ length: names }, (_, index) =>
    index === 0 ? h("th", { scope: "row", class: "name" }) : h("td", { class: "wrap" }),
  );
  const node = h("tr", {}, ...heads);
  const cells = createCells(node, heads.length);
  return {
    node,
    update(row) {
      for (const [index, head] of heads.entries()) setText(head, row.names[index] ?? "");
      cells(row.cells);
    },
  };
}
