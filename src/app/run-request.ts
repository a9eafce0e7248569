import type { BaselineRequest } from "../protocol/baseline.ts";
import type { Guard } from "../protocol/guard.ts";
import type { LimitRequest } from "../protocol/limit.ts";
import type { ServerMetrics } from "../protocol/server-source.ts";
import type { StepRequest } from "../protocol/step-request.ts";
import type { Target } from "../protocol/target.ts";
import type { Telemetry } from "../protocol/telemetry.ts";

/** A run that is to be started. */
export interface RunRequest {
  title: string;
  /** At least one. */
  steps: readonly StepRequest[];
  /** What the run is held to besides what its steps are. */
  thresholds?: readonly string[];
  /** An earlier run, with which this one is compared at its end. */
  baseline?: BaselineRequest | undefined;
  /** A search for the largest load, by a level of one of the steps. */
  limit?: LimitRequest | undefined;
  /** The scenario's file, to be kept with the run. */
  scenario?: string;
  target: Target;
  /** What keeps the load from hitting the wrong deployment; without one, only a sandbox is loaded. */
  guard?: Guard;
  /** Steps may run programs on this machine: a person has seen which, and allowed it. */
  allowRun?: boolean;
  /** Where the run reads the deployment's own figures: see serverMetricsOf. */
  serverMetrics?: ServerMetrics | undefined;
  /** Where traces and figures go besides: see telemetryOf. */
  telemetry?: Telemetry | undefined;
}
