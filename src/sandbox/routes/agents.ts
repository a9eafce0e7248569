import { SIGNED_COOKIE, SIGNED_QUERY } from "../apps/signed-tokens.ts";
import type { Deployment } from "../deployment.ts";
import { cookie, signIn } from "../http/auth.ts";
import { isUuid } from "../http/body.ts";
import type { Context } from "../http/context.ts";
import { ApiError, PageError } from "../http/errors.ts";
import { json, type Reply, streamSocket, websocket } from "../http/reply.ts";
import { type Route, route } from "../http/router.ts";
import { keepAlive, refuseMessages } from "../http/sockets.ts";
import { agentStatus } from "../state/agents.ts";
import type { Agent } from "../state/model.ts";
import type { User } from "../state/users.ts";
import { latestBuild } from "../state/workspaces.ts";
import { servePty } from "../terminal/pty-socket.ts";
import { viewAgent, viewAgentLog } from "../views/agents.ts";
import { derpMap } from "../views/derp.ts";
import { readAfter } from "./job-logs.ts";
import type { Lookup } from "./lookup.ts";
import { metadataEvents, metadataSocket } from "./metadata.ts";
import { mayEnter } from "./rights.ts";

export function agentRoutes(deployment: Deployment, lookup: Lookup): Route[] {
  const base = "/api/v2/workspaceagents/{workspaceagent}";
  return [
    route("GET", base, (context) => json(viewAgent(lookup.agent(context), deployment)), "agent"),
    route("GET", `${base}/logs`, (context) => agentLogs(context, lookup.agent(context)), "agent"),
    route("GET", "/api/v2/workspaceagents/connection", () => json(connection(deployment)), "agent"),
    route(
      "GET",
      `${base}/connection`,
      (context) => {
        lookup.agent(context);
        return json(connection(deployment));
      },
      "agent",
    ),
    route(
      "GET",
      `${base}/listening-ports`,
      (context) => listeningPorts(lookup.agent(context), deployment),
      "agent",
    ),
    route(
      "GET",
      `${base}/watch-metadata`,
      (context) => metadataEvents(lookup.agent(context), deployment),
      "agent",
    ),
    route(
      "GET",
      `${base}/watch-metadata-ws`,
      (context) => metadataSocket(lookup.agent(context), deployment),
      "agent",
    ),
    route(
      "GET",
      `${base}/containers`,
      (context) => {
        lookup.agent(context);
        throw new ApiError(403, "Dev containers are not enabled for this workspace.");
      },
      "agent",
    ),
    ptyRoute(deployment),
  ];
}

/** A terminal; also at a workspace proxy. */
export function ptyRoute(deployment: Deployment): Route {
  return route(
    "GET",
    "/api/v2/workspaceagents/{workspaceagent}/pty",
    (context) => pty(context, deployment),
    // By a signed token, or else as an app.
    "public",
  );
}

function connection(deployment: Deployment): Record<string, unknown> {
  return {
    derp_map: derpMap(deployment),
    derp_force_websockets: false,
    disable_direct_connections: true,
    hostname_suffix: "coder",
  };
}

function listeningPorts(agent: Agent, { clock }: Deployment): Reply {
  const status = agentStatus(agent, clock.now());
  if (status !== "connected") {
    throw new ApiError(400, `Agent state is "${status}", it must be in the "connected" state.`);
  }
  return json({ ports: [] });
}

/** Rows, or with `follow` an array of rows a frame until a newer build is made. */
function agentLogs(context: Context, agent: Agent): Reply {
  const after = readAfter(context);
  const rows = () => agent.logs.filter((row) => row.id > after).map(viewAgentLog);
  if (!context.query.has("follow")) return json(rows());
  return websocket((socket) => {
    keepAlive(socket);
    refuseMessages(socket, 1008, "unexpected data message");
    const follower = (news: Agent["logs"] | "end") => {
      if (news === "end") socket.close(1000, "");
      else socket.send(`${JSON.stringify(news.map(viewAgentLog))}\n`);
    };
    socket.send(`${JSON.stringify(rows())}\n`);
    if (!isCurrent(agent)) {
      follower("end");
      return;
    }
    agent.logFollowers.add(follower);
    socket.on("close", () => agent.logFollowers.delete(follower));
  });
}

/** Whether it belongs to its workspace's latest build. */
export function isCurrent(agent: Agent): boolean {
  return latestBuild(agent.workspace).resources.some((resource) => resource.agents.includes(agent));
}

const NOT_FOUND =
  "The application or workspace you are trying to access does not exist or you do not have permission to access it.";

/**
 * The agent that a terminal or an app is asked for.
 * @throws PageError 500 for what is no id, 404 without a right to it, 502 when it is not connected
 */
export function reachableAgent(user: User, id: string, deployment: Deployment): Agent {
  if (!isUuid(id)) throw new PageError(500, "Internal Server Error", "An internal server error occurred.");
  const agent = deployment.agents.byId(id.toLowerCase());
  if (!agent || !mayEnter(user, agent.workspace.owner, deployment)) {
    throw new PageError(404, "Application Not Found", NOT_FOUND);
  }
  deployment.stats.countWorkspace(agent.workspace);
  const status = agentStatus(agent, deployment.clock.now());
  if (status !== "connected") {
    throw new PageError(502, "Application Unavailable", `Agent state is "${status}", not "connected"`);
  }
  return agent;
}

/** Who opens a terminal: whom a signed token names, in the query or in a cookie, or who is signed in. */
function terminalUser(context: Context, deployment: Deployment, scope: string): User {
  const { signedTokens, users, clock, accessUrl } = deployment;
  const token = context.query.get(SIGNED_QUERY) ?? cookie(context, SIGNED_COOKIE);
  const granted = signedTokens.check(token, scope)?.user;
  if (granted) return granted;
  signIn(context, "app", users, clock, accessUrl);
  return context.caller.user;
}

function pty(context: Context, deployment: Deployment): Reply {
  const id = context.param("workspaceagent");
  const path = `/api/v2/workspaceagents/${id.toLowerCase()}/pty/`;
  const user = terminalUser(context, deployment, path);
  const agent = reachableAgent(user, id, deployment);
  const signed = deployment.signedTokens.issue(path, user);
  const options = readPtyQuery(context.query);
  return streamSocket(
    (socket, tcp, flow) =>
      servePty(
        { socket, tcp, flow },
        agent.terminals,
        options,
        deployment.random,
        deployment.model.arrivals(context.replica),
      ),
    {
      "Set-Cookie": [signed],
    },
  );
}

/** @throws ApiError 400 naming each parameter that is wrong */
function readPtyQuery(query: URLSearchParams) {
  const problems: { field: string; detail: string }[] = [];
  const reconnect = query.get("reconnect") ?? "";
  if (reconnect === "") {
    problems.push({ field: "reconnect", detail: 'Query param "reconnect" is required and cannot be empty' });
  } else if (!isUuid(reconnect)) {
    problems.push({ field: "reconnect", detail: 'Query param "reconnect" must be a valid uuid' });
  }
  const size = (name: string) => {
    const raw = query.get(name) ?? "";
    if (raw === "") return 80;
    if (/^\d+$/.test(raw)) return Number(raw);
    problems.push({
      field: name,
      detail: `Query param "${name}" must be a valid integer: strconv.ParseUint: parsing "${raw}": invalid syntax`,
    });
    return 0;
  };
  const options = {
    id: reconnect.toLowerCase(),
    rows: size("height"),
    columns: size("width"),
    command: query.get("command") ?? "",
  };
  if (problems.length) throw new ApiError(400, "Invalid query parameters.", { validations: problems });
  return options;
}
