import { HttpsProxyAgent } from "https-proxy-agent";
import { WebSocket } from "ws";
import { CoderError, failureOf, saysStripped, UPGRADES_STRIPPED } from "./errors.ts";
import { isOwnAnswer } from "./front.ts";
import { htmlReason } from "./html-error.ts";
import { bypasses } from "./network.ts";
import { networkError } from "./network-error.ts";
import type { Subject } from "./session.ts";
import { headersOf, SANDBOX_HEADER, type Transport } from "./transport.ts";

export interface SocketCall {
  path: string;
  query?: Record<string, string>;
  route: string;
  token: string;
  subject: Subject;
  signal?: AbortSignal;
  /** Milliseconds for the handshake; 30 s by default. */
  timeoutMs?: number;
  /**
   * Hidden from whoever is not signed in: the deployment says 404 then, and not 401 (docs/coder-api.md, Web
   * terminal).
   */
  hidden?: boolean;
}

/**
 * Opens a WebSocket to the deployment; resolves when it is open. Frames that come with the handshake are not lost:
 * the socket is paused until the caller has put its listeners on and calls `resume()`. Throws CoderError; a refused
 * upgrade (HTML or JSON; docs/coder-api.md, Web terminal) becomes the same kinds as for REST.
 */
export function openSocket(transport: Transport, call: SocketCall): Promise<WebSocket> {
  return transport.signed(
    call,
    (token) => transport.front.through((headers) => open(transport, { ...call, token }, headers)),
    call.hidden ? ["unauthorized", "not_found"] : ["unauthorized"],
  );
}

async function open(
  transport: Transport,
  call: SocketCall,
  front: Readonly<Record<string, string>>,
): Promise<WebSocket> {
  await transport.pacer.take(call.path, call.signal);
  call.signal?.throwIfAborted();
  transport.meter?.called(call.subject, call.route);
  const socket = new WebSocket(addressOf(transport.url, call), {
    headers: headersOf(front, call),
    perMessageDeflate: false,
    handshakeTimeout: call.timeoutMs ?? 30_000,
    maxPayload: 16 * 1024 * 1024,
    ...transport.tls,
    ...proxyFor(transport),
  });
  return new Promise((resolve, reject) => {
    const done = (error?: unknown) => {
      call.signal?.removeEventListener("abort", aborted);
      socket.off("error", failed);
      socket.off("unexpected-response", refused);
      if (error === undefined) return resolve(socket);
      socket.on("error", () => undefined);
      socket.terminate();
      reject(error);
    };
    const aborted = () => done(call.signal?.reason);
    const failed = (error: Error) => done(networkError(call.route, error));
    const refused = (_request: unknown, response: import("node:http").IncomingMessage) => {
      if (response.headers[SANDBOX_HEADER]) transport.sandbox = true;
      readRefusal(call.route, response, transport.upgradesStripped).then(done, done);
    };
    call.signal?.addEventListener("abort", aborted, { once: true });
    socket.on("error", failed);
    socket.on("unexpected-response", refused);
    socket.once("open", () => {
      socket.pause();
      done();
    });
  });
}

function addressOf(url: string, call: SocketCall): string {
  const query = call.query ? `?${new URLSearchParams(call.query)}` : "";
  return `${url.replace(/^http/, "ws")}${call.path}${query}`;
}

function proxyFor(transport: Transport): { agent?: HttpsProxyAgent<string> } {
  const agent = proxyAgent(transport, new URL(transport.url));
  return agent ? { agent } : {};
}

/** What goes through the proxy to this address; undefined where none is set, or it is bypassed. */
export function proxyAgent(transport: Transport, url: URL): HttpsProxyAgent<string> | undefined {
  const { proxy, noProxy } = transport.target.network;
  if (!proxy || bypasses(url.hostname, noProxy ?? "")) return undefined;
  return new HttpsProxyAgent(proxy);
}

/** `stripped`: it is known already that upgrades do not get through; then only coderd's own word says otherwise. */
async function readRefusal(
  route: string,
  response: import("node:http").IncomingMessage,
  stripped: boolean,
): Promise<CoderError> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of response) {
      size += (chunk as Buffer).length;
      if (size > 256 * 1024) break;
      chunks.push(chunk as Buffer);
    }
  } catch {
    // The status alone is enough.
  }
  response.destroy();
  const status = response.statusCode ?? 0;
  const text = Buffer.concat(chunks).toString("utf8");
  const isCoders = isOwnAnswer((name) => response.headers[name]);
  if (saysStripped(status, text) || (stripped && !isCoders)) {
    return new CoderError({
      kind: "upgrade_stripped",
      route,
      status,
      message: UPGRADES_STRIPPED,
      inFront: !isCoders,
    });
  }
  let body: unknown = text;
  try {
    body = JSON.parse(text);
  } catch {
    body = htmlReason(text) ?? text;
  }
  const requestId = response.headers["x-coder-request-id"];
  const failure = failureOf(route, status, body, {
    requestId: Array.isArray(requestId) ? requestId[0] : requestId,
    inFront: !isCoders,
  });
  return new CoderError(failure);
}
