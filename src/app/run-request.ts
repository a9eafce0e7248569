import type { Guard } from "../protocol/guard.ts";
import type { StepRequest } from "../protocol/step-request.ts";
import type { Target } from "../protocol/target.ts";

/** A run that is to be started. */
export interface RunRequest {
  title: string;
  /** At least one. */
  steps: readonly StepRequest[];
  target: Target;
  /** What keeps the load from hitting the wrong deployment; without one, only a sandbox is loaded. */
  guard?: Guard;
  /** Steps may run programs on this machine: a person has seen which, and allowed it. */
  allowRun?: boolean;
}
