import { lookedUp, t } from "../../l10n/text.ts";
import type { Figures, FigureTable } from "../../protocol/description.ts";
import { type Drawn, h, KeyedList, setHidden, setText } from "../dom.ts";
import { createSection } from "../section.ts";
import { type Cell, cellOf, createCells, createHeads } from "./cell.ts";
import { figureWith } from "./figure-keys.ts";

interface Row {
  id: string;
  label: string;
  cells: Cell[];
}

/** Figures in rows, with a column for each value of a label that has any. */
export function createFigureTable(table: FigureTable) {
  const row = h("tr", {}, h("th", { scope: "col" }, t("Figure")));
  const heads = createHeads(row, 1);
  const body = h("tbody");
  const rows = new KeyedList<Row>(body, ({ id }) => id, createRow);
  const node = h("table", { class: "plain figure-table" }, h("thead", {}, row), body);
  const empty = h("p", { class: "empty" }, t("Nothing has been measured yet."));
  const section = createSection(lookedUp(table.title), lookedUp(table.note ?? ""), node, empty);

  /** Whether there is any figure. */
  function update(figures: Figures): boolean {
    const columns = columnsIn(table, figures);
    setHidden(node, columns.length === 0);
    setHidden(empty, columns.length > 0);
    heads(columns.map(({ label }) => lookedUp(label)));
    rows.update(
      table.rows.map(({ id, label, figures: refs, bad }) => ({
        id,
        label: lookedUp(label),
        cells: columns.map(({ labels }) =>
          cellOf(
            refs.map((ref) => figureWith(figures, ref, labels)),
            bad,
          ),
        ),
      })),
    );
    return columns.length > 0;
  }

  return { node: section.node, update };
}

/** Columns with any figure, and with several of them all of them together; those alone where no column has one. */
export function columnsIn(
  { by, columns, all, rows }: FigureTable,
  figures: Figures,
): { label: string; labels: Record<string, string> }[] {
  const refs = rows.flatMap((row) => row.figures);
  const hasAny = (labels: Record<string, string>) =>
    refs.some((ref) => figureWith(figures, ref, labels) !== undefined);
  const known = columns
    .map(({ value, label }) => ({ label, labels: { [by]: value } }))
    .filter(({ labels }) => hasAny(labels));
  if (known.length === 1 || (known.length === 0 && !hasAny({}))) return known;
  return [...known, { label: all, labels: {} }];
}

function createRow(): Drawn<Row> {
  const label = h("th", { scope: "row" });
  const node = h("tr", {}, label);
  const cells = createCells(node, 1);
  return {
    node,
    update(row) {
      setText(label, row.label);
      cells(row.cells);
    },
  };
}
