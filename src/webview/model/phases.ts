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

/** Phases of other workloads that are of the same kind, and never beside those of a creation. */
const ALIKE: Readonly<Record<string, string>> = { token: "api", open: "ssh" };

/** The same colour in bars, numbers and waterfall, whichever other phases there are: a CSS variable's name. */
export function phaseVariable(name: string): string {
  const known = name.replace(/^prebuilt_/, "");
  const place = ORDER.indexOf(ALIKE[known] ?? known);
  return `--phase-${place === -1 ? ORDER.length - 1 : place}`;
}

export function phaseColour(name: string): string {
  return `var(${phaseVariable(name)})`;
}

export interface Bar {
  /** Of all phases together, in milliseconds. */
  total: number;
  parts: { name: string; label: string; ms: number; share: number }[];
}

/**
 * What the phases take in the mean, of those that have gone through them. Means add up; percentiles do not: no
 * workspace is the slowest in every phase. Empty for runs of versions that kept no means.
 */
export function phaseBars(phases: readonly Phase[]): Bar[] {
  if (phases.some(({ mean }) => mean === undefined)) return [];
  // A claimed prebuild goes through phases of its own name instead: each kind has its share.
  const kindOf = (name: string) => name.replace(/^prebuilt_/, "");
  const ofKind = new Map<string, number>();
  for (const { name, count } of phases) ofKind.set(kindOf(name), (ofKind.get(kindOf(name)) ?? 0) + count);
  const parts = phases.map(({ name, label, mean = 0, count }) => ({
    name,
    label,
    ms: (mean * count) / Math.max(1, ofKind.get(kindOf(name)) ?? 0),
  }));
  const total = parts.reduce((sum, { ms }) => sum + ms, 0);
  return [{ total, parts: parts.map((part) => ({ ...part, share: total > 0 ? part.ms / total : 0 })) }];
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

/** A phase of one workspace, in milliseconds of the run's time. */
export interface LifePart {
  name: string;
  from: number;
  ms: number;
}

/**
 * A workspace's phases where they were in time; those of a run that does not say when they began, one after
 * another from the workspace's begin.
 */
export function lifeOf(row: WorkspaceRow, order: readonly string[]): LifePart[] {
  let at = row.startedAt ?? 0;
  return phasesInOrder(row, order).map((name) => {
    const ms = row.phases[name] ?? 0;
    const from = row.begins?.[name] ?? at;
    at = from + ms;
    return { name, from, ms };
  });
}

/** What has no end yet, up to now: undefined for a workspace that has not begun, or is over. */
export function openPart(
  row: WorkspaceRow,
  life: readonly LifePart[],
  elapsedMs: number,
): LifePart | undefined {
  if (row.startedAt === undefined || isOver(row.state)) return undefined;
  const last = life.at(-1);
  const from = last ? last.from + last.ms : row.startedAt;
  return from < elapsedMs ? { name: "", from, ms: elapsedMs - from } : undefined;
}

/** A workspace's life as a strip of the run's time, with the open part last, under an empty name. */
export function waterfall(row: WorkspaceRow, order: readonly string[], elapsedMs: number): Segment[] {
  if (row.startedAt === undefined || elapsedMs <= 0) return [];
  const life = lifeOf(row, order);
  const open = openPart(row, life, elapsedMs);
  return [...life, ...(open ? [open] : [])].map(({ name, from, ms }) => ({
    name,
    start: from / elapsedMs,
    width: ms / elapsedMs,
  }));
}
