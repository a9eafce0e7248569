import type { Event } from "vscode";
import type { StartRequest } from "../../ask/run-request.ts";
import type { RunCondition } from "../../model/runs/watched-run.ts";
import type { CreateWorkspacesRequest } from "../create/request.ts";
import type { WorkspaceTrafficRequest } from "../traffic/request.ts";
import type { EnglishSnapshot } from "./in-english.ts";

/** One run, as it is now. */
export interface RunSummary {
  id: string;
  title: string;
  condition: RunCondition;
  /** Since when its runner does not answer, in Unix milliseconds; undefined while it does. */
  silentSince: number | undefined;
  /** The newest figures, with their texts in English; undefined before the first. */
  readonly snapshot: EnglishSnapshot | undefined;
}

/**
 * What `activate` returns, for other extensions. Members may be added; none changes or goes within a version.
 */
export interface ScaleTestApi {
  readonly version: 1;
  /**
   * Starts a scale test of workspaces. What the request leaves out is asked for.
   * Resolves with the run's id, or undefined where the person left; rejects where it could not begin.
   */
  start(request: CreateWorkspacesRequest): Promise<string | undefined>;
  /**
   * Starts traffic to workspaces that scale tests have left on a deployment. What the request leaves out is
   * asked for. Resolves and rejects as `start` does.
   */
  startTraffic(request: WorkspaceTrafficRequest): Promise<string | undefined>;
  /**
   * Starts a run of any workload that a person can start, by its name and the keys of its configuration. What the
   * request leaves out is asked for, the workload too. Resolves and rejects as `start` does.
   */
  startRun(request: StartRequest): Promise<string | undefined>;
  /**
   * Starts the same as an earlier run, by its id: on the same deployment, as it was asked for. Secrets that it was given are
   * asked for. Resolves and rejects as `start` does; undefined where there is no such run, too.
   */
  runAgain(id: string): Promise<string | undefined>;
  /**
   * The runs that this window shows, the newest first; none before the window has looked for them. Then `onDidUpdate` tells
   * of each.
   */
  list(): RunSummary[];
  /** A run began, has new figures (at most four times a second), or ended. */
  readonly onDidUpdate: Event<RunSummary>;
}
