import type { RunnerConnection } from "../runner/client/connection.ts";
import { type Begin, type StartOptions, startRun, startRunBy } from "../runner/client/start.ts";
import { NO_LOAD } from "./guard.ts";
import type { RunRequest } from "./run-request.ts";

export type { NewlyMade } from "../runner/client/start.ts";

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
  return startRun(optionsOf(places, request, starter));
}

/** The same for one who begins the run in another way. Rejects as `begin` does, besides. */
export function startBy<T>(
  places: RunPlaces,
  request: RunRequest,
  starter: Starter,
  begin: Begin<T>,
): Promise<T> {
  return startRunBy(optionsOf(places, request, starter), begin);
}

function optionsOf(places: RunPlaces, request: RunRequest, starter: Starter): StartOptions {
  const { guard = NO_LOAD, allowRun = false } = request;
  return { ...places, ...starter, ...request, guard, allowRun };
}
