import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import { type Deployment, VERSION } from "../deployment.ts";
import { MESSAGE_BYTES, PIPELINED_REQUESTS, STREAM_MESSAGE_BYTES } from "../limits.ts";
import type { Replica } from "../model/load-model.ts";
import { subdomainApp } from "../routes/apps.ts";
import { notAtProxy } from "../routes/proxy.ts";
import { checkCsrf, signIn } from "./auth.ts";
import { Context } from "./context.ts";
import { ApiError, PageError } from "./errors.ts";
import { Flow } from "./flow.ts";
import { RateLimiter } from "./rate-limit.ts";
import {
  type Accepted,
  type Answer,
  empty,
  errorPage,
  type Headers,
  html,
  json,
  type Reply,
  text,
} from "./reply.ts";
import type { Route, Router } from "./router.ts";

const CSRF_COOKIE = "csrf_token=sandbox; Path=/; HttpOnly; SameSite=Lax";
const LOGIN_LIMIT = 60;
/** How long a client may take to read an answer that ends its connection. */
const LINGER_MS = 1000;

/** What is known of a request on its way. */
interface Passage {
  request: IncomingMessage;
  /** Headers of whatever is answered. */
  common: Headers;
  upgrading: boolean;
  /** Which replica has it. */
  replica: Replica;
  /** The API route that it took, once it is known. */
  route: Route | undefined;
  /** Tells the metrics how it was answered. */
  answered(code: number): void;
}

/** The one way that every request and every socket takes: limits, routing, sign-in, handler, answer. */
export class Pipeline {
  readonly #deployment: Deployment;
  readonly #router: Router;
  readonly #limiter: RateLimiter | undefined;
  readonly #loginLimiter: RateLimiter | undefined;
  readonly #sockets = socketServer({ perMessageDeflate: false, maxPayload: MESSAGE_BYTES });
  readonly #streamSockets = socketServer({ perMessageDeflate: false, maxPayload: STREAM_MESSAGE_BYTES });
  readonly #appSockets = socketServer({ perMessageDeflate: true, maxPayload: STREAM_MESSAGE_BYTES });
  /** Requests under way, by connection. */
  readonly #underWay = new Map<Socket, number>();

  readonly #ofProxy: boolean;

  /** @param ofProxy it is a workspace proxy's listener: no load of coderd's, and nothing else than its routes */
  constructor(deployment: Deployment, router: Router, ofProxy = false) {
    this.#deployment = deployment;
    this.#router = router;
    this.#ofProxy = ofProxy;
    const { rateLimit } = deployment.options;
    this.#limiter = rateLimit === undefined ? undefined : new RateLimiter(rateLimit);
    this.#loginLimiter = rateLimit === undefined ? undefined : new RateLimiter(LOGIN_LIMIT);
  }

