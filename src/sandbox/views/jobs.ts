import { rfc3339 } from "../clock.ts";
import type { Deployment } from "../deployment.ts";
import { type Job, jobStatus, type LogRow } from "../state/jobs.ts";
import type { TemplateVersion } from "../state/templates.ts";
import { NO_METADATA, tags } from "./job-tags.ts";

/** `fresh`: as in the answer to its creation, where the place in the queue is not known yet. */
export function viewJob(job: Job, deployment: Deployment, fresh = false): Record<string, unknown> {
  const version = versionOf(job, deployment);
  const position = fresh ? 0 : deployment.queue.position(job);
  return {
    id: job.id,
    created_at: rfc3339(job.createdAt),
    ...(job.startedAt === undefined ? {} : { started_at: rfc3339(job.startedAt) }),
    ...(job.completedAt === undefined ? {} : { completed_at: rfc3339(job.completedAt) }),
    ...(job.canceledAt === undefined ? {} : { canceled_at: rfc3339(job.canceledAt) }),
    ...(job.error === undefined ? {} : { error: job.error }),
    status: jobStatus(job),
    ...(job.worker === undefined ? {} : { worker_id: job.worker.id }),
    file_id: job.fileId,
    tags: version ? tags(version) : { owner: "", scope: "organization" },
    queue_position: position,
    queue_size: position ? deployment.queue.size : 0,
    organization_id: job.organization.id,
    input: job.input,
    type: job.type,
    metadata: NO_METADATA,
    logs_overflowed: false,
  };
}

export function versionOf(job: Job, deployment: Deployment): TemplateVersion | undefined {
  return "template_version_id" in job.input
    ? deployment.catalogue.version(job.input.template_version_id)
    : deployment.builds.buildOf(job)?.version;
}

export function viewLogRow(row: LogRow): Record<string, unknown> {
  return {
    id: row.id,
    created_at: rfc3339(row.createdAt),
    log_source: row.source,
    log_level: row.level,
    stage: row.stage,
    output: row.output,
  };
}

const DAEMON_HEARTBEAT_MS = 60_000;

/** Daemons report once a minute. */
export function lastHeartbeat(deployment: Deployment): string {
  const now = deployment.clock.now();
  const since = (now - deployment.startedAt) % DAEMON_HEARTBEAT_MS;
  return rfc3339(now - since);
}

/** How many daemons could take a job of this version. */
export function matchedProvisioners(
  version: TemplateVersion,
  deployment: Deployment,
): Record<string, unknown> {
  const count = version.blueprint.unmatched ? 0 : deployment.daemonLoss.online().length;
  return { count, available: count, most_recently_seen: count ? lastHeartbeat(deployment) : null };
}

export const NO_PROVISIONERS = { count: 0, available: 0, most_recently_seen: null };
