import { formatClock } from "../protocol/duration.ts";
import type { Counts, RunState, Snapshot, Verdict } from "../protocol/snapshot.ts";

/** Words that tree, status bar and messages have in common. */

export function ready(counts: Counts): number {
  return counts.active + counts.succeeded;
}

/** `1 workspace`, `12 workspaces`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

const STATES: Record<RunState, string> = {
  starting: "starting",
  running: "running",
  stopping: "stopping",
  cleaning: "cleaning up",
  finished: "finished",
  crashed: "crashed",
};
const VERDICTS: Record<Verdict, string> = {
  passed: "passed",
  failed: "failed",
  refused: "refused",
  interrupted: "interrupted",
  invalid: "invalid",
};

export function stateWord(snapshot: Pick<Snapshot, "state" | "outcome" | "paused">): string {
  if (isPaused(snapshot)) return "paused";
  return snapshot.outcome ? VERDICTS[snapshot.outcome.verdict] : STATES[snapshot.state];
}

export function isPaused(snapshot: Pick<Snapshot, "state" | "paused">): boolean {
  return snapshot.paused === true && snapshot.state === "running";
}

/** Of a run whose runner is gone, by what its journal still names. */
export function interruptedText(remains: number | undefined): string {
  if (remains === undefined) return "interrupted; what it created may still exist";
  if (remains === 0) return "interrupted; nothing left";
  return `interrupted; ${plural(remains, "user or workspace", "users and workspaces")} left`;
}

/** `about 2:10 left`; empty where there is no estimate, or nothing left. */
export function timeLeft(snapshot: Snapshot): string {
  if (snapshot.remainingMs === null || snapshot.outcome || snapshot.remainingMs <= 0) return "";
  return `about ${formatClock(snapshot.remainingMs)} left`;
}

/** `105/200 · 2 failed`, for places with little room. */
export function shortProgress(snapshot: Snapshot): string {
  const { counts, outcome } = snapshot;
  if (counts.total === 0) return stateWord(snapshot);
  const word = snapshot.state === "running" && !isPaused(snapshot) ? "" : stateWord(snapshot);
  const done = outcome ? outcome.succeeded : ready(counts);
  const failed = counts.failed > 0 ? `${counts.failed} failed` : "";
  return [word, `${done}/${counts.total}`, failed].filter(Boolean).join(" · ");
}

/** `105 of 200 ready · 2 failed · about 00:41 left` */
export function progressText(snapshot: Snapshot): string {
  const { counts, outcome } = snapshot;
  if (outcome) return outcome.refusal ?? outcome.summary;
  if (counts.total === 0) return stateWord(snapshot);
  const state = snapshot.state === "running" && !isPaused(snapshot) ? "" : stateWord(snapshot);
  const failed = counts.failed > 0 ? `${counts.failed} failed` : "";
  return [state, `${ready(counts)} of ${counts.total} ready`, failed, timeLeft(snapshot)]
    .filter(Boolean)
    .join(" · ");
}
