import type { Phase, WorkspaceRow } from "../../protocol/snapshot.ts";
import { isOver } from "./states.ts";

/** A workspace's life in its order: each phase has one of the style sheet's `--phase-n` colours for good. */
const ORDER = [
  "api",
  "queue",
  "provision",
  "agent_connect",
  "startup_script",
  "wait_for_ssh",
  "ssh",
  "first_byte",
  "command",
  "delete",
];

/** The same colour in bars, numbers and waterfall, whichever other phases there are. */
export function phaseColour(name: string): string {
  const place = ORDER.indexOf(name.replace(/^prebuilt_/, ""));
  return `var(--phase-${place === -1 ? ORDER.length - 1 : place})`;
}

export interface Bar {
  percentile: "p50" | "p95";
  /** Sum of the phases' own percentiles, in ms; the bars' common scale is the larger one. */
  total: number;
  parts: { name: string; label: string; ms: number; share: number }[];
}

/** Two stacked bars on one scale: the phases' medians, and their 95th percentiles. */
export function phaseBars(phases: readonly Phase[]): Bar[] {
  const sums = { p50: sum(phases, "p50"), p95: sum(phases, "p95") };
  const scale = Math.max(sums.p50, sums.p95);
  return (["p50", "p95"] as const).map((percentile) => ({
    percentile,
    total: sums[percentile],
    parts: phases.map((phase) => ({
      name: phase.name,
      label: phase.label,
      ms: phase[percentile],
      share: scale > 0 ? phase[percentile] / scale : 0,
    })),
  }));
}

function sum(phases: readonly Phase[], percentile: "p50" | "p95"): number {
  return phases.reduce((total, phase) => total + phase[percentile], 0);
}

export interface Segment {
  name: string;
  /** Shares of the run's time, 0 to 1. */
  start: number;
  width: number;
}

/** The row's phases in the order of a life: as the run lists them, then those that it does not list yet. */
export function phasesInOrder(row: WorkspaceRow, order: readonly string[]): string[] {
  const known = order.filter((name) => row.phases[name] !== undefined);
  return [...known, ...Object.keys(row.phases).filter((name) => !order.includes(name))];
}

/**
 * A workspace's life as a strip of the run's time: its phases one after another from its begin, and, while
 * it is under way, an open one up to now.
 */
export function waterfall(row: WorkspaceRow, order: readonly string[], elapsedMs: number): Segment[] {
  if (row.startedAt === undefined || elapsedMs <= 0) return [];
  let at = row.startedAt;
  const segments: Segment[] = [];
  for (const name of phasesInOrder(row, order)) {
    const ms = row.phases[name] ?? 0;
    segments.push({ name, start: at / elapsedMs, width: ms / elapsedMs });
    at += ms;
  }
  if (!isOver(row.state) && at < elapsedMs) {
    segments.push({ name: "", start: at / elapsedMs, width: (elapsedMs - at) / elapsedMs });
  }
  return segments;
}
