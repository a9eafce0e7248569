import { formatCount } from "../../l10n/figures.ts";
import { lookedUp, t } from "../../l10n/text.ts";
import { h, setAttribute, setText } from "../dom.ts";
import type { Described } from "../model/described.ts";
import type { RunTime } from "../model/life.ts";
import type { TableQuery } from "./query.ts";
import { createRow, type DrawnRow } from "./row.ts";
import type { Rows } from "./rows.ts";

/** Height of a line in CSS pixels; the style sheet has the same number. */
const LINE = 24;
const MOST_VISIBLE = 18;
/** Lines drawn beyond either edge, so that scrolling shows no gap. */
const MARGIN = 6;

interface Column {
  /** Classes of its cells. */
  name: string;
  label: string;
  sort?: TableQuery["sort"];
  number?: boolean;
  /** At the first click on its heading: of durations and calls the largest are of interest, of bytes the fewest. */
  largestFirst?: boolean;
}

const FIRST: readonly Column[] = [
  { name: "name", label: t("Workspace"), sort: "index" },
  { name: "status", label: t("State"), sort: "state" },
  { name: "started", label: t("Started"), number: true },
  { name: "ready", label: t("Ready in"), sort: "readyMs", number: true, largestFirst: true },
  { name: "calls", label: t("API calls"), sort: "apiCalls", number: true, largestFirst: true },
];
const LIFE: Column = { name: "life", label: t("Phases over time") };

/** Those that every run has, and between them those that this run describes. */
function columnsOf({ description }: Described): Column[] {
  const own = description.columns.map(({ id, label, unit }) => ({
    name: "own",
    label: lookedUp(label),
    sort: `values.${id}`,
    number: true,
    largestFirst: unit === "ms",
  }));
  return [...FIRST, ...own, ...(description.waterfall ? [LIFE] : [])];
}

export interface TableActions {
  sort(by: TableQuery["sort"], largestFirst: boolean): void;
  /** A row was chosen, by click, arrow or Enter. */
  select(position: number): void;
  close(): void;
}

/** A table of any length, of which only the visible lines exist. */
export function createTable(actions: TableActions) {
  let heads: ReturnType<typeof createHead>[] = [];
  const header = h("div", { role: "row", class: "row head", "aria-rowindex": "1" });
  const lines = h("div", { role: "rowgroup", class: "lines" });
  const sizer = h("div", { role: "presentation", class: "sizer" }, lines);
  const empty = h("p", { class: "empty" });
  const node = h(
    "div",
    { role: "grid", class: "grid-table", tabindex: "0", "aria-label": t("Workspaces") },
    h("div", { role: "rowgroup", class: "heads" }, header),
    sizer,
  );
  let described: Described | undefined;
  let pool: DrawnRow[] = [];
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

  /** Takes the columns that the run describes. */
  function describe(next: Described): void {
    if (next === described) return;
    described = next;
    const columns = columnsOf(next);
    heads = columns.map((column) => createHead(column, actions));
    header.replaceChildren(...heads.map((head) => head.node));
    lines.replaceChildren();
    pool = [];
    setRoom(node, columns, next);
  }

  function draw(rows: Rows, query: TableQuery, time: RunTime, selected: number | undefined): void {
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
    drawLines(rows, time, selected, first, Math.min(end, total));
    setText(empty, emptyText(rows, query));
    empty.hidden = rows.total === undefined || total > 0;
    node.hidden = rows.total === 0;
  }

  function drawLines(
    rows: Rows,
    time: RunTime,
    selected: number | undefined,
    first: number,
    end: number,
  ): void {
    while (pool.length < end - first) pool.push(createRow(time.described, actions.select));
    pool.forEach((line, index) => {
      const position = first + index;
      if (position >= end) {
        line.node.remove();
        return;
      }
      line.draw(position, rows.at(position), time, position === selected);
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

  return { node, empty, visible, draw, reveal, toTop, describe };
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

/** How wide the columns are, for the style sheet: cells are drawn line by line, and do not know the others. */
function setRoom(node: HTMLElement, columns: readonly Column[], { states, description }: Described): void {
  for (const { name, label, number } of columns)
    if (number && name !== "own") node.style.setProperty(`--${name}-head`, headWidth(label));
  const own = columns.filter(({ name }) => name === "own");
  const tracks = own.map(({ label }) => `max(104px, ${headWidth(label)})`);
  node.style.setProperty("--own", tracks.join(" ") || " ");
  node.style.setProperty("--last-own", tracks.at(-1) ?? " ");
  setAttribute(node, "data-own", own.length > 0 ? "" : undefined);
  setAttribute(node, "data-life", description.waterfall ? "" : undefined);
  const longest = Math.max(0, ...states.all.map(({ id }) => states.label(id).length));
  node.style.setProperty("--state-room", `calc(${longest}ch + 32px)`);
}

function createHead(column: Column, actions: TableActions) {
  const classes = `cell ${column.name}${column.number ? " number" : ""}`;
  const node = h("div", { role: "columnheader", class: classes });
  const { sort } = column;
  const mark = h("span", { class: "sort", "aria-hidden": "true" });
  if (sort) {
    const button = h("button", { type: "button" }, column.label);
    button.addEventListener("click", () => actions.sort(sort, column.largestFirst ?? false));
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
