import { formatCount } from "../../l10n/figures.ts";
import { t } from "../../l10n/text.ts";
import { h, setAttribute, setText } from "../dom.ts";
import { STATES } from "../model/states.ts";
import type { TableQuery } from "./query.ts";
import { createRow, type DrawnRow, type Scale } from "./row.ts";
import type { Rows } from "./rows.ts";

/** Height of a line in CSS pixels; the style sheet has the same number. */
const LINE = 24;
const MOST_VISIBLE = 18;
/** Lines drawn beyond either edge, so that scrolling shows no gap. */
const MARGIN = 6;

const COLUMNS: { name: string; label: string; sort?: TableQuery["sort"]; number?: boolean }[] = [
  { name: "name", label: t("Workspace"), sort: "index" },
  { name: "status", label: t("State"), sort: "state" },
  { name: "started", label: t("Begun"), number: true },
  { name: "ready", label: t("Ready in"), sort: "readyMs", number: true },
  { name: "calls", label: t("API calls"), sort: "apiCalls", number: true },
  { name: "bytes written", label: t("Written"), sort: "bytesWritten", number: true },
  { name: "bytes read", label: t("Read"), sort: "bytesRead", number: true },
  { name: "life", label: t("Phases over time") },
];

export interface TableActions {
  sort(by: TableQuery["sort"]): void;
  /** A row was chosen, by click, arrow or Enter. */
  select(position: number): void;
  close(): void;
}

/** A table of any length, of which only the visible lines exist. */
export function createTable(actions: TableActions) {
  const heads = COLUMNS.map((column) => createHead(column, actions));
  const header = h(
    "div",
    { role: "row", class: "row head", "aria-rowindex": "1" },
    ...heads.map((head) => head.node),
  );
  const lines = h("div", { role: "rowgroup", class: "lines" });
  const sizer = h("div", { role: "presentation", class: "sizer" }, lines);
  const empty = h("p", { class: "empty" });
  const node = h(
    "div",
    { role: "grid", class: "grid-table", tabindex: "0", "aria-label": t("Workspaces") },
    h("div", { role: "rowgroup", class: "heads" }, header),
    sizer,
  );
  for (const { name, label, number } of COLUMNS)
    if (number) node.style.setProperty(`--${name.replace("bytes ", "")}-head`, headWidth(label));
  const longest = Math.max(...STATES.map((state) => state.label.length));
  node.style.setProperty("--state-room", `calc(${longest}ch + 32px)`);
  const pool: DrawnRow[] = [];
  let total = 0;
  let current: number | undefined;
  /** As it was last told: to ask the document for it after a change of it costs a layout. */
  let scrollTop = 0;
  node.addEventListener("scroll", () => {
    scrollTop = node.scrollTop;
  });

  function toTop(): void {
    scrollTop = 0;
    node.scrollTop = 0;
  }

  function visible(): { first: number; end: number } {
    const first = Math.floor(scrollTop / LINE);
    const height = Math.min(total, MOST_VISIBLE);
    return {
      first: Math.max(0, first - MARGIN),
      end: Math.min(Math.max(total, 1), first + height + 1 + MARGIN),
    };
  }

  /** Traffic is the same for all of its time: what went through is told instead of phases. */
  function showTraffic(traffic: boolean): void {
    setAttribute(node, "data-traffic", traffic ? "" : undefined);
  }

  function draw(rows: Rows, query: TableQuery, scale: Scale, selected: number | undefined): void {
    total = rows.total ?? 0;
    for (const head of heads) head.draw(query);
    setAttribute(node, "aria-rowcount", String(total + 1));
    current = selected;
    sizer.style.height = `${total * LINE}px`;
    const { first, end } = visible();
    // Of a line that is scrolled out of sight there is no node that could be named.
    const exists = selected !== undefined && selected >= first && selected < Math.min(end, total);
    setAttribute(node, "aria-activedescendant", exists ? `workspace-row-${selected}` : undefined);
    lines.style.transform = `translateY(${first * LINE}px)`;
    drawLines(rows, scale, selected, first, Math.min(end, total));
    setText(empty, emptyText(rows, query));
    empty.hidden = rows.total === undefined || total > 0;
    node.hidden = rows.total === 0;
  }

  function drawLines(
    rows: Rows,
    scale: Scale,
    selected: number | undefined,
    first: number,
    end: number,
  ): void {
    while (pool.length < end - first) pool.push(createRow(actions.select));
    pool.forEach((line, index) => {
      const position = first + index;
      if (position >= end) {
        line.node.remove();
        return;
      }
      line.draw(position, rows.at(position), scale, position === selected);
      if (!line.node.isConnected) lines.append(line.node);
    });
  }

  /** Brings a row into sight. */
  function reveal(position: number): void {
    const top = position * LINE;
    const height = node.clientHeight - header.clientHeight;
    if (top < node.scrollTop) node.scrollTop = top;
    else if (top + LINE > node.scrollTop + height) node.scrollTop = top + LINE - height;
    scrollTop = node.scrollTop;
  }

  node.addEventListener("keydown", (event) => {
    if (event.target !== node) return;
    const position = movedTo(event.key, current, total);
    if (event.key === "Escape") actions.close();
    if (position === undefined) return;
    event.preventDefault();
    actions.select(position);
  });

  return { node, empty, visible, draw, reveal, toTop, showTraffic };
}

function emptyText(rows: Rows, query: TableQuery): string {
  if (rows.total === undefined) return "";
  return query.filter || query.state ? t("No workspace is like that.") : t("No workspace yet.");
}

/** Where an arrow leads from the selected row; undefined where the key is not for the table. */
export function movedTo(key: string, selected: number | undefined, total: number): number | undefined {
  if (total === 0) return undefined;
  const from = selected ?? -1;
  const steps: Record<string, number> = {
    ArrowDown: 1,
    ArrowUp: -1,
    PageDown: MOST_VISIBLE,
    PageUp: -MOST_VISIBLE,
  };
  const step = steps[key];
  if (step !== undefined) return Math.min(total - 1, Math.max(0, from + step));
  if (key === "Home") return 0;
  if (key === "End") return total - 1;
  return key === "Enter" ? Math.max(0, from) : undefined;
}

/** Room for a column's heading, its mark and its edges: its cells are drawn line by line, and do not know it. */
function headWidth(label: string): string {
  return `calc(${label.length}ch + 1em + 16px)`;
}

function createHead(column: (typeof COLUMNS)[number], actions: TableActions) {
  const classes = `cell ${column.name}${column.number ? " number" : ""}`;
  const node = h("div", { role: "columnheader", class: classes });
  const { sort } = column;
  const mark = h("span", { class: "sort", "aria-hidden": "true" });
  if (sort) {
    const button = h("button", { type: "button" }, column.label);
    button.addEventListener("click", () => actions.sort(sort));
    node.append(button, mark);
  } else {
    node.append(column.label);
  }
  return {
    node,
    draw(query: TableQuery) {
      const active = sort !== undefined && query.sort === sort;
      setAttribute(node, "aria-sort", active ? (query.descending ? "descending" : "ascending") : undefined);
      setText(mark, active ? (query.descending ? "▾" : "▴") : "");
    },
  };
}

/** Line beside the heading: how many rows of how many there are. */
export function tableNote(total: number | undefined, all: number): string {
  if (total === undefined || total === all) return formatCount(all);
  return t("{0} of {1}", formatCount(total), formatCount(all));
}
