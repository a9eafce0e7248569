import type { signIn } from "../coder/sign-in.ts";
import type { ProductFiles } from "../contract/prepare.ts";
import type { Threshold } from "../measure/threshold.ts";
import type { Guard } from "../protocol/guard.ts";
import type { LimitRequest } from "../protocol/limit.ts";
import type { TestResult } from "../protocol/result.ts";
import type { ServerMetrics } from "../protocol/server-source.ts";
import type { RunHeader } from "../protocol/snapshot.ts";
import type { Target } from "../protocol/target.ts";
import type { Telemetry } from "../protocol/telemetry.ts";
import type { BaselineInput } from "./baseline.ts";
import type { StepInput } from "./steps/step.ts";

/** What a run is asked to do. */
export interface RunInput {
  header: RunHeader;
  folder: string;
  /** At least one. */
  steps: readonly StepInput[];
  /** What the run is held to besides what its steps are. */
  thresholds?: readonly Threshold[];
  /** An earlier run, with which this one is compared at its end. */
  baseline?: BaselineInput | undefined;
  /** A search for the largest load, by a level of one of the steps: the thresholds are its objectives. */
  limit?: LimitRequest | undefined;
  /** What the run is a test of, for later ones that are compared with it. */
  test?: () => TestResult;
  target: Target;
  files: ProductFiles;
  guard: Guard;
  /** Steps may run programs on this machine; by default they may not. */
  allowRun?: boolean;
  /** Where the deployment's own figures come from; absent: nobody looks at it. */
  serverMetrics?: ServerMetrics | undefined;
  /** Where its traces and figures go besides; absent: nowhere. */
  telemetry?: Telemetry | undefined;
  /** How long it waits for a sign-in where its session has expired. */
  signInLimitMs: number;
  /** Of tests: says whose session it is, without a deployment. */
  signIn?: typeof signIn;
  /** What of a step's configuration that may be secret is none, to be kept with the run. */
  onKept?: (step: string, config: Readonly<Record<string, object>>) => void;
  /** Told when the deployment is known (its version, the user), to be kept with the run. */
  onDeployment?: (deployment: RunHeader["deployment"]) => void;
}
