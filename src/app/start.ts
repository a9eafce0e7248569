import type { RunnerConnection } from "../runner/client/connection.ts";
import { startRun } from "../runner/client/start.ts";
import { NO_LOAD } from "./guard.ts";
import type { RunRequest } from "./run-request.ts";

/** Where runs are kept, and what runs them. */
export interface RunPlaces {
  /** The folder of runs. */
  runs: string;
  /** dist/runner.js */
  runnerPath: string;
  /** Version of this product. */
  product: string;
}

export interface Starter {
  /** Who it is, for the run's events: "command line", "editor". */
  client: string;
  /** Whether the run stops and cleans up when this process is gone. */
  endWithClient: boolean;
  /** Ends the start. */
  signal?: AbortSignal;
}

/**
 * Starts a run in a process of its own. Where nobody says what guards it, only a sandbox takes a load. Rejects as
 * startRun does: with FolderError, one sentence, or the signal's reason.
 */
export function start(places: RunPlaces, request: RunRequest, starter: Starter): Promise<RunnerConnection> {
  const { title, steps, target, guard = NO_LOAD, allowRun = false } = request;
  return startRun({ ...places, ...starter, title, steps, target, guard, allowRun });
}
