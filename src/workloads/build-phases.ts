import type { Agent, Build } from "../coder/schemas.ts";

/** Milliseconds between two of the server's own times; undefined where one is missing. */
export function between(from: string | null | undefined, to: string | null | undefined): number | undefined {
  if (!from || !to) return undefined;
  const ms = Date.parse(to) - Date.parse(from);
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

/** Queue and provisioning by the server's own times, so that nothing of ours is in them. */
export function buildPhases(build: Build): { queue: number | undefined; provision: number | undefined } {
  return {
    queue: between(build.job.created_at, build.job.started_at),
    provision: between(build.job.started_at, build.job.completed_at),
  };
}

/**
 * The slowest of the workspace's agents, by the server's own times. An agent comes into being when the
 * build completes (docs/coder-api.md, Builds).
 */
export function agentPhases(agents: readonly Agent[]): {
  connect: number | undefined;
  script: number | undefined;
} {
  const slowest = (times: (number | undefined)[]) => {
    const known = times.filter((time) => time !== undefined);
    return known.length > 0 ? Math.max(...known) : undefined;
  };
  return {
    connect: slowest(agents.map((agent) => between(agent.created_at, agent.first_connected_at))),
    script: slowest(agents.map((agent) => between(agent.started_at, agent.ready_at))),
  };
}

/** Sub-agents (dev containers) belong to an agent of their own and are not waited for. */
export function topLevelAgents(build: Build): Agent[] {
  return build.resources.flatMap((resource) => resource.agents).filter((agent) => !agent.parent_id);
}
