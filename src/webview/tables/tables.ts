import type { Figures, Table } from "../../protocol/description.ts";
import { h } from "../dom.ts";
import type { Described } from "../model/described.ts";
import { createFigureTable } from "./figure-table.ts";
import { createSeriesTable } from "./series-table.ts";

interface DrawnTable {
  node: HTMLElement;
  update(figures: Figures): boolean;
}

/** Those of the tables that a run describes that `isOne` takes. */
export function createTables(isOne: (table: Table) => boolean) {
  const node = h("div", { class: "stack tables" });
  let described: Described | undefined;
  let tables: readonly DrawnTable[] = [];

  /** Whether any of them has something. */
  function update(next: Described, figures: Figures): boolean {
    if (next !== described) {
      described = next;
      tables = next.description.tables.flatMap((table) => (isOne(table) ? [createTable(table)] : []));
      node.replaceChildren(...tables.map((table) => table.node));
    }
    return tables.map((table) => table.update(figures)).includes(true);
  }

  return { node, update };
}

function createTable(table: Table): DrawnTable {
  return table.kind === "figures" ? createFigureTable(table) : createSeriesTable(table);
}

/** Figures of the load in rows, and of its series. */
export const OF_LOAD = {
  figures: (table: Table) => table.kind === "figures",
  series: (table: Table) => table.kind === "series" && table.of === undefined,
};

/** What the deployment says of itself. */
export const ofServer = (table: Table) => table.kind === "series" && table.of === "server";
