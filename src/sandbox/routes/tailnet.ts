import type { Deployment } from "../deployment.ts";
import type { Context } from "../http/context.ts";
import { ApiError, notFound } from "../http/errors.ts";
import { json, type Reply, streamSocket, text } from "../http/reply.ts";
import { type Route, route } from "../http/router.ts";
import { keepAlive } from "../http/sockets.ts";
import type { Agent } from "../state/model.ts";
import type { User } from "../state/users.ts";
import type { Tailnet } from "../tailnet/coordinator.ts";
import type { Lookup } from "./lookup.ts";
import { mayEnter } from "./rights.ts";

/** The server's own version of the Tailnet API. */
const SERVER_MINOR = 6;

/** Coordinator and relay: what a client needs to reach agents without a command. */
export function tailnetRoutes(deployment: Deployment, lookup: Lookup, tailnet: Tailnet): Route[] {
  const reach = (user: User) => (agent: Agent) => mayEnter(user, agent.workspace.owner, deployment);
  return [
    route("GET", "/api/v2/tailnet", (context) => {
      lookup.count(context.caller.user);
      return coordinate(context, tailnet, "2.0", reach(context.caller.user));
    }),
    route(
      "GET",
      "/api/v2/workspaceagents/{workspaceagent}/coordinate",
      (context) => {
        const agent = lookup.agent(context);
        if (!reach(context.caller.user)(agent)) throw notFound();
        return coordinate(context, tailnet, "1.0", (one) => one === agent);
      },
      "agent",
    ),
    route("GET", "/derp", (context) => derp(context, tailnet), "public"),
    route("GET", "/derp/latency-check", () => text(""), "public"),
  ];
}

function coordinate(
  context: Context,
  tailnet: Tailnet,
  defaultVersion: string,
  mayReach: (agent: Agent) => boolean,
): Reply {
  const refused = versionProblem(context.query.get("version") ?? defaultVersion);
  if (refused !== undefined) {
    throw new ApiError(400, "Unknown or unsupported API version", {
      validations: [{ field: "version", detail: refused }],
    });
  }
  const resume = context.query.get("resume_token");
  if (resume !== null && !tailnet.knowsResumeToken(resume)) {
    const message = "Invalid resume token";
    return json(
      {
        message,
        detail: "verify payload: parse JWS: go-jose/go-jose: compact JWS format must have three parts",
        validations: [{ field: "resume_token", detail: message }],
      },
      401,
    );
  }
  return streamSocket((socket) => {
    keepAlive(socket);
    tailnet.serve(socket, mayReach);
  });
}

function versionProblem(version: string): string | undefined {
  const [major = "", minor = "0"] = version.split(".");
  if (major === "1") return `version ${version} is no longer supported`;
  if (major !== "2")
    return `server is at version 2.${SERVER_MINOR}, behind requested major version ${version}`;
  if (Number(minor) > SERVER_MINOR)
    return `server is at version 2.${SERVER_MINOR}, behind requested minor version ${version}`;
  return undefined;
}

/** By HTTP's upgrade to "DERP", or as a WebSocket. */
function derp(context: Context, tailnet: Tailnet): Reply {
  if (context.header("upgrade").toLowerCase() === "derp") {
    return {
      kind: "upgrade",
      protocol: "DERP",
      start: (tcp, head) => tailnet.relay.serveSocket(tcp, head, context.replica),
    };
  }
  return streamSocket((socket) => tailnet.relay.serveWebSocket(socket, context.replica));
}
