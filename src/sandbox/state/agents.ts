import type { Agent, AgentStatus } from "./model.ts";

export const CONNECTION_TIMEOUT_MS = 120_000;

/** The server's rule: never seen is connecting, then timeout; lost is disconnected. */
export function agentStatus(agent: Agent, now: number): AgentStatus {
  if (agent.firstConnectedAt === undefined) {
    return now - agent.createdAt > (agent.timeoutMs ?? CONNECTION_TIMEOUT_MS) ? "timeout" : "connecting";
  }
  const lost = agent.disconnectedAt !== undefined && agent.disconnectedAt >= (agent.lastConnectedAt ?? 0);
  return lost ? "disconnected" : "connected";
}

/** All agents, of old builds too. */
export class Agents {
  readonly #byId = new Map<string, Agent>();

  add(agent: Agent): void {
    this.#byId.set(agent.id, agent);
  }

  byId(id: string): Agent | undefined {
    return this.#byId.get(id);
  }

  delete(agent: Agent): void {
    this.#byId.delete(agent.id);
  }
}
