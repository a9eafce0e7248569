import type { Stage } from "../../protocol/step-request.ts";
import { afterRunning, type Standstill } from "../time.ts";

/** How often a level that goes up or down is set anew. */
const EVERY_MS = 1_000;

export interface LevelCourseOptions {
  /** The level at its begin. */
  from: number;
  stages: readonly Stage[];
  /** The clock that the stages go by stands still with it. */
  rest: Standstill;
  /** Throws where the level cannot be set: the course ends there. */
  set(value: number): void;
  /** Why it has ended before its time. */
  failed(error: unknown): void;
}

/**
 * Moves a level through stages: in each, evenly from where the one before has ended to its `to`, within its `forMs`; a
 * stage of no length sets it at once. Returns what ends it.
 */
export function runLevelCourse({ from, stages, rest, set, failed }: LevelCourseOptions): () => void {
  const begun = performance.now() - rest.ms;
  let callOff: () => void = () => undefined;
  let last = Number.NaN;
  const step = () => {
    const at = performance.now() - rest.ms - begun;
    const value = levelAt(from, stages, at);
    try {
      if (value !== last) set(value);
    } catch (error) {
      failed(error);
      return;
    }
    last = value;
    const endMs = stages.reduce((sum, { forMs }) => sum + forMs, 0);
    if (at < endMs) callOff = afterRunning(Math.max(1, Math.min(EVERY_MS, endMs - at)), rest, step);
  };
  step();
  return () => callOff();
}

/** The level so many milliseconds after the begin; after the last stage it stays. */
export function levelAt(from: number, stages: readonly Stage[], ms: number): number {
  let level = from;
  let begin = 0;
  for (const { forMs, to } of stages) {
    if (ms < begin + forMs) return level + ((to - level) * (ms - begin)) / forMs;
    level = to;
    begin += forMs;
  }
  return level;
}
