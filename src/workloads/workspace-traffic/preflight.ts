import type { CoderClient } from "../../coder/client.ts";
import { DeploymentInfo } from "../../coder/deployment.ts";
import type { Workspace } from "../../coder/schemas.ts";
import type { PreflightContext, PrepareContext } from "../../contract/prepare.ts";
import type { Check } from "../../protocol/check.ts";
import { say } from "../../text/message.ts";
import { checkAccess, checkHealth } from "../preflight/deployment-checks.ts";
import { checkOpenFiles, checkOrigin, openFileLimit } from "../preflight/machine-checks.ts";
import { refuseBlocked, sayCheck } from "../preflight/preflight.ts";
import { checkSockets } from "../preflight/socket-check.ts";
import { checkTokens, type Needed } from "../preflight/token-checks.ts";
import { workspacesCheck } from "../preflight/workspaces-check.ts";
import { findTargets } from "../targets.ts";
import { durationOf, type TrafficConfig } from "./config.ts";
import { lackOf } from "./usable.ts";

/** A coder command has three pipes. */
const FILES_PER_COMMAND = 3;

/** What can be found out before the load; `sample` is one of the workspaces. Throws Refusal for what blocks; warns of the rest. */
export async function checkFirst(
  config: TrafficConfig,
  connections: number,
  usesCommand: boolean,
  context: PrepareContext,
  sample: Workspace | undefined,
): Promise<void> {
  const { client, signal } = context;
  const checks = await checksOf(config, connections, usesCommand, client, signal, sample);
  refuseBlocked(checks);
  for (const check of checks.filter(({ status }) => status === "warning")) context.warn(sayCheck(check));
}

/** The same for a look without a run, and which workspaces there are. */
export function checkTraffic(
  config: TrafficConfig,
  { client, user, signal }: PreflightContext,
): Promise<Check[]> {
  return workspacesCheck(
    (warn) => findTargets(config, { client, signal, warn }, user, (target) => lackOf(config, target)),
    async (targets) => {
      const connections = targets.length * config.connectionsPerWorkspace;
      const usesCommand = config.ssh && config.sshVia === "cli";
      return {
        figure: say("{0} running, {1} connections", targets.length, connections),
        others: await checksOf(config, connections, usesCommand, client, signal, targets[0]?.workspace),
      };
    },
  );
}

async function checksOf(
  config: TrafficConfig,
  connections: number,
  usesCommand: boolean,
  client: CoderClient,
  signal: AbortSignal,
  sample: Workspace | undefined,
): Promise<Check[]> {
  const info = new DeploymentInfo(client, { signal, timeoutMs: 35_000 });
  const log = sample && `/api/v2/workspacebuilds/${sample.latest_build.id}/logs`;
  const [deployment, health, files, sockets] = await Promise.all([
    info.config(),
    info.health(),
    openFileLimit().catch(() => undefined),
    log === undefined ? undefined : checkSockets(client, log, signal),
  ]);
  const intended = {
    workspaces: connections,
    concurrency: config.concurrency,
    createsUsers: false,
    ssh: config.ssh,
    timeoutMs: config.timeoutMs,
    jobTimeoutMs: durationOf(config),
  };
  return [
    ...(config.ssh ? [checkAccess(deployment, intended)] : []),
    ...(await checkTokens(client, deployment, neededBy(config), signal)),
    ...(sockets ? [sockets] : []),
    checkHealth(health),
    checkOpenFiles(files, connections, usesCommand ? FILES_PER_COMMAND : 1),
    checkOrigin(client.transport.url),
  ];
}

/** A node that is shared has the caller's own token, where the deployment lets it. */
function neededBy(config: TrafficConfig): Needed {
  const isShared = config.ssh && config.sshVia !== "cli" && config.connectionsPerNode !== 1;
  return {
    runMs: config.rampMs + config.warmUpMs + durationOf(config),
    makesTokens: !config.useHostLogin && !isShared,
  };
}
