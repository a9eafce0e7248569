import type { RunRequest } from "../../ask/run-request.ts";
import { feature, registerCommands } from "../../commands.ts";
import type { Parts } from "../../parts.ts";
import type { WorkspaceTrafficRequest } from "./request.ts";
import { TRAFFIC } from "./wizard.ts";

/** What is used of starting runs. */
interface Starting {
  workload(workload: string, request: RunRequest): Promise<string | undefined>;
}

/** Runs that send traffic to workspaces. */
export function registerTraffic({ front, log }: Parts, starting: Starting) {
  /** Resolves with the run's id; undefined where the person left. */
  const start = (request: WorkspaceTrafficRequest) => starting.workload(TRAFFIC, request);
  const commands = registerCommands(
    { "scaletest.workspaceTraffic": (request) => start(request ?? {}) },
    { front, log },
  );
  return { ...feature(commands), start };
}
