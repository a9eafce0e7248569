import { rfc3339 } from "../clock.ts";
import type { Deployment } from "../deployment.ts";
import { agentStatus, CONNECTION_TIMEOUT_MS } from "../state/agents.ts";
import type { Agent, AgentLogRow } from "../state/model.ts";

export function viewAgent(agent: Agent, deployment: Deployment): Record<string, unknown> {
  const status = agentStatus(agent, deployment.clock.now());
  const { scripts } = agent;
  const created = rfc3339(agent.createdAt);
  return {
    id: agent.id,
    parent_id: null,
    created_at: created,
    updated_at: rfc3339(agent.updatedAt),
    ...optionalTime("first_connected_at", agent.firstConnectedAt),
    ...optionalTime("last_connected_at", agent.lastConnectedAt),
    ...optionalTime("disconnected_at", agent.disconnectedAt),
    ...optionalTime("started_at", agent.startedAt),
    ...optionalTime("ready_at", agent.readyAt),
    status,
    lifecycle_state: agent.lifecycle,
    name: agent.name,
    resource_id: agent.resourceId,
    architecture: "amd64",
    environment_variables: { SANDBOX: "1" },
    operating_system: "linux",
    logs_length: agent.logsLength,
    logs_overflowed: false,
    version: agent.version,
    api_version: agent.apiVersion,
    apps: agent.apps.map((app) => viewApp(app, agent)),
    ...(agent.latencyMs === undefined
      ? {}
      : { latency: { "Coder Embedded Relay": { preferred: true, latency_ms: agent.latencyMs } } }),
    connection_timeout_seconds: Math.ceil((agent.timeoutMs ?? CONNECTION_TIMEOUT_MS) / 1_000),
    troubleshooting_url: "https://coder.com/docs/admin/templates/troubleshooting",
    subsystems: [],
    health: health(agent, status),
    display_apps: ["vscode", "ssh_helper", "port_forwarding_helper", "web_terminal"],
    log_sources: [
      viewLogSource(agent, scripts.startupSourceId, created, "Startup Script", "/emojis/25b6-fe0f.png"),
      viewLogSource(agent, scripts.shutdownSourceId, created, "Shutdown Script", "/emojis/25c0.png"),
    ],
    scripts: [
      viewScript(scripts.startupId, scripts.startupSourceId, "startup", "Startup Script"),
      viewScript(scripts.shutdownId, scripts.shutdownSourceId, "shutdown", "Shutdown Script"),
    ],
    startup_script_behavior: "non-blocking",
  };
}

function optionalTime(key: string, at: number | undefined): Record<string, string> {
  return at === undefined ? {} : { [key]: rfc3339(at) };
}

export function isHealthy(agent: Agent, now: number): boolean {
  return health(agent, agentStatus(agent, now)).healthy;
}

function health(agent: Agent, status: string): { healthy: boolean; reason?: string } {
  if (status === "timeout") return { healthy: false, reason: "agent is taking too long to connect" };
  if (status === "disconnected") return { healthy: false, reason: "agent has lost connection" };
  if (agent.lifecycle === "start_error")
    return { healthy: false, reason: "agent startup script exited with an error" };
  if (agent.lifecycle === "shutting_down") return { healthy: false, reason: "agent is shutting down" };
  return { healthy: true };
}

function viewApp(app: Agent["apps"][number], agent: Agent): Record<string, unknown> {
  const { definition } = app;
  const { workspace } = agent;
  return {
    id: app.id,
    url: definition.url,
    external: false,
    slug: definition.slug,
    display_name: definition.displayName,
    subdomain: definition.subdomain,
    ...(definition.subdomain
      ? {
          subdomain_name: `${definition.slug}--${agent.name}--${workspace.name}--${workspace.owner.username}`,
        }
      : {}),
    sharing_level: definition.sharingLevel,
    healthcheck: definition.healthcheck ?? { url: "", interval: 0, threshold: 0 },
    health: app.health,
    hidden: false,
    open_in: "slim-window",
    statuses: [],
  };
}

function viewLogSource(agent: Agent, id: string, created: string, name: string, icon: string) {
  return { workspace_agent_id: agent.id, id, created_at: created, display_name: name, icon };
}

function viewScript(id: string, sourceId: string, which: "startup" | "shutdown", name: string) {
  return {
    id,
    log_source_id: sourceId,
    log_path: `coder-${which}-script.log`,
    script: which === "startup" ? "echo begin; echo end" : "echo bye",
    cron: "",
    run_on_start: which === "startup",
    run_on_stop: which === "shutdown",
    start_blocks_login: false,
    timeout: 0,
    display_name: name,
  };
}

export function viewAgentLog(row: AgentLogRow): Record<string, unknown> {
  return {
    id: row.id,
    created_at: rfc3339(row.createdAt),
    output: row.output,
    level: row.level,
    source_id: row.sourceId,
  };
}
