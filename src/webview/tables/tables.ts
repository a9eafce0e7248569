import type { Figures, Table } from "../../protocol/description.ts";
import { h } from "../dom.ts";
import type { Described } from "../model/described.ts";
import { createFigureTable } from "./figure-table.ts";
import { createSeriesTable } from "./series-table.ts";

interface DrawnTable {
  node: HTMLElement;
  update(figures: Figures): void;
}

/** The tables of one kind that a run describes. */
export function createTables(kind: Table["kind"]) {
  const node = h("div", { class: "stack tables" });
  let described: Described | undefined;
  let tables: readonly DrawnTable[] = [];

  function update(next: Described, figures: Figures): void {
    if (next !== described) {
      described = next;
      tables = next.description.tables.flatMap((table) => (table.kind === kind ? [createTable(table)] : []));
      node.replaceChildren(...tables.map((table) => table.node));
    }
    for (const table of tables) table.update(figures);
  }

  return { node, update };
}

function createTable(table: Table): DrawnTable {
  return table.kind === "figures" ? createFigureTable(table) : createSeriesTable(table);
}
