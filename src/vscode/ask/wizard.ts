import type { Memory } from "../host.ts";
import type { TASK_TYPE } from "../ids.ts";
import type { NewRun } from "../model/runs/run-list.ts";
import type { AskParts } from "./draft.ts";
import type { RunRequest } from "./run-request.ts";

/** How the editor asks for a run of one workload. */
export interface Wizard<R extends RunRequest = RunRequest> {
  /** Of its questions. */
  title(): string;
  /**
   * Asks for what the request leaves out. Resolves with the run to start, or undefined where the person left. Rejects
   * with one sentence where the run could not begin. `like`: the configuration of an earlier run, which is suggested in
   * every question, and holds where nothing is asked.
   */
  ask(parts: WizardParts, request: R, like?: EarlierConfig): Promise<NewRun | undefined>;
  /** The request of a task that says this configuration: it starts by itself. */
  requestOf(config: Record<string, unknown>): R;
  /** What was run last on a deployment, as a task; undefined where nothing was. */
  suggestion(url: string, memory: Memory): Suggestion | undefined;
}

/** What an earlier run was asked for, by the keys of its workload. */
export type EarlierConfig = Readonly<Record<string, unknown>>;

/** What the wizards need of the world. */
export interface WizardParts extends AskParts {
  /** Titles of known runs by their id. */
  titles(): Promise<ReadonlyMap<string, string>>;
}

/** A task that can be run as it is, or be put into tasks.json by "Configure Task". */
export interface Suggestion {
  name: string;
  definition: { type: typeof TASK_TYPE; [key: string]: unknown };
}

/** There is nothing on a deployment that a run could load: workspaces have to be created first. */
export class NothingToReach extends Error {
  override readonly name = "NothingToReach";
}
