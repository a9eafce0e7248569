import { rfc3339 } from "../clock.ts";
import type { Deployment } from "../deployment.ts";
import type { TemplateVersion } from "../state/templates.ts";

/** What a plan of a version would make: its one resource with its agents, which never connect. */
export function plannedResources(
  jobId: string,
  version: TemplateVersion,
  transition: string,
  { clock, random }: Deployment,
): Record<string, unknown>[] {
  const id = random.uuid();
  const at = rfc3339(clock.now());
  // A stopped workspace keeps nothing of a template that is an agent only.
  const names = version.blueprint.agents;
  if (transition === "stop" && names.length) return [];
  const agents = names.map((name) => plannedAgent(name, id, random.uuid(), at));
  return [
    {
      id,
      created_at: at,
      job_id: jobId,
      workspace_transition: transition,
      type: "terraform_data",
      name: agents.length ? "agent" : "disk",
      hide: false,
      icon: "",
      ...(agents.length ? { agents } : {}),
      daily_cost: 0,
    },
  ];
}

function plannedAgent(name: string, resourceId: string, id: string, at: string): Record<string, unknown> {
  return {
    id,
    parent_id: null,
    created_at: at,
    updated_at: at,
    status: "connecting",
    lifecycle_state: "created",
    name,
    resource_id: resourceId,
    architecture: "amd64",
    environment_variables: { SANDBOX: "1" },
    operating_system: "linux",
    logs_length: 0,
    logs_overflowed: false,
    version: "",
    api_version: "",
    apps: [],
    connection_timeout_seconds: 120,
    troubleshooting_url: "https://coder.com/docs/admin/templates/troubleshooting",
    subsystems: [],
    health: { healthy: true },
    display_apps: ["vscode", "ssh_helper", "port_forwarding_helper", "web_terminal"],
    log_sources: [],
    scripts: [],
    startup_script_behavior: "non-blocking",
  };
}
