import type { CoderClient } from "../coder/client.ts";
import type { User } from "../coder/schemas.ts";
import type { RunClock } from "../measure/clock.ts";
import type { Batch } from "../measure/seconds.ts";
import type { Guard } from "../protocol/guard.ts";
import type { Labels } from "../protocol/series-key.ts";
import type { Deployment } from "../protocol/target.ts";
import type { Message } from "../text/message.ts";
import type { Ledger } from "./job.ts";

/** What a workload has while it prepares a run: before anything is made. */
export interface PrepareContext {
  client: CoderClient;
  runId: string;
  signal: AbortSignal;
  ledger: Ledger;
  warn(what: Message): void;
  event(what: Message): void;
  guard: Guard;
  /** Whose session it is, once that is known: from then on it may expire, and is waited for. */
  signedIn(signedIn: { user: User; needsOwner: Message | undefined }): void;
  /** Who and what is being tested, once that is known. */
  deployment(deployment: Deployment): void;
  /**
   * Of configuration that may be secret (see Description.mayBeSecret), what is none and is written down with the run.
   * Of the rest, `secrets` are taken out of every text that the run tells from now on.
   */
  keep(config: Readonly<Record<string, object>>, secrets: readonly string[]): void;
  /** Files that belong to the product: the sandbox's stand-in for `coder`, the folder of fetched commands. */
  files: ProductFiles;
  /** The time of the run: seconds are stamped by it. */
  clock: RunClock;
  /** Takes what a place has measured in a second. */
  measure(batch: Omit<Batch, "step">): void;
  /** A place that measured is gone: nobody waits for its seconds any more. */
  leave(place: string): void;
  /** Records in the run's own second: what this process itself sees of the load. */
  record: OwnRecorder;
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
