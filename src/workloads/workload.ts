import type * as z from "zod";
import type { CoderClient } from "../coder/client.ts";
import type { User } from "../coder/schemas.ts";
import type { Fields } from "../contract/fields/table.ts";
import type { Guard } from "../protocol/guard.ts";
import type { Left, Untouched } from "../protocol/left.ts";
import type { ResultTraffic } from "../protocol/result.ts";
import type { WorkspaceRow } from "../protocol/snapshot.ts";
import type { Deployment } from "../protocol/target.ts";
import type { Threshold } from "../protocol/threshold.ts";
import type { Traffic, TrafficSample } from "../protocol/traffic.ts";
import type { JournalState, NewEntry } from "../runs/journal-state.ts";

/**
 * A workload is a plain object: what it can be told, and how it becomes jobs. The engine knows nothing of
 * any of them; adding one is a folder here and a line in index.ts.
 */
export interface Workload<S extends z.ZodType = z.ZodType> {
  name: string;
  /** One line for the command line's list and the palette. */
  summary: string;
  schema: S;
  fields: Fields;
  /** Started by the product itself, not by name: it has no command of its own. */
  internal?: boolean;
  /** What a run of it is called where a person gave it no name. */
  title(config: z.output<S>): string;
  /**
   * Everything that can be checked before anything is made. Throws Refusal where the run should not begin.
   * May put further stages on the board, and events.
   */
  prepare(config: z.output<S>, context: PrepareContext): Promise<Plan>;
}

/** The run is refused before load: sign-in, reach, permission, template. One line that says what to do. */
export class Refusal extends Error {
  override readonly name = "Refusal";
}

/** A job's failure with a cause of its own, by which failures are counted. */
export class JobFailure extends Error {
  override readonly name = "JobFailure";
  /** Stable, for scripts: `build_failed`. */
  readonly causeId: string;
  /** For people, without what differs from job to job: "build failed: terraform apply, exit status 1". */
  readonly causeText: string;
  readonly requestId: string | undefined;
  /** Lines to keep with the job: a build log, a command's output. */
  readonly log: string | undefined;

  constructor(
    causeId: string,
    causeText: string,
    detail?: { message?: string; requestId?: string | undefined; log?: string | undefined },
  ) {
    super(detail?.message ?? causeText);
    this.causeId = causeId;
    this.causeText = causeText;
    this.requestId = detail?.requestId;
    this.log = detail?.log;
  }
}

/** The deployment could not destroy what a workspace stands for: it can be deleted by leaving that where it is. */
export class DestroyFailure extends JobFailure {
  constructor(reason: string) {
    super("delete_failed", `delete failed: ${reason}`);
  }
}

export interface PhaseLabel {
  name: string;
  label: string;
}

export interface Plan {
  jobs: readonly Job[];
  /** In the order in which they happen. */
  phases: readonly PhaseLabel[];
  /** What the run is held to; undefined for workloads that cannot be held to anything. */
  thresholds?: readonly Threshold[];
  /** What the jobs' stage is called: "Create and use". */
  jobsLabel: string;
  concurrency: number;
  timeoutMs: number;
  jobTimeoutMs: number;
  /** undefined: what was made stays. */
  cleanup: CleanupPlan | undefined;
  /** The jobs themselves are the clean-up: what they leave is left behind, and not kept on purpose. */
  removes?: boolean;
  /** Milliseconds of the run's life that the deadline adds to the timeouts above. */
  graceMs?: number;
  /** What the deployment still has of this run, asked of it; undefined for workloads that make nothing. */
  countLeft: ((signal: AbortSignal) => Promise<Remains>) | undefined;
  /** The command that deletes what is left behind; by default, that which goes by the run's journal. */
  next?: string;
  /** Ends what the plan holds open (helper processes, sockets). */
  close(): Promise<void>;
  /**
   * Holds what is under way, or lets it go on; without it, a pause only begins nothing new. Answers with what the run
   * says of it.
   */
  pause?(paused: boolean): string;
  /** What a reader of the result should know, said as warnings at the end. */
  remarks?(): string[];
  /** Numbers for the snapshot. */
  helpers?(): { processes: number; waiting: number };
  /** For a workload that puts a steady load on the deployment: how that goes. */
  load?: LoadReport;
  /** Left out of the statistics of test runs: what Coder's own results call the test. */
  testName: string;
}

export interface Remains {
  /** Of what the run has made; of a clean-up, of what it was to delete. */
  left: Left;
  untouched?: Untouched;
}

/** How a steady load goes, asked for by the engine. */
export interface LoadReport {
  snapshot(): Traffic;
  /** The load is over, perhaps before its time: from now on it reports its result. Harmless to repeat. */
  end(): void;
  /** What was counted since the last one; undefined before there is any. */
  takeSample(): TrafficSample | undefined;
  /** Round trips of the last sample: an HDR histogram, encoded. */
  readonly recentHistogram: string | undefined;
  /** What the result has under `traffic`. */
  result(): ResultTraffic;
  /** Why the figures must not be trusted, where they must not. */
  invalid(): string | undefined;
}

export interface CleanupPlan {
  concurrency: number;
  timeoutMs: number;
  jobTimeoutMs: number;
  label: string;
  /** What a job is after it, for the table; by default "gone". */
  done?: string;
}

export interface Job {
  /** From 0; also the subject of its API calls. */
  index: number;
  name: string;
  owner: string;
  /** Rejects with JobFailure, CoderError or the signal's reason. */
  run(context: JobContext): Promise<void>;
  /** After success, failure and cancellation; must be harmless to repeat. */
  cleanup(context: JobContext): Promise<void>;
}

export interface PrepareContext {
  client: CoderClient;
  runId: string;
  signal: AbortSignal;
  ledger: Ledger;
  warn(text: string): void;
  event(text: string): void;
  guard: Guard;
  /** Whose session it is, once that is known: from then on it may expire, and is waited for. */
  signedIn(signedIn: { user: User; needsOwner: string | undefined }): void;
  /** Who and what is being tested, once that is known. */
  deployment(deployment: Deployment): void;
  /** Files that belong to the product: the sandbox's stand-in for `coder`, the folder of fetched commands. */
  files: ProductFiles;
}

export interface ProductFiles {
  /** Program and arguments of the simulated deployment's `coder`. */
  sandboxCoder: readonly string[];
  /** dist/shard.js: a thread that makes traffic. */
  shardScript: string;
  cliFolder: string;
  runFolder: string;
}

/** The journal, as a workload sees it. */
export interface Ledger {
  readonly state: JournalState;
  write(entry: NewEntry): Promise<void>;
}

export interface JobContext {
  signal: AbortSignal;
  /** The admin's client, whose calls count for this job. */
  client: CoderClient;
  ledger: Ledger;
  /** Where the job is now, for counts and table. */
  state(state: WorkspaceRow["state"], doing: string): void;
  doing(text: string): void;
  /** A phase's duration is known; it ended `agoMs` ago, by default just now. */
  phase(name: string, ms: number, agoMs?: number): void;
  /** Runs `work` and records its duration under the phase's name, if it succeeds. */
  timed<T>(name: string, work: () => Promise<T>): Promise<T>;
  /** It can be used now. */
  ready(): void;
  /** A prebuilt workspace was claimed. */
  prebuilt(): void;
  workspaceId(id: string): void;
  /** Bytes of payload that the job has read and written so far. */
  bytes(read: number, written: number): void;
  /** A line for the job's own log in the results. */
  log(line: string): void;
  /** Kept for the table's detail: command output, build log. */
  keepLog(text: string): void;
}
