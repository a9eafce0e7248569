import { rfc3339 } from "../clock.ts";
import type { Deployment } from "../deployment.ts";
import { jobStatus } from "../state/jobs.ts";
import type { Build, Resource, Transition, Workspace } from "../state/model.ts";
import type { User } from "../state/users.ts";
import { latestBuild } from "../state/workspaces.ts";
import { isHealthy, viewAgent } from "./agents.ts";
import { matchedProvisioners, NO_PROVISIONERS, viewJob } from "./jobs.ts";

const RUNNING_WORD: Record<Transition, string> = { start: "starting", stop: "stopping", delete: "deleting" };
const DONE_WORD: Record<Transition, string> = { start: "running", stop: "stopped", delete: "deleted" };

/** The status of a build: its job's, in the words of its transition. */
export function buildStatus(build: Build): string {
  const status = jobStatus(build.job);
  if (status === "running") return RUNNING_WORD[build.transition];
  if (status === "succeeded") return DONE_WORD[build.transition];
  return status;
}

/**
 * - `created`: the answer to its creation: no version name, no place in the queue, daemons counted
 * - `workspace`: inside a workspace: daemons are counted while it waits
 * - `build`: read by itself: daemons are never counted
 */
export type BuildView = "created" | "workspace" | "build";

export function viewBuild(build: Build, deployment: Deployment, how: BuildView): Record<string, unknown> {
  const { workspace, version } = build;
  const waiting = how === "created" || (how === "workspace" && jobStatus(build.job) === "pending");
  return {
    id: build.id,
    created_at: rfc3339(build.createdAt),
    updated_at: rfc3339(build.job.updatedAt),
    workspace_id: workspace.id,
    workspace_name: workspace.name,
    workspace_owner_id: workspace.owner.id,
    workspace_owner_name: workspace.owner.username,
    template_version_id: version.id,
    template_version_name: how === "created" ? "" : version.name,
    build_number: build.number,
    transition: build.transition,
    initiator_id: build.initiator.id,
    initiator_name: build.initiator.username,
    job: viewJob(build.job, deployment, how === "created"),
    reason: build.reason,
    resources: how === "created" ? [] : build.resources.map((one) => viewResource(one, build, deployment)),
    deadline: null,
    max_deadline: null,
    status: buildStatus(build),
    daily_cost: 0,
    matched_provisioners: waiting ? matchedProvisioners(version, deployment) : NO_PROVISIONERS,
    template_version_preset_id: build.presetId,
    ...(build.job.completedAt !== undefined &&
    build.job.startedAt !== undefined &&
    build.job.error === undefined
      ? { has_ai_task: false, has_external_agent: false }
      : {}),
  };
}

export function viewResource(
  resource: Resource,
  build: Build,
  deployment: Deployment,
): Record<string, unknown> {
  return {
    id: resource.id,
    created_at: rfc3339(resource.createdAt),
    job_id: build.job.id,
    workspace_transition: build.transition,
    type: resource.type,
    name: resource.name,
    hide: false,
    icon: "",
    ...(resource.agents.length
      ? { agents: resource.agents.map((agent) => viewAgent(agent, deployment)) }
      : {}),
    ...(resource.metadata.length ? { metadata: resource.metadata } : {}),
    daily_cost: 0,
  };
}

export function viewWorkspace(
  workspace: Workspace,
  deployment: Deployment,
  viewer: User,
  how: BuildView = "workspace",
): Record<string, unknown> {
  const build = latestBuild(workspace);
  const { template, owner } = workspace;
  return {
    id: workspace.id,
    created_at: rfc3339(workspace.createdAt),
    updated_at: rfc3339(workspace.createdAt),
    owner_id: owner.id,
    owner_name: owner.username,
    owner_avatar_url: "",
    organization_id: template.organization.id,
    organization_name: template.organization.name,
    template_id: template.id,
    template_name: template.name,
    template_display_name: template.displayName,
    template_icon: "",
    template_allow_user_cancel_workspace_jobs: template.allowUserCancel,
    template_active_version_id: template.version.id,
    template_require_active_version: false,
    template_use_classic_parameter_flow: false,
    latest_build: viewBuild(build, deployment, how),
    latest_app_status: null,
    outdated: build.version !== template.version,
    name: workspace.name,
    ...(workspace.autostart ? { autostart_schedule: workspace.autostart } : {}),
    ...(workspace.ttlMs === undefined ? {} : { ttl_ms: workspace.ttlMs }),
    last_used_at: rfc3339(workspace.lastUsedAt),
    deleting_at: null,
    dormant_at: null,
    health: viewHealth(build, deployment),
    automatic_updates: workspace.automaticUpdates,
    allow_renames: false,
    favorite: workspace.favoriteOf.has(viewer.id),
    next_start_at: null,
    is_prebuild: false,
  };
}

function viewHealth(build: Build, deployment: Deployment): Record<string, unknown> {
  const now = deployment.clock.now();
  const failing = build.resources
    .flatMap((resource) => resource.agents)
    .filter((agent) => !isHealthy(agent, now))
    .map((agent) => agent.id);
  return { healthy: failing.length === 0, failing_agents: failing };
}
