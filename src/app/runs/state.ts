import { runnerListens } from "../../runner/client/alive.ts";
import { isNewer } from "../../runs/newer.ts";
import type { RunEntry } from "../../runs/run-list.ts";

/**
 * `starting`: made a moment ago, its runner does not listen yet. `running`: its runner listens. `interrupted`: it has
 * neither a runner nor a result. `ended`: it has a result. `newer`: a newer version made it, and its runner does not
 * listen; what came of it is that version's to tell.
 */
export type RunState = "starting" | "running" | "interrupted" | "ended" | "newer";

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
  if (await listens(file)) return "running";
  return isNewer(file) ? "newer" : "interrupted";
}

/** Whether a run's runner may still be on its way. */
export function isYoung(createdAt: number, now = Date.now()): boolean {
  return now - createdAt < YOUNG_MS;
}

/** Load may be under way, or begin at any moment. */
export function isUnderWay(state: RunState): boolean {
  return state === "starting" || state === "running";
}
