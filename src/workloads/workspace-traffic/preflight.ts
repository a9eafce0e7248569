import { DeploymentInfo } from "../../coder/deployment.ts";
import type { Check } from "../../protocol/check.ts";
import { checkAccess, checkHealth } from "../preflight/deployment-checks.ts";
import { checkOpenFiles, checkOrigin, openFileLimit } from "../preflight/machine-checks.ts";
import { refuseBlocked } from "../preflight/preflight.ts";
import type { PrepareContext } from "../workload.ts";
import { durationOf, type TrafficConfig } from "./config.ts";

/** A coder command has three pipes. */
const FILES_PER_COMMAND = 3;

/** What can be found out before the load. Throws Refusal for what blocks; warns of the rest. */
export async function checkFirst(
  config: TrafficConfig,
  connections: number,
  usesCommand: boolean,
  context: PrepareContext,
): Promise<void> {
  const { client, signal } = context;
  const info = new DeploymentInfo(client, { signal, timeoutMs: 35_000 });
  const [deployment, health, files] = await Promise.all([
    info.config(),
    info.health(),
    openFileLimit().catch(() => undefined),
  ]);
  const intended = {
    workspaces: connections,
    concurrency: config.concurrency,
    createsUsers: false,
    ssh: config.ssh,
    timeoutMs: config.timeoutMs,
    jobTimeoutMs: durationOf(config),
  };
  const checks: Check[] = [
    ...(config.ssh ? [checkAccess(deployment, intended)] : []),
    checkHealth(health),
    checkOpenFiles(files, connections, usesCommand ? FILES_PER_COMMAND : 1),
    checkOrigin(client.transport.url),
  ];
  refuseBlocked(checks);
  for (const { label, figure, mend } of checks.filter((check) => check.status === "warning"))
    context.warn(`${label}: ${figure}${mend ? `; ${mend}` : ""}`);
}
