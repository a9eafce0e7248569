import type { Threshold } from "../measure/threshold.ts";
import type { Value } from "../measure/values.ts";
import type { FigureRef } from "../protocol/description.ts";
import type { Left, Untouched } from "../protocol/left.ts";
import type { Percentiles } from "../protocol/percentile.ts";
import type { Labels } from "../protocol/series-key.ts";
import type { Fact, Part } from "../protocol/snapshot.ts";
import type { Message } from "../text/message.ts";
import type { Demand } from "./demand.ts";
import type { OwnDescription } from "./describe.ts";
import type { Job } from "./job.ts";

/** What a workload has made of its configuration: jobs, and what the engine needs to know of them. */
export interface Plan {
  jobs: readonly Job[];
  /** What the run says about itself. */
  description: OwnDescription;
  /** What the run is held to; undefined for workloads that cannot be held to anything. */
  thresholds?: readonly Threshold[];
  /** What the jobs' stage is called: "Create and use". */
  jobsLabel: Message;
  concurrency: number;
  timeoutMs: number;
  jobTimeoutMs: number;
  /** undefined: what was made stays; of a workload that makes nothing (see countLeft), there is nothing to clean up. */
  cleanup: CleanupPlan | undefined;
  /** The jobs themselves are the clean-up: what they leave is left behind, and not kept on purpose. */
  removes?: boolean;
  /** Milliseconds of the run's life that the deadline adds to the timeouts above. */
  graceMs?: number;
  /** What the deployment still has of this run, asked of it; undefined for workloads that make nothing. */
  countLeft: ((signal: AbortSignal) => Promise<Remains>) | undefined;
  /** Workspaces of other runs that it uses, and leaves as they are. */
  untouched?: Untouched;
  /** The command that deletes what is left behind; by default, that which goes by the run's journal. */
  next?: string;
  /** Gives back what it has only borrowed, before anybody asks what is left. Never rejects; harmless to repeat. */
  giveBack?(): Promise<void>;
  /** Ends what the plan holds open (helper processes, sockets). */
  close(): Promise<void>;
  /**
   * Holds what is under way, or lets it go on; without it, a pause only begins nothing new. Answers with what the run
   * says of it.
   */
  pause?(paused: boolean): Message;
  /** What it is run with that its configuration does not say. */
  facts?: readonly Fact[];
  /** What a reader of the result should know, said as warnings at the end. */
  remarks?(): Message[];
  /** Numbers for the snapshot. */
  helpers?(): { processes: number; waiting: number };
  /** For a workload that puts a load on the deployment that has a course of its own. */
  load?: Load;
  /** Ended with the step that it goes along with, its jobs have done what they were to do; those of a load always have. */
  endsWell?: boolean;
  /** How long its jobs still take, in milliseconds of the run's own time, where it knows that better than by their pace. */
  remainingMs?(): number | undefined;
  /** When each job begins at the earliest, in milliseconds of the run's own time after the first; by default at once. */
  arrivalMs?(index: number): number;
  /** Sections of the result besides those of every run. */
  sections?(measured: MeasuredPart): Record<string, unknown>;
  /** What of it can be changed while it runs, besides its concurrency, which the engine changes. */
  levels?: readonly LevelPlan[];
  /** Where Prometheus finds what the run measures. */
  exposition?: ExpositionPlan;
  /** Left out of the statistics of test runs: what Coder's own results call the test. */
  testName: string;
}

/** Something of a step that can be set while it runs. What runs already is not connected again. */
export interface LevelPlan {
  /** `connections`, `messages_per_second`. */
  of: string;
  /** For people: "messages a second". */
  label: Message;
  now(): number;
  max?: number;
  /** What the step asks of the deployment with that value: it is held against the ceilings first. */
  demand(value: number): Demand;
  set(value: number): void;
  /** Whether what was set last is there; absent: at once. */
  isReached?(): boolean;
}

export interface Remains {
  /** Of what the run has made; of a clean-up, of what it was to delete. */
  left: Left;
  untouched?: Untouched;
}

/**
 * A load with a course of its own: it ramps, warms up, is measured, and ends by the clock. What it measures it hands over
 * by seconds (`PrepareContext.measure`), with how much of each is of the measured part.
 */
export interface Load {
  /** Where it stands; undefined before it has begun. */
  part(): Part | undefined;
  /** The load is over, perhaps before its time: from now on its figures are final. Harmless to repeat. */
  end(): void;
  /** What goes on at this moment, by series: ages of what has not ended. */
  pending?(): Readonly<Record<string, Value>>;
  /** How much of a stretch of time is of the measured part, in milliseconds; times are of `now()` (measure/clock). */
  measured(from: number, until: number): number;
  /** Gauges that only the run's own process knows, looked at once a second. */
  look?(): void;
}

/** Figures of the measured part of a run that is over. */
export interface MeasuredPart {
  /** undefined where nothing was measured. */
  figure(ref: FigureRef): number | undefined;
  /** Milliseconds, rounded to microseconds; of count 0 where nothing was measured. */
  percentiles(metric: string, labels?: Labels): Percentiles;
  /** Sets of label values that a metric was measured with. */
  series(metric: string): Labels[];
  /** How long the measured part was that counts, in milliseconds. */
  ms: number;
  /** Why the figures must not be trusted, where they must not. */
  invalid: Message | undefined;
}

export interface ExpositionPlan {
  /** `host:port` */
  address: string;
  /** How long the metrics stay there after the end. */
  waitMs: number;
  /** Metrics of the workload's own, in the exposition format. */
  own?(): Promise<string>;
}

export interface CleanupPlan {
  concurrency: number;
  timeoutMs: number;
  jobTimeoutMs: number;
  label: Message;
  /** What a job is after it, for the table; by default "gone". */
  done?: Message;
}