  /** An ordinary request. */
  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const passage = this.#enter(request, false);
    const { common } = passage;
    if (!this.#begin(request.socket)) return;
    response.on("close", () => this.#end(request.socket));
    const reply = await this.#reply(passage);
    response.on("close", () => passage.answered(response.statusCode));
    if (reply.kind === "stream") {
      this.#deployment.connections.add(request.socket, passage.replica.index);
      response.writeHead(200, { ...common, ...reply.headers });
      reply.start(response);
      return;
    }
    const answer = reply.kind === "answer" ? reply : upgradeRequired(request);
    const headers = merge(common, answer.headers);
    if (answer.status === 413) {
      headers.Connection = "close";
      // A body without an end is not read to its end.
      response.on("finish", () => setTimeout(() => request.destroy(), LINGER_MS).unref());
    }
    if (answer.status !== 204) headers["Content-Length"] = String(Buffer.byteLength(answer.body));
    response.writeHead(answer.status, headers);
    response.end(request.method === "HEAD" ? undefined : answer.body);
  }

  /** A request to switch protocols. */
  async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    socket.on("error", () => socket.destroy());
    const passage = this.#enter(request, true);
    const { common } = passage;
    const reply = await this.#reply(passage);
    if (socket.destroyed) return;
    if (reply.kind === "upgrade" || reply.kind === "websocket")
      this.#deployment.connections.add(socket, passage.replica.index);
    if (reply.kind === "upgrade") {
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\n${lines({ ...common, Connection: "Upgrade", Upgrade: reply.protocol })}\r\n`,
      );
      reply.start(socket, head);
      return;
    }
    const refusal = reply.kind === "websocket" && !reply.ofApp ? originProblem(request) : undefined;
    if (reply.kind !== "websocket" || refusal) {
      const answer = refusal ?? (reply.kind === "answer" ? reply : upgradeRequired(request));
      passage.answered(answer.status);
      writeAnswer(socket, answer, merge(common, answer.headers));
      return;
    }
    passage.answered(101);
    this.#accept(passage, socket, head, reply);
  }

  /** Ends a connection on which request follows request without an answer being waited for: no client does that. */
  #begin(socket: Socket): boolean {
    const count = (this.#underWay.get(socket) ?? 0) + 1;
    if (count > PIPELINED_REQUESTS) socket.destroy();
    if (socket.destroyed) return false;
    this.#underWay.set(socket, count);
    return true;
  }

  #end(socket: Socket): void {
    const count = (this.#underWay.get(socket) ?? 1) - 1;
    if (count > 0) this.#underWay.set(socket, count);
    else this.#underWay.delete(socket);
  }

  #enter(request: IncomingMessage, upgrading: boolean): Passage {
    const { model, proxy } = this.#deployment;
    const replica = (this.#ofProxy && proxy?.replica) || model.deal();
    return {
      request,
      common: this.#commonHeaders(),
      upgrading,
      replica,
      route: undefined,
      answered: () => undefined,
    };
  }

  #accept({ request, common, route }: Passage, socket: Duplex, head: Buffer, accepted: Accepted): void {
    const headers = merge(common, accepted.headers);
    const sockets = accepted.ofApp
      ? this.#appSockets
      : accepted.ofStream
        ? this.#streamSockets
        : this.#sockets;
    const addHeaders = (out: string[], asked: IncomingMessage) => {
      if (asked === request) out.push(...lines(headers).trimEnd().split("\r\n"));
    };
    sockets.on("headers", addHeaders);
    try {
      sockets.handleUpgrade(request, socket, head, (websocket) => {
        websocket.on("error", () => websocket.terminate());
        if (route) websocket.on("close", this.#deployment.recorder.socket(route.method, route.path));
        try {
          accepted.start(websocket, socket, new Flow(websocket, socket));
        } catch {
          websocket.close(1011, "internal error");
        }
      });
    } finally {
      // handleUpgrade writes the headers at once, so nobody else's are caught by this.
      sockets.off("headers", addHeaders);
    }
  }

  async #reply(passage: Passage): Promise<Reply> {
    try {
      return await this.#route(passage);
    } catch (error) {
      if (error instanceof ApiError) return json(error.envelope(), error.status, error.headers);
      if (error instanceof PageError) return errorPage(error);
      return json({ message: "An internal server error occurred.", detail: String(error) }, 500);
    }
  }

  async #route(passage: Passage): Promise<Reply> {
    const { request, common } = passage;
    const own = request.url?.startsWith("/sandbox/") ?? false;
    if (!own) await this.#deployment.faults.thawed();
    const url = request.url ?? "/";
    const at = url.indexOf("?");
    const raw = at < 0 ? url : url.slice(0, at);
    const path = raw.replace(/\/{2,}/g, "/");
    const context = new Context(
      request,
      passage.replica,
      path,
      new URLSearchParams(at < 0 ? "" : url.slice(at + 1)),
    );
    const label = this.#appLabel(context);
    if (label !== undefined) return subdomainApp(context, this.#deployment, label);
    if (!checkCsrf(context)) return text(CSRF_TEXT, 400);
    if (request.method === "OPTIONS") return empty(200);
    const isApi = path.startsWith("/api/v2/") || path === "/api/v2";
    const isApp = path.startsWith("/@") || path.startsWith("/%40");
    const refused = isApi || isApp ? this.#limit(context, raw, common) : undefined;
    if (refused) return this.#refused(context, refused);
    const arrived = performance.now();
    if (isApi && !this.#ofProxy) await this.#deployment.model.request(passage.replica);
    const tookMs = performance.now() - arrived;
    const broken = isApi ? await this.#fault() : undefined;
    if (broken) return this.#refused(context, broken);
    const match = this.#router.find(context.method, path);
    if (!match && this.#ofProxy) throw notAtProxy();
    if (!match) return isApi ? unknownRoute() : sitePage(context);
    if ("allow" in match) return empty(405, { Allow: match.allow.join(", ") });
    context.params = match.params;
    if (isApi) this.#count(passage, match.route, tookMs);
    signIn(
      context,
      match.route.access,
      this.#deployment.users,
      this.#deployment.clock,
      this.#deployment.accessUrl,
    );
    const reply = await match.route.handle(context);
    if (passage.upgrading && reply.kind === "stream") return upgradeRequired(request);
    return reply;
  }

  /** A slow deployment, and one with something in front of it that gives up. */
  async #fault(): Promise<Answer | undefined> {
    const { faults, timers } = this.#deployment;
    const delayMs = faults.apiDelayMs();
    if (delayMs > 0) await timers.wait(delayMs);
    const status = faults.apiError();
    if (status === undefined) return undefined;
    if (status !== 429) return html(`<html><title>${status}</title><h1>${status}</h1></html>`, status);
    const headers = { "Retry-After": "60", "X-Ratelimit-Limit": "512", "X-Ratelimit-Remaining": "0" };
    return json(
      { message: "You've been rate limited for sending more than 512 requests in 1m0s." },
      429,
      headers,
    );
  }

  /** What coderd's own limit refuses is in its metrics, and nothing that is answered in front of it. */
  #refused({ method }: Context, answer: Answer): Answer {
    if (answer.status === 429) this.#deployment.recorder.request(method, "/api/v2/*")(429);
    return answer;
  }

  /** `tookMs`: what coderd has spent on it by now. */
  #count(passage: Passage, route: Route, tookMs: number): void {
    passage.route = route;
    this.#deployment.stats.countRoute(`${route.method} ${route.path}`);
    passage.answered = this.#deployment.recorder.request(route.method, route.path, tookMs);
  }

  /** What stands for the star of the wildcard host, when the request is for an app. */
  #appLabel(context: Context): string | undefined {
    const { wildcardHost } = this.#deployment.options;
    if (!wildcardHost) return undefined;
    const [suffix = ""] = wildcardHost.slice(1).split(":");
    const [host = ""] = context.header("host").split(":");
    return host.endsWith(suffix) ? host.slice(0, -suffix.length) : undefined;
  }

  #limit(context: Context, rawPath: string, common: Headers): Answer | undefined {
    if (!this.#limiter) return undefined;
    const limiter = (context.path === "/api/v2/users/login" && this.#loginLimiter) || this.#limiter;
    const verdict = limiter.take(`${context.address} ${rawPath}`, this.#deployment.clock.now());
    Object.assign(common, verdict.headers);
    if (verdict.allowed) return undefined;
    return json(
      { message: `You've been rate limited for sending more than ${limiter.limit} requests in 1m0s.` },
      429,
    );
  }

