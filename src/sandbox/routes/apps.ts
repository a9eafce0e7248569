import { echoRequest, echoSocket } from "../apps/echo-app.ts";
import { SIGNED_COOKIE } from "../apps/signed-tokens.ts";
import type { Deployment } from "../deployment.ts";
import { cookie, tryAuthenticate } from "../http/auth.ts";
import type { Context } from "../http/context.ts";
import { PageError } from "../http/errors.ts";
import { type Headers, html, type Reply } from "../http/reply.ts";
import { type Route, route } from "../http/router.ts";
import { agentStatus } from "../state/agents.ts";
import { jobStatus } from "../state/jobs.ts";
import type { Agent } from "../state/model.ts";
import type { AppDefinition } from "../state/templates.ts";
import type { User } from "../state/users.ts";
import { latestBuild } from "../state/workspaces.ts";

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];
/** The ports on which something listens in a simulated workspace: `3989` is the recorded dead one. */
const DEAD_PORT = "3989";

export const NOT_THERE =
  "The application or workspace you are trying to access does not exist or you do not have permission to access it.";

/** Path apps: `/@user/workspace[.agent]/apps/slug/…`. */
export function pathAppRoutes(deployment: Deployment): Route[] {
  return METHODS.flatMap((method) => [
    route(
      method,
      "/{atuser}/{workspace}/apps/{slug}",
      (context) => pathApp(context, deployment, undefined),
      "public",
    ),
    route(
      method,
      "/{atuser}/{workspace}/apps/{slug}/*",
      (context) => pathApp(context, deployment, context.param("*")),
      "public",
    ),
  ]);
}

interface Target {
  agent: Agent | undefined;
  app: AppDefinition | undefined;
  owner: User | undefined;
  offline: boolean;
}

function pathApp(context: Context, deployment: Deployment, rest: string | undefined): Reply | Promise<Reply> {
  const user = context.param("atuser");
  if (!user.startsWith("@")) return html("This is a simulated Coder deployment. It has no dashboard.");
  const name = user.slice(1);
  if (name === "me") {
    throw new PageError(
      404,
      "Application Not Found",
      "Applications must be accessed with the full username, not @me.",
    );
  }
  const [workspace = "", agentName] = context.param("workspace").split(".");
  const slug = context.param("slug");
  const scope = `/@${name}/${context.param("workspace")}/apps/${slug}/`;
  const granted = deployment.signedTokens.check(cookie(context, SIGNED_COOKIE), scope);
  const caller = granted?.user ?? tryAuthenticate(context, deployment, "coder_path_app_session_token")?.user;
  if (!caller) return toLogin(context, deployment);
  if (/^\d+$/.test(slug))
    throw new PageError(500, "Internal Server Error", "An internal server error occurred.");
  const target = find(deployment, name, workspace, agentName, slug);
  if (!target.app || !target.agent || target.owner !== caller) {
    throw new PageError(404, "Application Not Found", NOT_THERE, refusalWarnings(target, caller));
  }
  checkOnline(target, target.agent, deployment);
  const headers: Headers = granted ? {} : { "Set-Cookie": [deployment.signedTokens.issue(scope, caller)] };
  if (rest === undefined) return redirect(307, scope, "Temporary Redirect", headers);
  return ask(context, deployment, target.app, rest, headers);
}

function refusalWarnings(target: Target, caller: User): string[] {
  if (!target.app) return [];
  const level = target.app.sharingLevel;
  if (level !== "owner") {
    return [
      `unable to use configured sharing level "${level}" because path-based app sharing is disabled (see --dangerous-allow-path-app-sharing), using sharing level "owner" instead`,
    ];
  }
  return caller.roles.includes("owner")
    ? [
        'path-based apps with "owner" share level are only accessible by the workspace owner (see --dangerous-allow-path-app-site-owner-access)',
      ]
    : [];
}

function find(
  deployment: Deployment,
  owner: string,
  name: string,
  agentName: string | undefined,
  slug: string,
): Target {
  const user = deployment.users.byName(owner);
  const workspace = user && deployment.workspaces.byName(user, name);
  if (!workspace) return { agent: undefined, app: undefined, owner: user, offline: false };
  const build = latestBuild(workspace);
  // The agents of a stopped workspace are those of its last start.
  const started = workspace.builds.findLast((one) =>
    one.resources.some((resource) => resource.agents.length),
  );
  const agents = (started?.resources ?? []).flatMap((resource) => resource.agents);
  const agent = agentName === undefined ? agents[0] : agents.find((one) => one.name === agentName);
  const app = agent?.apps.find((one) => one.definition.slug === slug)?.definition;
  return {
    agent,
    app,
    owner: user,
    offline: build.transition !== "start" && jobStatus(build.job) === "succeeded",
  };
}

