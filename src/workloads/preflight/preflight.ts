import type { CoderClient } from "../../coder/client.ts";
import { DeploymentInfo } from "../../coder/deployment.ts";
import type { Template } from "../../coder/schemas.ts";
import { Refusal } from "../../contract/failures.ts";
import type { Check } from "../../protocol/check.ts";
import { type Message, say } from "../../text/message.ts";
import {
  checkAccess,
  checkCapacity,
  checkDaemons,
  checkHealth,
  checkRateLimit,
  checkSeats,
  type Intended,
} from "./deployment-checks.ts";
import { checkOpenFiles, checkOrigin, openFileLimit } from "./machine-checks.ts";
import { checkSockets } from "./socket-check.ts";
import { checkTokens } from "./token-checks.ts";

/**
 * Everything that can be found out before a load without making anything; each with its figure and, where
 * it is not well, how to mend it. Costs the deployment six reads and a WebSocket.
 */
export async function preflight(
  client: CoderClient,
  template: Template,
  intended: Intended,
  signal: AbortSignal,
): Promise<Check[]> {
  const info = new DeploymentInfo(client, { signal, timeoutMs: 35_000 });
  const log = `/api/v2/templateversions/${template.active_version_id}/logs`;
  const [daemons, entitlements, replicas, config, health, files, sockets] = await Promise.all([
    info.daemons(template.organization_id),
    info.entitlements(),
    info.replicas(),
    info.config(),
    info.health(),
    openFileLimit().catch(() => undefined),
    checkSockets(client, log, signal),
  ]);
  const needed = { runMs: intended.timeoutMs, makesTokens: intended.createsUsers };
  return [
    checkRateLimit(client.transport.pacer.limit, intended),
    checkSeats(entitlements, intended),
    checkDaemons(daemons, template, intended),
    checkCapacity(replicas, daemons, intended),
    checkAccess(config, intended),
    ...(await checkTokens(client, config, needed, signal)),
    sockets,
    checkHealth(health),
    checkOpenFiles(files, intended.workspaces),
    checkOrigin(client.transport.url),
  ];
}

/** Throws Refusal for the first check that blocks. */
export function refuseBlocked(checks: readonly Check[]): void {
  const blocked = checks.find((check) => check.status === "blocks");
  if (blocked) throw new Refusal(sayCheck(blocked));
}

/** "Open files: 1024 allowed, about 5200 needed; run …" */
export function sayCheck({ label, figure, mend }: Check): Message {
  return mend ? say("{0}: {1}; {2}", label, figure, mend) : say("{0}: {1}", label, figure);
}
