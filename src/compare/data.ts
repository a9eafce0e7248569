import type { MetricResult } from "./figures.ts";
import type { Windows } from "./windows.ts";

/** What a run has measured, as far as it is compared. */
export interface RunData {
  /** Empty where it is not known. */
  id: string;
  /** By the steps' names. */
  steps: ReadonlyMap<string, StepData>;
}

export interface StepData {
  /** Figures of the whole step. */
  metrics: Readonly<Record<string, MetricResult>>;
  /** undefined: its seconds are not there any more. */
  windows?: Windows | undefined;
  /** In the order of their begin; undefined: not known. */
  jobs?: readonly JobValues[] | undefined;
}

/** What one job took, by phase, and `ready`; milliseconds. */
export type JobValues = Readonly<Record<string, number>>;

interface Row {
  startedAt?: number | undefined;
  readyMs?: number | undefined;
  phases: Readonly<Record<string, number>>;
}

/** Of rows of one step. */
export function jobValues(rows: readonly Row[]): JobValues[] {
  return rows
    .filter(({ startedAt }) => startedAt !== undefined)
    .sort((a, b) => (a.startedAt ?? 0) - (b.startedAt ?? 0))
    .map(({ phases, readyMs }) => (readyMs === undefined ? phases : { ...phases, ready: readyMs }));
}
