import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import type { Deployment } from "../deployment.ts";
import { countBody } from "../http/body.ts";
import type { Context } from "../http/context.ts";
import type { Flow } from "../http/flow.ts";
import type { Answer } from "../http/reply.ts";
import { WAITING_MESSAGES } from "../limits.ts";

/** What Coder takes out of the Cookie header before it asks the app (coderd/httpapi/cookie.go). */
const CODER_COOKIES =
  /^(coder_session_token|coder_signed_app_token|coder_path_app_session_token|coder_subdomain_app_session_token|coder_subdomain_app_session_token_\w+|csrf_token)=/;
/** Meant for the next hop only. */
const HOP_BY_HOP = new Set(["connection", "keep-alive", "transfer-encoding", "upgrade", "proxy-connection"]);

/** The headers that reach the app: only Coder's cookies are taken out, a token header is passed on. */
function forwarded(context: Context, upgrade: boolean): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(context.request.headers)) {
    if (value === undefined || (HOP_BY_HOP.has(name) && !upgrade)) continue;
    headers[name] = Array.isArray(value) ? value.join(", ") : value;
  }
  if (headers.cookie !== undefined) {
    const own = headers.cookie.split(/;\s*/).filter((one) => one && !CODER_COOKIES.test(one));
    headers.cookie = own.join("; ");
  }
  headers["x-forwarded-for"] = context.address;
  headers["x-forwarded-proto"] = "http";
  if (!upgrade) headers["accept-encoding"] ??= "gzip";
  return headers;
}

/** The app in every simulated workspace: it tells what it was asked, as the recorded one did. */
export async function echoRequest(context: Context, url: string): Promise<Answer> {
  const bytes = await countBody(context.request);
  const told = { method: context.method, url, headers: forwarded(context, false), body_bytes: bytes };
  return {
    kind: "answer",
    status: url.startsWith("/teapot") ? 418 : 200,
    headers: { "Content-Type": "application/json", "Set-Cookie": ["appcookie=1; Path=/"] },
    body: JSON.stringify(told),
  };
}

/** Its WebSocket: everything comes back as it was sent; a few words make it do something else. */
export function echoSocket(
  context: Context,
  url: string,
  socket: WebSocket,
  tcp: Duplex,
  flow: Flow,
  { faults, model }: Pick<Deployment, "faults" | "model">,
): void {
  const arrive = model.arrivals(context.replica);
  let waiting = 0;
  flow.full = () => waiting > WAITING_MESSAGES;
  const echo = (data: Buffer, binary: boolean) => {
    waiting++;
    arrive(() => {
      waiting--;
      socket.send(faults.echo(data), { binary });
      flow.look();
    });
  };
  socket.on("message", (data, isBinary) => {
    const word = isBinary ? "" : String(data);
    if (word === "headers?") socket.send(JSON.stringify({ url, headers: forwarded(context, true) }));
    else if (word === "bye") socket.close(4001, "app says bye");
    else if (word === "die") tcp.destroy();
    else echo(data as Buffer, isBinary);
  });
}
