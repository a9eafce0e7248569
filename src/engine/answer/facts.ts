import type { Baseline } from "../../protocol/baseline.ts";
import type { Bottlenecks } from "../../protocol/bottlenecks.ts";
import type { LimitResult } from "../../protocol/limit.ts";
import type { Outcome, RunState } from "../../protocol/snapshot.ts";
import type { ThresholdState } from "../../protocol/threshold.ts";
import type { Message } from "../../text/message.ts";
import type { LoadStanding } from "./load-watch.ts";

/** The first job that failed. */
export interface FirstFailure {
  workspace: string;
  what: Message;
  /** Milliseconds of the run. */
  atMs: number;
}

/** All that an answer is made of. */
export interface Facts {
  state: RunState;
  /** null while the run goes on. */
  outcome: Outcome | null;
  thresholds: readonly ThresholdState[];
  jobs: { total: number; succeeded: number; failed: number };
  /** It puts a load on the deployment, or times how workspaces become ready: others are done, and hold nothing. */
  isTest: boolean;
  /** Failures are allowed up to what a threshold says. */
  allowsFailures: boolean;
  firstFailure: FirstFailure | undefined;
  load: LoadStanding;
  /** Why the figures say nothing of the deployment: too few seconds count. */
  invalid: Message | undefined;
  bottlenecks: Bottlenecks | undefined;
  /** Somebody looks at the deployment's own figures. */
  hasServer: boolean;
  limit: LimitResult | undefined;
  baseline: Baseline | undefined;
}

export function isLive({ outcome }: Pick<Facts, "outcome">): boolean {
  return outcome === null;
}
