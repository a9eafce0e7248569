import type { Workload } from "../contract/workload.ts";
import { say } from "../text/message.ts";
import { SaidError } from "../text/said-error.ts";
import { builds } from "./builds/workload.ts";
import { cleanup } from "./cleanup/workload.ts";
import { command } from "./command/workload.ts";
import { prepareWorkspaces } from "./create-workspaces/pool-workload.ts";
import { createWorkspaces } from "./create-workspaces/workload.ts";
import { hold } from "./hold/workload.ts";
import { prepareUsers } from "./prepare-users/workload.ts";
import { recover } from "./recover/workload.ts";
import { run } from "./run/workload.ts";
import { workspaceTraffic } from "./workspace-traffic/workload.ts";

/**
 * Every workload: a new one is a folder here and a line in this list. The first is meant where none is named. Both
 * front ends import it: what reaches a deployment comes with `prepare` and `preflight`, when they are called.
 */
export const workloads: readonly [Workload, ...Workload[]] = [
  createWorkspaces,
  workspaceTraffic,
  builds,
  command,
  hold,
  run,
  prepareUsers,
  prepareWorkspaces,
  cleanup,
  recover,
];

/** Those that a person can start: the product starts the others itself, or a command that asks first. */
export const startable: readonly Workload[] = workloads.filter(
  ({ internal, removes }) => !internal && !removes,
);

export function workloadByName(name: string): Workload | undefined {
  return workloads.find((workload) => workload.name === name);
}

/** Of a name that has been checked. Throws with one sentence where there is no such workload. */
export function workloadNamed(name: string): Workload {
  const workload = workloadByName(name);
  if (!workload) throw new SaidError(say('there is no workload "{0}"', name));
  return workload;
}
