import { atLeastText, formatShown } from "../../l10n/shown.ts";
import type { ShownFigure } from "../../protocol/description.ts";
import { type Drawn, h, KeyedList, setAttribute, setText } from "../dom.ts";

/** A cell with a figure. */
export interface Cell {
  text: string;
  bad: boolean;
  hint: string | undefined;
}

/** Several figures are written side by side; `bad`: more than 0 of it is. */
export function cellOf(figures: readonly (ShownFigure | undefined)[], bad = false): Cell {
  const known = figures.flatMap((figure) => figure ?? []);
  const [atLeast] = known.flatMap((figure) => figure.atLeast ?? []);
  return {
    text: (known.length > 0 ? known : [undefined]).map(formatShown).join(" · "),
    bad: bad && known.some(({ value }) => value > 0),
    hint: atLeast && atLeastText(atLeast),
  };
}

/** Cells of a row behind its own ones, in step with the table's columns. */
export function createCells(row: HTMLElement, before: number) {
  const list = new KeyedList<Cell>(row, () => "", createCell);
  return (cells: readonly Cell[]) => list.update(cells, before);
}

function createCell(): Drawn<Cell> {
  const node = h("td", { class: "number" });
  return {
    node,
    update({ text, bad, hint }) {
      setText(node, text);
      setAttribute(node, "data-tone", bad ? "bad" : undefined);
      setAttribute(node, "title", hint);
    },
  };
}

/** Headings of columns with figures, behind those that a table has anyway. */
export function createHeads(row: HTMLElement, before: number) {
  const list = new KeyedList<string>(
    row,
    (title) => title,
    () => {
      const node = h("th", { scope: "col", class: "number" });
      return { node, update: (title) => setText(node, title) };
    },
  );
  return (titles: readonly string[]) => list.update(titles, before);
}
