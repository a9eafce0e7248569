import { rfc3339 } from "../clock.ts";
import { type Deployment, VERSION } from "../deployment.ts";
import { html, json, text } from "../http/reply.ts";
import { type Route, route } from "../http/router.ts";
import { AGENT_API_VERSION } from "../state/agent-life.ts";

/** What needs no session, and the sandbox's own routes. */
export function generalRoutes(deployment: Deployment): Route[] {
  return [
    route("GET", "/api/v2/buildinfo", () => json(buildInfo(deployment)), "public"),
    route("GET", "/api/v2/users/authmethods", () => json(AUTH_METHODS), "public"),
    route(
      "GET",
      "/api/v2/updatecheck",
      () => json({ current: true, version: VERSION, url: "https://github.com/coder/coder" }),
      "public",
    ),
    route("GET", "/healthz", () => text("OK"), "public"),
    route("GET", "/latency-check", () => text("OK", 200, CORS), "public"),
    route("GET", "/bin", () => html("<pre>\n</pre>\n"), "public"),
    route("GET", "/bin/{name}", () => text("404 page not found\n", 404), "public"),
    route("GET", "/sandbox/model", ({ query }) => json(modelOf(deployment, query)), "public"),
    route("GET", "/sandbox/stats", () => json(deployment.stats.read(deployment.workspaces)), "public"),
    route("GET", "/api/v2/regions", () => json({ regions: regions(deployment) })),
    route("GET", "/api/v2/applications/host", () =>
      json({ host: wildcardHostname(deployment, deployment.accessUrl) }),
    ),
    route("GET", "/api/v2/experiments", () => json([])),
    route("GET", "/api/v2/experiments/available", () => json({ safe: [] })),
    route("GET", "/api/v2/notifications/settings", () => json({ notifier_paused: false })),
  ];
}

/**
 * What the deployment has and carries; with an objective (`of=answer&limit_ms=200`) and what one of a load does
 * (`messages_per_second`, `requests_per_second`, `builds` and `build_ms`) the largest load for which it holds, too, and
 * what breaks first above it. `of=queue` is a build's wait for a daemon.
 */
function modelOf({ model, options }: Deployment, query: URLSearchParams) {
  const number = (name: string) => Number(query.get(name) ?? 0);
  const of = query.get("of");
  if (of !== "answer" && of !== "build" && of !== "queue") return model.read();
  const unit = {
    messagesPerSecond: number("messages_per_second"),
    requestsPerSecond: number("requests_per_second"),
    builds: number("builds"),
    buildMs: number("build_ms"),
  };
  const objective = { of, limitMs: number("limit_ms") } as const;
  return { ...model.read(), ...model.largest(unit, objective, options.daemons) };
}

const AUTH_METHODS = {
  password: { enabled: true },
  github: { enabled: false, default_provider_configured: false },
  oidc: { enabled: false, signInText: "", iconUrl: "" },
};

const CORS = {
  "Access-Control-Allow-Credentials": "false",
  "Access-Control-Allow-Headers": "*",
  "Access-Control-Allow-Methods": "*",
  "Access-Control-Allow-Origin": "*",
};

export function buildInfo(deployment: Deployment): Record<string, unknown> {
  return {
    external_url: "https://github.com/coder/coder",
    version: VERSION,
    dashboard_url: deployment.accessUrl,
    telemetry: false,
    workspace_proxy: false,
    agent_api_version: "1.0",
    provisioner_api_version: "1.9",
    upgrade_message: "",
    deployment_id: deployment.id,
  };
}

function regions(deployment: Deployment): Record<string, unknown>[] {
  const { id, accessUrl, proxy } = deployment;
  const primary = region(deployment, { id, name: "primary", displayName: "Default", url: accessUrl });
  if (!proxy) return [primary];
  return [primary, region(deployment, { ...proxy, name: "proxy", displayName: "Proxy" })];
}

function region(
  deployment: Deployment,
  { id, name, displayName, url }: { id: string; name: string; displayName: string; url: string },
): Record<string, unknown> {
  return {
    id,
    name,
    display_name: displayName,
    icon_url: "/emojis/1f3e1.png",
    healthy: true,
    path_app_url: url,
    wildcard_hostname: wildcardHostname(deployment, url),
  };
}

/** With the port of the address that it belongs to, where that has one (coderd/workspaceapps/appurl). */
function wildcardHostname({ options }: Deployment, url: string): string {
  const { port } = new URL(url);
  const { wildcardHost } = options;
  return wildcardHost === "" || wildcardHost.includes(":") || port === ""
    ? wildcardHost
    : `${wildcardHost}:${port}`;
}

export const API_VERSIONS = { agent: AGENT_API_VERSION };

export function timestamp(deployment: Deployment): string {
  return rfc3339(deployment.clock.now());
}
