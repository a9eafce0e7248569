import type { WorkspaceRow } from "../../protocol/snapshot.ts";
import type { Described } from "./described.ts";
import type { UsualTimes } from "./slow.ts";

/** What a workspace's life is drawn by: the run's time so far, and what it says of its phases and states. */
export interface RunTime {
  elapsedMs: number;
  described: Described;
  /** How long jobs are usually at the same thing; without it, none is slow. */
  usual?: UsualTimes;
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
  { elapsedMs, described }: RunTime,
): LifePart | undefined {
  if (row.startedAt === undefined || described.states.isOver(row.state)) return undefined;
  const last = life.at(-1);
  const from = last ? last.from + last.ms : row.startedAt;
  return from < elapsedMs ? { name: "", from, ms: elapsedMs - from } : undefined;
}

/** A workspace's life as a strip of the run's time, with the open part last, under an empty name. */
export function waterfall(row: WorkspaceRow, time: RunTime): Segment[] {
  const { elapsedMs, described } = time;
  if (row.startedAt === undefined || elapsedMs <= 0) return [];
  const life = lifeOf(row, described.phaseOrder);
  const open = openPart(row, life, time);
  return [...life, ...(open ? [open] : [])].map(({ name, from, ms }) => ({
    name,
    start: from / elapsedMs,
    width: ms / elapsedMs,
  }));
}

/** A pause of the work on a workspace that is longer than what stands between two phases. */
const GAP_MS = 500;

/**
 * The time for which a failed workspace was there for nothing: from the end of its last phase until it was cleaned
 * up, or until now. A clean-up is the last phase that the run lists, and a failed workspace comes to it past others.
 */
export function idleAfterFailure(
  row: WorkspaceRow,
  life: readonly LifePart[],
  { elapsedMs, described: { phaseOrder } }: RunTime,
): { from: number; until: number } {
  const [before, last] = [life.at(-2), life.at(-1)];
  const endOf = (part: LifePart | undefined) => (part ? part.from + part.ms : (row.startedAt ?? 0));
  const isCleanUp =
    last !== undefined &&
    last.name === phaseOrder.at(-1) &&
    phaseOrder.length > 1 &&
    (before?.name !== phaseOrder.at(-2) || last.from - endOf(before) > GAP_MS);
  return isCleanUp ? { from: endOf(before), until: last.from } : { from: endOf(last), until: elapsedMs };
}
