import { DeploymentInfo } from "../../coder/deployment.ts";
import type { PreflightContext } from "../../contract/prepare.ts";
import type { Check } from "../../protocol/check.ts";
import { say } from "../../text/message.ts";
import { checkHealth } from "../preflight/deployment-checks.ts";
import { checkOrigin } from "../preflight/machine-checks.ts";
import { checkSockets } from "../preflight/socket-check.ts";
import { checkTokens } from "../preflight/token-checks.ts";
import { workspacesCheck } from "../preflight/workspaces-check.ts";
import { findTargets } from "../targets.ts";
import type { CommandConfig } from "./config.ts";

/** What can be found out before the command is run anywhere. */
export function checkCommand(
  config: CommandConfig,
  { client, user, signal }: PreflightContext,
): Promise<Check[]> {
  return workspacesCheck(
    (warn) => findTargets(config, { client, signal, warn }, user),
    async (targets) => {
      const info = new DeploymentInfo(client, { signal, timeoutMs: 35_000 });
      const log = `/api/v2/workspacebuilds/${targets[0]?.workspace.latest_build.id}/logs`;
      const needed = { runMs: config.timeoutMs, makesTokens: !config.useHostLogin };
      const [deployment, health, sockets] = await Promise.all([
        info.config(),
        info.health(),
        checkSockets(client, log, signal),
      ]);
      return {
        figure: say("{0} running", targets.length),
        others: [
          ...(await checkTokens(client, deployment, needed, signal)),
          sockets,
          checkHealth(health),
          checkOrigin(client.transport.url),
        ],
      };
    },
  );
}
