import { rfc3339 } from "../clock.ts";
import type { Deployment } from "../deployment.ts";
import type { Context } from "../http/context.ts";
import { forbidden } from "../http/errors.ts";
import { json, type Reply } from "../http/reply.ts";
import { type Route, route } from "../http/router.ts";
import { jobStatus } from "../state/jobs.ts";
import { latestBuild } from "../state/workspaces.ts";
import { deploymentConfig } from "../views/deployment-config.ts";
import { healthReport } from "../views/health.ts";
import { mayEnter } from "./rights.ts";

const STATS_CACHE_MS = 30_000;

/** What tells about the deployment as a whole; owners only. */
export function deploymentRoutes(deployment: Deployment): Route[] {
  let cached: { until: number; stats: unknown } | undefined;
  const owners = (answer: () => Reply) => (context: Context) => {
    if (!context.isOwner) throw forbidden();
    return answer();
  };
  return [
    route(
      "GET",
      "/api/v2/deployment/config",
      owners(() => json(deploymentConfig(deployment))),
    ),
    route(
      "GET",
      "/api/v2/deployment/stats",
      owners(() => {
        const now = deployment.clock.now();
        if (!cached || cached.until <= now)
          cached = { until: now + STATS_CACHE_MS, stats: stats(deployment, now) };
        return json(cached.stats);
      }),
    ),
    route("GET", "/api/v2/deployment/ssh", () =>
      json({ hostname_prefix: "coder.", hostname_suffix: "coder", ssh_config_options: {} }),
    ),
    route(
      "GET",
      "/api/v2/debug/health",
      owners(() => json(healthReport(deployment))),
    ),
    route(
      "GET",
      "/api/v2/debug/health/settings",
      owners(() => json({ dismissed_healthchecks: [] })),
    ),
    route("POST", "/api/v2/authcheck", (context) => authCheck(context, deployment)),
  ];
}

function stats(deployment: Deployment, now: number): Record<string, unknown> {
  const counts = { pending: 0, building: 0, running: 0, failed: 0, stopped: 0 };
  let terminals = 0;
  for (const workspace of deployment.workspaces.live()) {
    const build = latestBuild(workspace);
    const status = jobStatus(build.job);
    if (status === "pending") counts.pending++;
    else if (status === "running") counts.building++;
    else if (status === "failed") counts.failed++;
    else if (status === "succeeded") counts[build.transition === "start" ? "running" : "stopped"]++;
    for (const resource of build.resources)
      for (const agent of resource.agents) terminals += agent.terminals.count;
  }
  const latency = counts.running ? { P50: 0.7, P95: 3 } : { P50: -1, P95: -1 };
  return {
    aggregated_from: rfc3339(now - 15 * 60_000),
    collected_at: rfc3339(now),
    next_update_at: rfc3339(now + STATS_CACHE_MS),
    workspaces: { ...counts, connection_latency_ms: latency, rx_bytes: 0, tx_bytes: 0 },
    session_count: { vscode: 0, ssh: 0, jetbrains: 0, reconnecting_pty: terminals },
  };
}

/** Owners may do everything that is known; members may use what is theirs. */
const MEMBER_TYPES = ["workspace", "api_key", "user"];
const KNOWN_TYPES = [
  ...MEMBER_TYPES,
  ...[
    "template",
    "organization",
    "deployment_config",
    "deployment_stats",
    "debug_info",
    "group",
    "license",
    "file",
  ],
  ...[
    "organization_member",
    "provisioner_daemon",
    "provisioner_jobs",
    "assign_role",
    "audit_log",
    "notification_message",
  ],
];

/** What owners may be kept from. */
const ENTERING = ["ssh", "application_connect"];

async function authCheck(context: Context, deployment: Deployment): Promise<Reply> {
  const fields = await context.body("AuthorizationRequest");
  const checks = (fields.raw.checks ?? {}) as Record<
    string,
    { object?: Record<string, unknown>; action?: string }
  >;
  const { user } = context.caller;
  const allowed = Object.entries(checks).map(([name, check]) => {
    const object = check?.object ?? {};
    const type = String(object.resource_type ?? "");
    const owner = object.owner_id;
    const own = owner === "me" || owner === user.id;
    const entering = type === "workspace" && ENTERING.includes(check?.action ?? "");
    const asOwner = entering ? mayEnter(user, undefined, deployment) : context.isOwner;
    return [name, KNOWN_TYPES.includes(type) && (asOwner || (own && MEMBER_TYPES.includes(type)))];
  });
  return json(Object.fromEntries(allowed));
}
