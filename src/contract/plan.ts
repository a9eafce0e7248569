import type { Left, Untouched } from "../protocol/left.ts";
import type { ResultTraffic } from "../protocol/result.ts";
import type { Threshold } from "../protocol/threshold.ts";
import type { Traffic, TrafficSample } from "../protocol/traffic.ts";
import type { Job } from "./job.ts";

export interface PhaseLabel {
  name: string;
  label: string;
}

/** What a workload has made of its configuration: jobs, and what the engine needs to know of them. */
export interface Plan {
  jobs: readonly Job[];
  /** In the order in which they happen. */
  phases: readonly PhaseLabel[];
  /** What the run is held to; undefined for workloads that cannot be held to anything. */
  thresholds?: readonly Threshold[];
  /** Its jobs become ready (`JobContext.ready`): one that fails before never did. */
  becomesReady?: boolean;
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
