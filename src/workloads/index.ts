import type { Workload } from "../contract/workload.ts";
import { cleanup } from "./cleanup/workload.ts";
import { createWorkspaces } from "./create-workspaces/workload.ts";
import { recover } from "./recover/workload.ts";
import { workspaceTraffic } from "./workspace-traffic/workload.ts";

/** Every workload, by its name. A new one is a folder here and a line in this list. */
export const workloads: readonly Workload[] = [createWorkspaces, workspaceTraffic, cleanup, recover];

export function workloadByName(name: string): Workload | undefined {
  return workloads.find((workload) => workload.name === name);
}
