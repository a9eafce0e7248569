import type { Deployment } from "../deployment.ts";
import type { Context } from "../http/context.ts";
import { ApiError, PageError } from "../http/errors.ts";
import { json, type Reply, text } from "../http/reply.ts";
import { type Route, route } from "../http/router.ts";
import { ptyRoute, reachableAgent } from "./agents.ts";
import { pathAppRoutes } from "./apps.ts";
import { buildInfo } from "./general.ts";

/**
 * What a workspace proxy serves: terminals and apps. It has no sessions of its own: it asks the deployment
 * what a token opens, and takes what the deployment has signed (docs/coder-api.md, Web terminal).
 */
export function proxyRoutes(deployment: Deployment): Route[] {
  return [
    ptyRoute(deployment),
    ...pathAppRoutes(deployment),
    route(
      "GET",
      "/api/v2/buildinfo",
      () => json({ ...buildInfo(deployment), workspace_proxy: true }),
      "public",
    ),
    route("GET", "/healthz", () => text("OK"), "public"),
    route("GET", "/latency-check", () => text("OK"), "public"),
  ];
}

/** Everything else is said to be at the deployment. */
export function notAtProxy(): PageError {
  return new PageError(
    400,
    "Head to the Dashboard",
    "Workspace proxies carry terminals and apps to workspaces. This page has to be opened from the dashboard.",
  );
}

/** `POST /applications/reconnecting-pty-signed-token`: for a terminal at a proxy. Only editions with proxies have it. */
export function signedTokenRoute(deployment: Deployment): Route {
  return route("POST", "/api/v2/applications/reconnecting-pty-signed-token", (context) =>
    sign(context, deployment),
  );
}

async function sign(context: Context, deployment: Deployment): Promise<Reply> {
  const { proxy, signedTokens } = deployment;
  if (!proxy) throw new ApiError(404, "Route not found.");
  const fields = await context.body("IssueReconnectingPTYSignedTokenRequest");
  const agentId = fields.uuid("agentID");
  const url = parseUrl(fields.text("url"));
  const path = `/api/v2/workspaceagents/${agentId}/pty`;
  if (url.pathname !== path) {
    throw new ApiError(400, "Invalid URL path.", {
      detail: "The provided URL is not a valid reconnecting PTY endpoint URL.",
    });
  }
  if (url.host !== new URL(proxy.url).host) {
    throw new ApiError(400, "Invalid hostname in URL.", {
      detail: "It has to be that of a workspace proxy.",
    });
  }
  reachableAgent(context.caller.user, agentId, deployment);
  return json({ signed_token: signedTokens.sign(`${path}/`, context.caller.user) });
}

/** @throws ApiError 400 for what is no address of a WebSocket */
function parseUrl(raw: string): URL {
  const url = URL.canParse(raw) ? new URL(raw) : undefined;
  if (url?.protocol === "ws:" || url?.protocol === "wss:") return url;
  throw new ApiError(400, "Invalid URL.", {
    detail: `invalid URL scheme "${url?.protocol.replace(/:$/, "") ?? ""}", expected 'ws' or 'wss'`,
  });
}
