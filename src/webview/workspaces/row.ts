import { formatCount } from "../../l10n/figures.ts";
import { wordsOf } from "../../l10n/text.ts";
import { formatClock } from "../../protocol/duration.ts";
import type { WorkspaceRow } from "../../protocol/snapshot.ts";
import { type Drawn, h, KeyedList, setAttribute, setColour, setText } from "../dom.ts";
import type { Described } from "../model/described.ts";
import { formatMaybe } from "../model/format.ts";
import { type RunTime, type Segment, waterfall } from "../model/life.ts";
import { slowText } from "../model/slow.ts";
import { columnValue } from "./columns.ts";

export interface DrawnRow {
  node: HTMLElement;
  /** `row` is undefined while its page is on its way. */
  draw(position: number, row: WorkspaceRow | undefined, time: RunTime, selected: boolean): void;
}

/** One line of the table. Lines are reused while scrolling, so nothing about a row is kept here. */
export function createRow(described: Described, select: (position: number) => void): DrawnRow {
  const { description, states } = described;
  const cell = (name: string) => h("div", { role: "gridcell", class: `cell ${name}` });
  const name = cell("name");
  const dot = h("span", { class: "dot", "aria-hidden": "true" });
  const state = h("span", { class: "state" });
  const doing = h("span", { class: "doing" });
  const stateCell = h("div", { role: "gridcell", class: "cell status" }, dot, state, " ", doing);
  const started = cell("started number");
  const ready = cell("ready number");
  const calls = cell("calls number");
  const own = description.columns.map((column) => ({ column, node: cell("own number") }));
  const strip = createStrip();
  const life = h("div", { role: "gridcell", class: "cell life" }, strip.node);
  const node = h(
    "div",
    { role: "row", class: "row" },
    name,
    stateCell,
    started,
    ready,
    calls,
    ...own.map((one) => one.node),
    ...(description.waterfall ? [life] : []),
  );
  let current = 0;
  node.addEventListener("click", () => select(current));

  function draw(position: number, row: WorkspaceRow | undefined, time: RunTime, selected: boolean): void {
    current = position;
    setAttribute(node, "id", `workspace-row-${position}`);
    setAttribute(node, "aria-rowindex", String(position + 2));
    setAttribute(node, "aria-selected", String(selected));
    setAttribute(node, "data-odd", position % 2 === 1 ? "" : undefined);
    setText(name, row?.name ?? "…");
    setAttribute(name, "title", row?.name);
    setColour(dot, row ? states.area(row.state) : "--area-grey");
    setAttribute(dot, "data-kind", row && states.kind(row.state));
    const slow = row && slowText(row, time);
    // What is slow says itself what it is.
    setText(state, row && slow === undefined ? states.label(row.state) : "");
    setText(doing, slow ?? (row ? doingNow(row, described) : ""));
    setAttribute(doing, "data-tone", slow === undefined ? undefined : "warning");
    setAttribute(doing, "title", slow);
    setText(started, row?.startedAt === undefined ? "–" : formatClock(row.startedAt));
    setText(ready, formatMaybe(row?.readyMs));
    setText(calls, row ? formatCount(row.apiCalls) : "");
    for (const one of own) setText(one.node, columnValue(one.column, row));
    if (description.waterfall) strip.draw(row ? waterfall(row, time) : [], described);
  }

  return { node, draw };
}

function doingNow(row: WorkspaceRow, { states }: Described): string {
  const text = states.kind(row.state) === "failed" ? (row.cause ?? row.error ?? row.doing) : row.doing;
  const told = wordsOf(text);
  return told === states.label(row.state) ? "" : told;
}

/** A strip of time on which the phases of one workspace lie. */
function createStrip() {
  const node = h("div", { class: "strip" });
  let described: Described | undefined;
  const segments = new KeyedList<Segment>(
    node,
    (segment) => segment.name,
    ({ name }) => createSegment(name, (phase) => described?.phaseColours.variable(phase) ?? "--grey"),
  );

  function draw(life: readonly Segment[], of: Described): void {
    described = of;
    segments.update(life);
  }

  return { node, draw };
}

function createSegment(name: string, variableOf: (phase: string) => string): Drawn<Segment> {
  const node = h("span");
  if (name === "") node.className = "now";
  return {
    node,
    update(segment) {
      if (name !== "") setColour(node, variableOf(name));
      node.style.left = percent(segment.start);
      node.style.width = percent(segment.width);
    },
  };
}

function percent(share: number): string {
  return `${(Math.min(1, Math.max(0, share)) * 100).toFixed(2)}%`;
}
