import type { ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import type { PageError } from "./errors.ts";
import type { Flow } from "./flow.ts";

export type Headers = Record<string, string | string[]>;

/** A whole answer. */
export interface Answer {
  kind: "answer";
  status: number;
  headers: Headers;
  body: string | Buffer;
}

/** An answer that goes on (server-sent events). */
export interface Streamed {
  kind: "stream";
  headers: Headers;
  start(out: ServerResponse): void;
}

/** A WebSocket, accepted once the request is seen to ask for one. `tcp` is what it runs on. */
export interface Accepted {
  kind: "websocket";
  headers: Headers;
  /** The workspace's app speaks: compression and the Origin are its own business. */
  ofApp?: boolean;
  /** It carries a stream, whose messages may be of any size. */
  ofStream?: boolean;
  start(socket: WebSocket, tcp: Duplex, flow: Flow): void;
}

/** Another protocol by HTTP Upgrade: bytes both ways. */
export interface Upgraded {
  kind: "upgrade";
  protocol: string;
  start(tcp: Duplex, head: Buffer): void;
}

export type Reply = Answer | Streamed | Accepted | Upgraded;

/** JSON as Coder writes it: compact, with a newline at the end. */
export function json(body: unknown, status = 200, headers: Headers = {}): Answer {
  return {
    kind: "answer",
    status,
    headers: { "Content-Type": "application/json; charset=utf-8", ...headers },
    body: `${JSON.stringify(body)}\n`,
  };
}

export function created(body: unknown): Answer {
  return json(body, 201);
}

export function message(text: string, status = 200): Answer {
  return json({ message: text }, status);
}

export function text(body: string, status = 200, headers: Headers = {}): Answer {
  return {
    kind: "answer",
    status,
    headers: { "Content-Type": "text/plain; charset=utf-8", ...headers },
    body,
  };
}

export function html(body: string, status = 200): Answer {
  return { kind: "answer", status, headers: { "Content-Type": "text/html; charset=utf-8" }, body };
}

export function empty(status = 204, headers: Headers = {}): Answer {
  return { kind: "answer", status, headers, body: "" };
}

export function websocket(start: Accepted["start"], headers: Headers = {}): Accepted {
  return { kind: "websocket", headers, start };
}

export function streamSocket(start: Accepted["start"], headers: Headers = {}): Accepted {
  return { kind: "websocket", ofStream: true, headers, start };
}

export function errorPage(error: PageError): Answer {
  const warnings = error.warnings.length
    ? `<div class="warning"><h3>Warnings</h3><ul>${error.warnings.map((w) => `<li>${escapeHtml(w)}</li>`).join("")}</ul></div>`
    : "";
  // Only what may be better the next time can be tried again.
  const retry = error.status === 502 ? "<button>Retry</button>" : "";
  const heading = `${error.status} - ${error.title}`;
  return html(
    `<!doctype html>\n<html lang="en"><head><meta charset="UTF-8" /><title>${heading}</title></head>` +
      `<body><h1>${heading}</h1><p>${escapeHtml(error.message)}</p>${warnings}${retry}<a href="/">Back to site</a></body></html>\n`,
    error.status,
  );
}

function escapeHtml(raw: string): string {
  return raw.replace(/[&<>]/g, (c) => (c === "&" ? "&amp;" : c === "<" ? "&lt;" : "&gt;"));
}
