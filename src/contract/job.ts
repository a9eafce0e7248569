import type { CoderClient } from "../coder/client.ts";
import type { JournalState, NewEntry } from "../runs/journal-state.ts";
import type { Message } from "../text/message.ts";

export interface Job {
  /** From 0 in its step. */
  index: number;
  name: string;
  owner: string;
  /** Rejects with JobFailure, CoderError or the signal's reason. */
  run(context: JobContext): Promise<void>;
  /** After success, failure and cancellation; must be harmless to repeat. */
  cleanup(context: CleanupContext): Promise<void>;
}

/** The journal, as a workload sees it. */
export interface Ledger {
  readonly state: JournalState;
  write(entry: NewEntry): Promise<void>;
}

/** What a job has while it is cleaned up after: whatever became of it, it moves to no other state by that. */
export interface CleanupContext {
  signal: AbortSignal;
  /** The admin's client, whose calls count for this job. */
  client: CoderClient;
  ledger: Ledger;
  doing(what: Message): void;
  /** A phase's duration is known, by our own clock; it ended `agoMs` ago, by default just now. */
  phase(name: string, ms: number, agoMs?: number): void;
  /** The same where the deployment itself has timed it: that this process was late does not touch it. */
  serverPhase(name: string, ms: number, agoMs?: number): void;
  /** Runs `work` and records its duration under the phase's name, if it succeeds. */
  timed<T>(name: string, work: () => Promise<T>): Promise<T>;
  /** A line for the job's own log in the results, which scripts read: in English. */
  log(line: string): void;
}

/** What a job has while it runs. */
export interface JobContext extends CleanupContext {
  /** Where the job is now, for counts and table: one of the states that the plan describes. */
  state(state: string, doing: Message): void;
  /** From now on it is waited for until it can be used; only where the plan says that jobs become ready `from_asked`. */
  awaitReady(): void;
  /** It can be used now. */
  ready(): void;
  /** A prebuilt workspace was claimed. */
  prebuilt(): void;
  workspaceId(id: string): void;
  /** Numbers of the job so far, by the columns that the plan describes. */
  values(values: Readonly<Record<string, number>>): void;
  /** Kept for the table's detail: command output, build log. Of what is too long, the end. */
  keepLog(text: string): void;
  /**
   * Resolves after so many milliseconds of the run's own time: a pause and a wait for a sign-in do not count. `left` is
   * told how many are left, about once a second. Rejects with the signal's reason.
   */
  wait(ms: number, left?: (ms: number) => void): Promise<void>;
}
