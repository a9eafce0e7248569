import type { MetricResult } from "./figures.ts";
import type { StepWindows } from "./windows.ts";

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
  windows?: StepWindows | undefined;
  /**
   * In the order in which they began, undefined where that is not known. By when they became ready they would be sorted by
   * what is measured of them: whatever chance makes of single ones would be gone.
   */
  jobs?: readonly JobValues[] | undefined;
}

/** What one job took. */
export interface JobValues {
  /** When it was ready, or had ended; milliseconds, from any time that is the same for all. */
  at: number;
  /** By phase, and `ready`; milliseconds. */
  values: Readonly<Record<string, number>>;
}

interface Row {
  /** Milliseconds; absent: it was not begun. */
  startedAt?: number | undefined;
  readyMs?: number | undefined;
  /** From its begin to its end, where it did not become ready. */
  durationMs?: number | undefined;
  phases: Readonly<Record<string, number>>;
}

/** Of rows of one step. */
export function jobValues(rows: readonly Row[]): JobValues[] {
  return rows
    .filter(({ startedAt }) => startedAt !== undefined)
    .sort((a, b) => (a.startedAt ?? 0) - (b.startedAt ?? 0))
    .map(({ startedAt = 0, readyMs, durationMs = 0, phases }) => ({
      at: startedAt + (readyMs ?? durationMs),
      values: readyMs === undefined ? phases : { ...phases, ready: readyMs },
    }));
}
