import type { Context } from "../http/context.ts";
import { ApiError } from "../http/errors.ts";
import { json, type Reply, streamSocket, text } from "../http/reply.ts";
import { type Route, route } from "../http/router.ts";
import { keepAlive } from "../http/sockets.ts";
import type { Agent } from "../state/model.ts";
import type { Tailnet } from "../tailnet/coordinator.ts";
import type { Lookup } from "./lookup.ts";

/** The server's own version of the Tailnet API. */
const SERVER_MINOR = 6;

/** Coordinator and relay: what a client needs to reach agents without a command. */
export function tailnetRoutes(lookup: Lookup, tailnet: Tailnet): Route[] {
  return [
    route("GET", "/api/v2/tailnet", (context) => {
      lookup.count(context.caller.user);
      return coordinate(context, tailnet, "2.0");
    }),
    route(
      "GET",
      "/api/v2/workspaceagents/{workspaceagent}/coordinate",
      (context) => {
        const agent = lookup.agent(context);
        return coordinate(context, tailnet, "1.0", agent);
      },
      "agent",
    ),
    route("GET", "/derp", (context) => derp(context, tailnet), "public"),
    route("GET", "/derp/latency-check", () => text(""), "public"),
  ];
}

function coordinate(context: Context, tailnet: Tailnet, defaultVersion: string, only?: Agent): Reply {
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
  const { caller } = context;
  const isOwner = context.isOwner;
  const mayReach = (agent: Agent) =>
    only ? agent === only : isOwner || agent.workspace.owner === caller.user;
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
