import type { Guard } from "../../protocol/guard.ts";
import type { Target } from "../../protocol/target.ts";
import type { RunFile } from "../../runs/run-file.ts";
import type { RunRequest } from "../run-request.ts";

/**
 * The run that goes on where another was interrupted: traffic over its workspaces that still exist, as it was asked
 * for where it was a run of traffic.
 */
export function resumeOf(file: RunFile, target: Target, guard: Guard): RunRequest {
  const wasTraffic = file.workload === "workspace-traffic";
  return {
    workload: "workspace-traffic",
    title: `traffic of run ${file.id}, resumed`,
    config: wasTraffic ? file.config : { run: file.id },
    target,
    guard,
  };
}

/** Whether a run is of the deployment at this address. */
export function isOf({ deployment }: Pick<RunFile, "deployment">, url: string): boolean {
  return new URL(deployment.url).origin === new URL(url).origin;
}
