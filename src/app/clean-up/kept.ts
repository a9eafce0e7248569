import type { RunFile } from "../../runs/run-file.ts";
import { workloadByName } from "../../workloads/index.ts";

/** Whether what the run made is there for many runs: only who names that run deletes it. */
export function isKept({ steps }: Pick<RunFile, "steps">): boolean {
  return steps.length > 0 && steps.every(({ workload }) => workloadByName(workload)?.keeps);
}
