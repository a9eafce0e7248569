import { rfc3339 } from "../clock.ts";
import type { Deployment } from "../deployment.ts";
import type { Context } from "../http/context.ts";
import { ApiError } from "../http/errors.ts";
import { json, message, type Reply } from "../http/reply.ts";
import { type Route, route } from "../http/router.ts";
import { jobStatus } from "../state/jobs.ts";
import type { Build } from "../state/model.ts";
import { viewBuild, viewResource } from "../views/workspaces.ts";
import { jobLogs } from "./job-logs.ts";
import type { Lookup } from "./lookup.ts";

export function buildRoutes(deployment: Deployment, lookup: Lookup): Route[] {
  const base = "/api/v2/workspacebuilds/{workspacebuild}";
  return [
    route("GET", base, (context) => json(viewBuild(lookup.build(context), deployment, "build"))),
    route("GET", `${base}/logs`, (context) => jobLogs(context, lookup.build(context).job)),
    route("GET", `${base}/parameters`, (context) =>
      json([...lookup.build(context).parameters].map(([name, value]) => ({ name, value }))),
    ),
    route("GET", `${base}/resources`, (context) => {
      const build = lookup.build(context);
      return json(build.resources.map((one) => viewResource(one, build, deployment)));
    }),
    route("GET", `${base}/timings`, (context) => json(timings(lookup.build(context)))),
    route("PATCH", `${base}/cancel`, (context) => cancel(context, lookup.build(context), deployment)),
  ];
}

function cancel(context: Context, build: Build, deployment: Deployment): Reply {
  const expected = context.query.get("expect_status") ?? "";
  if (!["", "running", "pending"].includes(expected)) {
    throw new ApiError(400, `Invalid expect_status "${expected}". Only 'running' or 'pending' are allowed.`);
  }
  if (!context.isOwner && !build.workspace.template.allowUserCancel) {
    // Meant to be allowed for a pending job, but the recorded version fails on it.
    if (expected === "pending") {
      throw new ApiError(500, "Internal error updating provisioner job.", {
        detail: "only owners can cancel workspace builds",
      });
    }
    throw new ApiError(403, "User is not allowed to cancel workspace builds. Owner role is required.");
  }
  const done = build.job.completedAt !== undefined;
  if (expected && !done && jobStatus(build.job) !== expected) {
    throw new ApiError(412, "Job is not in the expected state.");
  }
  deployment.builds.cancel(build.job, "Job has already completed!");
  return message("Job has been marked as canceled...");
}

/** Where a build's time went; empty for one that failed. */
export function timings(build: Build): Record<string, unknown> {
  const { job } = build;
  if (job.startedAt === undefined || job.completedAt === undefined || job.error !== undefined) {
    return { provisioner_timings: [], agent_script_timings: [], agent_connection_timings: [] };
  }
  const agents = build.resources.flatMap((resource) => resource.agents);
  return {
    provisioner_timings: provisionerTimings(build, job.startedAt, job.completedAt),
    agent_script_timings: agents.flatMap((agent) =>
      agent.startedAt === undefined || agent.readyAt === undefined
        ? []
        : {
            started_at: rfc3339(agent.startedAt),
            ended_at: rfc3339(agent.readyAt),
            exit_code: agent.lifecycle === "start_error" ? 1 : 0,
            stage: "start",
            status: agent.lifecycle === "start_error" ? "exit_failure" : "ok",
            display_name: "Startup Script",
            workspace_agent_id: agent.id,
            workspace_agent_name: agent.name,
          },
    ),
    agent_connection_timings: agents.flatMap((agent) =>
      agent.firstConnectedAt === undefined
        ? []
        : {
            started_at: rfc3339(agent.createdAt),
            ended_at: rfc3339(agent.firstConnectedAt),
            stage: "connect",
            workspace_agent_id: agent.id,
            workspace_agent_name: agent.name,
          },
    ),
  };
}

function provisionerTimings(build: Build, from: number, to: number): Record<string, unknown>[] {
  const at = (share: number) => rfc3339(from + (to - from) * share);
  const stage = (name: string, start: number, end: number, action: string, resource: string) => ({
    job_id: build.job.id,
    started_at: at(start),
    ended_at: at(end),
    stage: name,
    source: name === "init" ? "terraform" : "coder",
    action,
    resource,
  });
  return [
    stage("init", 0.05, 0.15, "initializing terraform", "state file"),
    stage("plan", 0.15, 0.35, "read", "data.coder_workspace.me"),
    stage("graph", 0.35, 0.4, "building terraform dependency graph", "state file"),
    stage("apply", 0.4, 0.95, build.transition === "start" ? "create" : "delete", "terraform_data.workspace"),
  ];
}
