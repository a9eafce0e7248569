import { runnerListens } from "../../runner/client/alive.ts";
import type { RunEntry } from "../../runs/run-file.ts";

/**
 * `starting`: made a moment ago, its runner does not listen yet. `running`: its runner listens. `interrupted`: it has
 * neither a runner nor a result. `ended`: it has a result.
 */
export type RunState = "starting" | "running" | "interrupted" | "ended";

/** A run that was made a moment ago may not have its socket yet. */
const YOUNG_MS = 30_000;

/** What a run's folder says, and whether its runner lives. */
export async function stateOf(
  { file, result }: RunEntry,
  now = Date.now(),
  listens: typeof runnerListens = runnerListens,
): Promise<RunState> {
  if (result) return "ended";
  if (file.runner.socket === undefined && isYoung(file.createdAt, now)) return "starting";
  return (await listens(file)) ? "running" : "interrupted";
}

/** Whether a run's runner may still be on its way. */
export function isYoung(createdAt: number, now = Date.now()): boolean {
  return now - createdAt < YOUNG_MS;
}

/** Load may be under way, or begin at any moment. */
export function isUnderWay(state: RunState): boolean {
  return state === "starting" || state === "running";
}
