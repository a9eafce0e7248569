import { DeploymentInfo } from "../../coder/deployment.ts";
import type { PreflightContext } from "../../contract/prepare.ts";
import type { Check } from "../../protocol/check.ts";
import { say } from "../../text/message.ts";
import { checkHealth } from "../preflight/deployment-checks.ts";
import { checkOrigin } from "../preflight/machine-checks.ts";
import { checkSockets } from "../preflight/socket-check.ts";
import { workspacesCheck } from "../preflight/workspaces-check.ts";
import { findBuildable } from "./buildable.ts";
import type { BuildsConfig } from "./config.ts";

/** What can be found out before workspaces are stopped and started. */
export function checkBuilds(config: BuildsConfig, { client, signal }: PreflightContext): Promise<Check[]> {
  return workspacesCheck(
    (warn) => findBuildable(config, { client, signal, warn }),
    async (workspaces) => {
      const log = `/api/v2/workspacebuilds/${workspaces[0]?.latest_build.id}/logs`;
      const [health, sockets] = await Promise.all([
        new DeploymentInfo(client, { signal, timeoutMs: 35_000 }).health(),
        checkSockets(client, log, signal),
      ]);
      return {
        figure: say("{0} to stop and start", workspaces.length),
        others: [sockets, checkHealth(health), checkOrigin(client.transport.url)],
      };
    },
  );
}
