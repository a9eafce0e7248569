import type { Deployment } from "../deployment.ts";
import type { Context } from "../http/context.ts";
import { ApiError } from "../http/errors.ts";
import type { Reply } from "../http/reply.ts";
import { type Route, route } from "../http/router.ts";
import type { SshServer } from "../ssh/server.ts";
import { agentStatus } from "../state/agents.ts";
import type { Agent } from "../state/model.ts";
import { latestBuild } from "../state/workspaces.ts";

/** SSH for the stub of the coder command: bytes over an HTTP Upgrade. Not an API call of the real server. */
export function sshRoutes(deployment: Deployment, server: SshServer): Route[] {
  return [route("GET", "/sandbox/ssh", (context) => ssh(context, deployment, server))];
}

function ssh(context: Context, deployment: Deployment, server: SshServer): Reply {
  const agent = findAgent(context, deployment);
  const status = agentStatus(agent, deployment.clock.now());
  if (status !== "connected") throw new ApiError(502, `Agent state is "${status}", not "connected"`);
  return {
    kind: "upgrade",
    protocol: "sandbox-ssh",
    start(tcp, head) {
      if (head.length) tcp.unshift(head);
      server.serve(tcp, agent, deployment.model.arrivals(context.replica));
    },
  };
}

/** `[owner/]workspace[.agent]`. @throws ApiError 404 */
function findAgent(context: Context, deployment: Deployment): Agent {
  const target = context.query.get("workspace") ?? "";
  const match = /^(?:([^/.]+)\/)?([^/.]+)(?:\.([^/.]+))?$/.exec(target);
  const [, ownerName, workspaceName = "", agentName] = match ?? [];
  const owner =
    ownerName === undefined || ownerName === "me" ? context.caller.user : deployment.users.byName(ownerName);
  const workspace = owner && deployment.workspaces.byName(owner, workspaceName);
  if (!workspace || (!context.isOwner && workspace.owner !== context.caller.user)) {
    throw new ApiError(404, `workspace ${target} not found`);
  }
  const agents = latestBuild(workspace).resources.flatMap((resource) => resource.agents);
  const agent = agentName === undefined ? agents[0] : agents.find((one) => one.name === agentName);
  if (agent) return agent;
  throw new ApiError(
    404,
    agentName === undefined ? `workspace ${target} has no agents` : `agent ${agentName} not found`,
  );
}