  #commonHeaders(): Headers {
    return {
      "Set-Cookie": [CSRF_COOKIE],
      Vary: ["Origin", "Cookie"],
      "X-Coder-Build-Version": VERSION,
      "X-Coder-Request-Id": this.#deployment.random.uuid(),
      "X-Content-Type-Options": "nosniff",
      "X-Coder-Scaletest-Sandbox": "1",
    };
  }
}

function socketServer(options: { perMessageDeflate: boolean; maxPayload: number }): WebSocketServer {
  return new WebSocketServer({
    noServer: true,
    clientTracking: false,
    skipUTF8Validation: true,
    ...options,
  });
}

const CSRF_TEXT =
  "Something is wrong with your CSRF token. Please refresh the page. If this error persists, try clearing your cookies.\n";

function unknownRoute(): Answer {
  return json({ message: "Route not found." }, 404);
}

/** Everything that is no API goes to the dashboard, which the sandbox does not have. */
function sitePage(context: Context): Answer {
  if (context.method !== "GET") return empty(405, { Allow: "GET" });
  return html("This is a simulated Coder deployment. It has no dashboard.");
}

/** Cookies add up, everything else replaces. */
function merge(common: Headers, own: Headers): Headers {
  const cookies = [common["Set-Cookie"] ?? [], own["Set-Cookie"] ?? []].flat();
  return { ...common, ...own, "Set-Cookie": cookies };
}

function lines(headers: Headers): string {
  return Object.entries(headers)
    .flatMap(([name, value]) =>
      name === "Set-Cookie" && Array.isArray(value)
        ? value.map((one) => `${name}: ${one}\r\n`)
        : [`${name}: ${Array.isArray(value) ? value.join(", ") : value}\r\n`],
    )
    .join("");
}

const STATUS_TEXT: Record<number, string> = { 400: "Bad Request", 401: "Unauthorized", 404: "Not Found" };

function writeAnswer(socket: Duplex, answer: Answer, headers: Headers): void {
  const body = Buffer.from(answer.body);
  const head = lines({ ...headers, "Content-Length": String(body.length), Connection: "close" });
  socket.end(
    Buffer.concat([
      Buffer.from(`HTTP/1.1 ${answer.status} ${STATUS_TEXT[answer.status] ?? "Error"}\r\n${head}\r\n`),
      body,
    ]),
  );
}

/** A text line and a JSON object, glued together as the real server does. */
function refusedSocket(status: number, problem: string, headers: Headers = {}): Answer {
  const envelope = JSON.stringify({
    message: "Failed to accept websocket.",
    detail: `failed to accept WebSocket connection: ${problem}`,
  });
  return text(`${problem}\n${envelope}\n`, status, headers);
}

function upgradeRequired(request: IncomingMessage): Answer {
  const connection = request.headers.connection ?? "";
  return refusedSocket(
    426,
    `WebSocket protocol violation: Connection header ${JSON.stringify(connection)} does not contain Upgrade`,
    { Connection: "Upgrade", Upgrade: "websocket" },
  );
}

/** A page of another site may not open sockets in its visitor's name. */
function originProblem(request: IncomingMessage): Answer | undefined {
  const { origin, host } = request.headers;
  if (!origin) return undefined;
  const from = URL.canParse(origin) ? new URL(origin).host : origin;
  if (from.toLowerCase() === host?.toLowerCase()) return undefined;
  return refusedSocket(403, `request Origin "${from}" is not authorized for Host "${host}"`);
}