/** @throws PageError 400 for a stopped workspace, 502 for an agent that is not connected */
function checkOnline(target: Target, agent: Agent, deployment: Deployment): void {
  if (target.offline) {
    throw new PageError(400, "Workspace Offline", "Last workspace transition was not a start.");
  }
  const status = agentStatus(agent, deployment.clock.now());
  if (status === "connected") return;
  throw new PageError(502, "Application Unavailable", `Agent state is "${status}", not "connected"`);
}

function ask(
  context: Context,
  deployment: Deployment,
  app: { url: string },
  rest: string,
  headers: Headers,
): Reply | Promise<Reply> {
  const { port, pathname } = new URL(app.url);
  if (port === DEAD_PORT) return badGateway(port, headers);
  const query = context.request.url?.includes("?")
    ? context.request.url.slice(context.request.url.indexOf("?"))
    : "";
  const url = `${pathname === "/" ? "" : pathname}/${rest}${query}`;
  if (context.header("upgrade").toLowerCase() === "websocket") {
    return {
      kind: "websocket",
      headers,
      ofApp: true,
      start: (socket, tcp, flow) => echoSocket(context, url, socket, tcp, flow, deployment),
    };
  }
  return echoRequest(context, url).then((answer) => ({
    ...answer,
    headers: {
      ...answer.headers,
      "Set-Cookie": [headers["Set-Cookie"] ?? [], answer.headers["Set-Cookie"] ?? []].flat(),
    },
  }));
}

function badGateway(port: string, headers: Headers): Reply {
  const title = "502 - Bad Gateway";
  const page = html(
    `<!doctype html>\n<html><head><title>${title}</title></head><body><h1>${title}</h1><p>dial tcp 127.0.0.1:${port}: connect: connection refused</p></body></html>\n`,
    502,
  );
  return { ...page, headers: { ...page.headers, ...headers } };
}

const SIGNED_OUT = "You are signed out or your session has expired. Please sign in again to continue.";

function toLogin(context: Context, deployment: Deployment): Reply {
  const query = new URLSearchParams({ message: SIGNED_OUT, redirect: context.request.url ?? context.path });
  return redirect(303, `${deployment.accessUrl}/login?${query}`, "See Other", {});
}

function redirect(status: number, location: string, word: string, headers: Headers): Reply {
  const page = html(`<a href="${location.replaceAll("&", "&amp;")}">${word}</a>.\n\n`, status);
  return { ...page, headers: { ...page.headers, ...headers, Location: location } };
}

/** Subdomain apps: `{slug|port[s]}--{agent}--{workspace}--{user}` in place of the wildcard host's star. */
export function subdomainApp(
  context: Context,
  deployment: Deployment,
  label: string,
): Reply | Promise<Reply> {
  const match = /^([a-z0-9-]+?)--([a-z0-9-]+?)--([a-z0-9-]+?)--([a-z0-9-]+)$/i.exec(label);
  const [, what = "", agentName = "", workspace = "", owner = ""] = match ?? [];
  if (!match)
    throw new PageError(
      400,
      "Invalid Application URL",
      `Could not parse subdomain application URL "${label}".`,
    );
  const isPort = /^\d+s?$/.test(what);
  const target = find(deployment, owner, workspace, agentName, what);
  const app = isPort
    ? { url: `http://localhost:${Number.parseInt(what, 10)}`, sharingLevel: "owner" }
    : target.app;
  const granted = deployment.signedTokens.check(cookie(context, SIGNED_COOKIE), label);
  const caller =
    granted?.user ?? tryAuthenticate(context, deployment, "coder_subdomain_app_session_token")?.user;
  const level = app?.sharingLevel ?? "owner";
  if (!caller && level !== "public") {
    const query = new URLSearchParams({
      redirect_uri: `http://${context.header("host")}${context.request.url ?? "/"}`,
    });
    return redirect(
      303,
      `${deployment.accessUrl}/api/v2/applications/auth-redirect?${query}`,
      "See Other",
      {},
    );
  }
  const allowed =
    level === "public" || (level !== "owner" && caller !== undefined) || target.owner === caller;
  if (!app || !target.agent || !allowed) throw new PageError(404, "Application Not Found", NOT_THERE);
  checkOnline(target, target.agent, deployment);
  const headers: Headers = granted
    ? {}
    : { "Set-Cookie": [deployment.signedTokens.issue(label, caller, "/")] };
  return ask(context, deployment, app, context.path.slice(1), headers);
}
