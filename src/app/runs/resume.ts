import { isSameOrigin } from "../../coder/origin.ts";
import type { Guard } from "../../protocol/guard.ts";
import { oneStep } from "../../protocol/step-request.ts";
import type { Target } from "../../protocol/target.ts";
import type { RunFile } from "../../runs/run-file.ts";
import { say } from "../../text/message.ts";
import { SaidError } from "../../text/said-error.ts";
import { workloadByName, workloads } from "../../workloads/index.ts";
import type { RunRequest } from "../run-request.ts";

/**
 * The run that goes on where another was interrupted: of the same workload where that knows how, else of one that can
 * use what the other has left. Throws with one sentence where there is none.
 */
export function resumeOf(file: RunFile, target: Target, guard: Guard): RunRequest {
  const [only, ...more] = file.steps;
  const own = only && more.length === 0 ? workloadByName(only.workload) : undefined;
  const interrupted = { id: file.id, workload: file.workload, config: own && only ? only.config : {} };
  for (const { name, resume } of [...(own ? [own] : []), ...workloads]) {
    const resumed = resume?.(interrupted);
    if (resumed) return { title: resumed.title, steps: oneStep(name, resumed.config), target, guard };
  }
  throw new SaidError(say("a run of {0} cannot be resumed", file.workload));
}

/** Whether a run is of the deployment at this address. */
export function isOf({ deployment }: Pick<RunFile, "deployment">, url: string): boolean {
  return isSameOrigin(deployment.url, url);
}
