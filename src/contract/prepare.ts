import type { CoderClient } from "../coder/client.ts";
import type { User } from "../coder/schemas.ts";
import type { RunClock } from "../measure/clock.ts";
import type { Batch } from "../measure/seconds.ts";
import type { Labels } from "../protocol/series-key.ts";
import type { Message } from "../text/message.ts";
import type { Demand } from "./demand.ts";
import type { Ledger } from "./job.ts";

/** What a workload has while it looks at a deployment, without making anything. */
export interface PreflightContext {
  client: CoderClient;
  /** Whose session it is. */
  user: User;
  signal: AbortSignal;
}

/** What a workload has while it prepares a step: before anything of it is made. */
export interface PrepareContext extends PreflightContext {
  runId: string;
  /** What the names of all that this step makes begin with; a number from 0 follows, and no other step's names do. */
  prefix: string;
  ledger: Ledger;
  warn(what: Message): void;
  event(what: Message): void;
  /**
   * What the step asks of the deployment, as soon as more of it is known than its configuration says. Throws Refusal
   * where that, with what other steps ask at the same time, is above a ceiling.
   */
  demand(demand: Demand): void;
  /**
   * Of configuration that may be secret (see Description.mayBeSecret), what is none and is written down with the run.
   * Of the rest, `secrets` are taken out of every text that the run tells from now on.
   */
  keep(config: Readonly<Record<string, object>>, secrets: readonly string[]): void;
  /** Files that belong to the product: the sandbox's stand-in for `coder`, the folder of fetched commands. */
  files: ProductFiles;
  /** Of a search: which levels of the step it sets, each to what at first, and to what at most. */
  most?: readonly MostOf[] | undefined;
  /** The time of the run: seconds are stamped by it. */
  clock: RunClock;
  /** Takes what a place has measured in a second. */
  measure(batch: Omit<Batch, "step">): void;
  /** A place that measured is gone: nobody waits for its seconds any more. */
  leave(place: string): void;
  /** Records in the run's own second: what this process itself sees of the load. */
  record: OwnRecorder;
}

/** How far a search goes with one level of a step. */
export interface MostOf {
  of: string;
  first: number;
  value: number;
}

/** All of it counts as measured: for metrics that are `whole`. */
export interface OwnRecorder {
  count(metric: string, n: number, labels?: Labels): void;
  duration(metric: string, ms: number, placed?: { labels?: Labels }): void;
  gauge(metric: string, value: number, labels?: Labels): void;
  /** `n` of `of`. */
  share(metric: string, n: number, of: number): void;
}

export interface ProductFiles {
  /** Program and arguments of the simulated deployment's `coder`. */
  sandboxCoder: readonly string[];
  /** dist/shard.js: a thread that makes traffic. */
  shardScript: string;
  cliFolder: string;
  runFolder: string;
}
