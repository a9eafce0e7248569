import { cleanup } from "./cleanup/workload.ts";
import { createWorkspaces } from "./create-workspaces/workload.ts";
import { recover } from "./recover/workload.ts";
import type { Workload } from "./workload.ts";
import { workspaceTraffic } from "./workspace-traffic/workload.ts";

/** Every workload, by its name. A new one is a folder here and a line in this list. */
export const workloads: readonly Workload[] = [
  createWorkspaces as unknown as Workload,
  workspaceTraffic as unknown as Workload,
  cleanup as unknown as Workload,
  recover as unknown as Workload,
];

export function workloadByName(name: string): Workload | undefined {
  return workloads.find((workload) => workload.name === name);
}
