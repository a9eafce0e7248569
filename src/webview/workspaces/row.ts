import { formatCount } from "../../l10n/figures.ts";
import { runText } from "../../l10n/run-text.ts";
import { formatClock } from "../../protocol/duration.ts";
import type { WorkspaceRow } from "../../protocol/snapshot.ts";
import { type Drawn, h, KeyedList, setAttribute, setText } from "../dom.ts";
import { formatBytes, formatMaybe } from "../model/format.ts";
import { phaseColour, type Segment, waterfall } from "../model/phases.ts";
import { stateLabel } from "../model/states.ts";

/** What rows need of the whole run: its time so far, and the order of phases. */
export interface Scale {
  elapsedMs: number;
  order: readonly string[];
}

export interface DrawnRow {
  node: HTMLElement;
  /** `row` is undefined while its page is on its way. */
  draw(position: number, row: WorkspaceRow | undefined, scale: Scale, selected: boolean): void;
}

/** One line of the table. Lines are reused while scrolling, so nothing about a row is kept here. */
export function createRow(select: (position: number) => void): DrawnRow {
  const cell = (name: string) => h("div", { role: "gridcell", class: `cell ${name}` });
  const name = cell("name");
  const dot = h("span", { class: "dot", "aria-hidden": "true" });
  const state = h("span", { class: "state" });
  const doing = h("span", { class: "doing" });
  const stateCell = h("div", { role: "gridcell", class: "cell status" }, dot, state, doing);
  const started = cell("started number");
  const ready = cell("ready number");
  const calls = cell("calls number");
  const written = cell("bytes written number");
  const read = cell("bytes read number");
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
    written,
    read,
    life,
  );
  let current = 0;
  node.addEventListener("click", () => select(current));

  function draw(position: number, row: WorkspaceRow | undefined, scale: Scale, selected: boolean): void {
    current = position;
    setAttribute(node, "id", `workspace-row-${position}`);
    setAttribute(node, "aria-rowindex", String(position + 2));
    setAttribute(node, "aria-selected", String(selected));
    setAttribute(node, "data-odd", position % 2 === 1 ? "" : undefined);
    setText(name, row?.name ?? "…");
    setAttribute(name, "title", row?.name);
    setAttribute(dot, "data-state", row?.state);
    setText(state, row ? stateLabel(row.state) : "");
    setText(doing, row ? doingNow(row) : "");
    setText(started, row?.startedAt === undefined ? "–" : formatClock(row.startedAt));
    setText(ready, formatMaybe(row?.readyMs));
    setText(calls, row ? formatCount(row.apiCalls) : "");
    setText(written, row?.bytesWritten === undefined ? "–" : formatBytes(row.bytesWritten));
    setText(read, row?.bytesRead === undefined ? "–" : formatBytes(row.bytesRead));
    strip.draw(row ? waterfall(row, scale.order, scale.elapsedMs) : []);
  }

  return { node, draw };
}

function doingNow(row: WorkspaceRow): string {
  const text = row.state === "failed" ? (row.cause ?? row.error ?? row.doing) : row.doing;
  const told = runText(text);
  return told === stateLabel(row.state) ? "" : told;
}

/** A strip of time on which the phases of one workspace lie. */
export function createStrip() {
  const node = h("div", { class: "strip" });
  const segments = new KeyedList<Segment>(node, (segment) => segment.name, createSegment);
  return {
    node,
    draw: (life: readonly Segment[]) => segments.update(life),
  };
}

function createSegment({ name }: Segment): Drawn<Segment> {
  const node = h("span");
  if (name === "") node.className = "now";
  else node.style.background = phaseColour(name);
  return {
    node,
    update(segment) {
      node.style.left = percent(segment.start);
      node.style.width = percent(segment.width);
    },
  };
}

function percent(share: number): string {
  return `${(Math.min(1, Math.max(0, share)) * 100).toFixed(2)}%`;
}
