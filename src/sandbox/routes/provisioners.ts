import { rfc3339 } from "../clock.ts";
import { type Deployment, VERSION } from "../deployment.ts";
import type { Context } from "../http/context.ts";
import { notFound } from "../http/errors.ts";
import { json, type Reply } from "../http/reply.ts";
import { type Route, route } from "../http/router.ts";
import { type Daemon, type Job, jobStatus } from "../state/jobs.ts";
import type { Organization } from "../state/organization.ts";
import { lastHeartbeat, versionOf, viewJob } from "../views/jobs.ts";
import type { Lookup } from "./lookup.ts";
import { onlyParams } from "./search.ts";

const DEFAULT_LIMIT = 50;
const BUILT_IN_KEY = "00000000-0000-0000-0000-000000000001";

export function provisionerRoutes(deployment: Deployment, lookup: Lookup): Route[] {
  const base = "/api/v2/organizations/{organization}";
  /** Members may not know about daemons and jobs. */
  const organization = (context: Context) => {
    const found = lookup.organization(context);
    if (!context.isOwner) throw notFound();
    return found;
  };
  return [
    route("GET", `${base}/provisionerdaemons`, (context) => {
      const of = organization(context);
      onlyParams(context.query, ["limit", "ids", "tags", "offline", "status", "max_age"]);
      const wanted = words(context, "status");
      const { daemonLoss, queue } = deployment;
      const listed = context.query.get("offline") === "true" ? [...queue.daemons] : daemonLoss.online();
      const daemons = listed
        .reverse()
        .map((daemon) => viewDaemon(daemon, of, deployment))
        .filter((daemon) => !wanted.length || wanted.includes(String(daemon.status)));
      return json(daemons.slice(0, context.page().limit || DEFAULT_LIMIT));
    }),
    route("GET", `${base}/provisionerjobs`, (context) =>
      listJobs(context, organization(context), deployment),
    ),
    route("GET", `${base}/provisionerjobs/{job}`, (context) => {
      const of = organization(context);
      const job = deployment.builds.job(context.uuid("job"));
      if (job?.organization !== of) throw notFound();
      return json(viewFullJob(job, deployment));
    }),
  ];
}

function words(context: Context, name: string): string[] {
  return (context.query.get(name) ?? "").split(",").filter(Boolean);
}

function listJobs(context: Context, of: Organization, deployment: Deployment): Reply {
  onlyParams(context.query, ["limit", "ids", "tags", "status", "initiator"]);
  const [statuses, ids] = [words(context, "status"), words(context, "ids")];
  const limit = context.page().limit || DEFAULT_LIMIT;
  const found: Job[] = [];
  for (const job of [...deployment.builds.jobs()].reverse()) {
    if (found.length === limit) break;
    if (job.organization !== of) continue;
    if (statuses.length && !statuses.includes(jobStatus(job))) continue;
    if (ids.length && !ids.includes(job.id)) continue;
    found.push(job);
  }
  return json(found.map((job) => viewFullJob(job, deployment)));
}

/** With its metadata and workers; here the queue's size is that of all pending jobs. */
function viewFullJob(job: Job, deployment: Deployment): Record<string, unknown> {
  const version = versionOf(job, deployment);
  const template = version && deployment.catalogue.template(version.templateId);
  const build = deployment.builds.buildOf(job);
  const { metadata: _none, logs_overflowed, ...view } = viewJob(job, deployment);
  return {
    ...view,
    ...(job.worker ? { worker_name: job.worker.name } : {}),
    queue_size: deployment.queue.size,
    ...(jobStatus(job) === "pending" && !job.unmatched
      ? { available_workers: deployment.daemonLoss.online().map((daemon) => daemon.id) }
      : {}),
    metadata: {
      template_version_name: version?.name ?? "",
      template_id: template?.id ?? "",
      template_name: template?.name ?? "",
      template_display_name: template?.displayName ?? "",
      template_icon: "",
      ...(build ? { workspace_id: build.workspace.id, workspace_name: build.workspace.name } : {}),
    },
    logs_overflowed,
  };
}

function viewDaemon(
  daemon: Daemon,
  organization: Organization,
  deployment: Deployment,
): Record<string, unknown> {
  return {
    id: daemon.id,
    organization_id: organization.id,
    key_id: BUILT_IN_KEY,
    created_at: rfc3339(daemon.createdAt),
    last_seen_at: daemon.goneAt === undefined ? lastHeartbeat(deployment) : rfc3339(daemon.goneAt),
    name: daemon.name,
    version: VERSION,
    api_version: "1.9",
    provisioners: ["terraform"],
    tags: { owner: "", scope: "organization" },
    key_name: "built-in",
    status: deployment.daemonLoss.isOffline(daemon) ? "offline" : daemon.current ? "busy" : "idle",
    current_job: viewDaemonJob(daemon.current, deployment),
    previous_job: viewDaemonJob(daemon.previous, deployment),
  };
}

function viewDaemonJob(job: Job | undefined, deployment: Deployment): Record<string, unknown> | null {
  if (!job) return null;
  const version = versionOf(job, deployment);
  const template = version && deployment.catalogue.template(version.templateId);
  return {
    id: job.id,
    status: jobStatus(job),
    template_name: template?.name ?? "",
    template_icon: "",
    template_display_name: template?.displayName ?? "",
  };
}
