import type { CoderClient } from "../coder/client.ts";
import type { User } from "../coder/schemas.ts";
import type { Guard } from "../protocol/guard.ts";
import type { Deployment } from "../protocol/target.ts";
import type { Ledger } from "./job.ts";

/** What a workload has while it prepares a run: before anything is made. */
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
  /**
   * Of configuration that may be secret (see Description.mayBeSecret), what is none and is written down with the run.
   * Of the rest, `secrets` are taken out of every text that the run tells from now on.
   */
  keep(config: Readonly<Record<string, object>>, secrets: readonly string[]): void;
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
