import type { Agent, Workspace } from "../coder/schemas.ts";
import { JobFailure } from "../contract/failures.ts";
import { type Message, say } from "../text/message.ts";
import { between, topLevelAgents } from "./build-phases.ts";

/**
 * Whether an agent has not connected within the template's `connection_timeout` (120 s by default, 0 for none). The
 * status `timeout` says no more than that: an agent that connects later is connected (seen on a real server). The
 * status is gone then, so an agent that has connected is judged by the server's own times: a run that looked too
 * seldom to see the status still counts it.
 */
export function hasLateAgent(workspace: Workspace): boolean {
  return topLevelAgents(workspace.latest_build).some((agent) => {
    if (agent.status === "timeout") return true;
    const took = between(agent.created_at, agent.first_connected_at);
    const allowed = agent.connection_timeout_seconds * 1_000;
    return allowed > 0 && took !== undefined && took > allowed;
  });
}

/** All top-level agents once each has connected at least once; an empty list for a template without any. */
export function connectedAgents(workspace: Workspace): Agent[] | undefined {
  const agents = topLevelAgents(workspace.latest_build);
  return agents.every((agent) => agent.first_connected_at || agent.status === "connected")
    ? agents
    : undefined;
}

const SCRIPT_FAILURES: Record<string, { id: string; cause: Message }> = {
  start_error: { id: "startup_script_failed", cause: say("startup script failed") },
  start_timeout: { id: "startup_script_timed_out", cause: say("startup script ran into its time limit") },
  shutting_down: { id: "agent_shut_down", cause: say("agent shut down") },
  shutdown_error: { id: "agent_shut_down", cause: say("agent shut down") },
  shutdown_timeout: { id: "agent_shut_down", cause: say("agent shut down") },
  off: { id: "agent_shut_down", cause: say("agent shut down") },
};

export function readyAgents(workspace: Workspace): Agent[] | undefined {
  const agents = topLevelAgents(workspace.latest_build);
  for (const agent of agents) {
    const failure = SCRIPT_FAILURES[agent.lifecycle_state];
    if (failure)
      throw new JobFailure(failure.id, failure.cause, {
        said: say('{0} (agent "{1}")', failure.cause, agent.name),
      });
  }
  return agents.every((agent) => agent.lifecycle_state === "ready") ? agents : undefined;
}
