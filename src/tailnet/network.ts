import type { Agent, IncomingMessage } from "node:http";
import { WebSocket } from "ws";
import { type Message, say } from "../text/message.ts";
import { saidOf } from "../text/said-error.ts";
import { textOf } from "./errors.ts";

export interface TlsOptions {
  /** PEM certificates that are trusted; the built-in ones where this is left out. */
  ca?: string[];
  /** Of a client certificate. */
  cert?: string;
  key?: string;
  servername?: string;
}

/** How the deployment is reached through the network: whoever uses the tailnet resolves this. */
export interface Access {
  /** The deployment's address as given by the user, without a slash at the end. */
  url: string;
  /**
   * Sent to the deployment itself with every request, to its embedded relay and to those of its workspace proxies.
   * Read for every dial.
   */
  readonly headers: Readonly<Record<string, string>>;
  /**
   * Something in front of the deployment or of one of its relays has refused these headers. True where there are
   * others now: it is dialled again.
   */
  refusedInFront?(status: number, used: Readonly<Record<string, string>>): Promise<boolean>;
  /**
   * Sent to the coordinator in addition: who we are. The relay needs no credential, and gets none. Read for every
   * dial, so that a connection which is dialled again has the newest.
   */
  readonly credentials: Readonly<Record<string, string>>;
  /** They were refused. True where there are others, or will be when `before` resolves: it is dialled again. */
  refused?(): Promise<boolean>;
  /** For TLS to the deployment; relays elsewhere get the trusted certificates only. */
  tls?: TlsOptions;
  /** What goes through a proxy to this address; undefined means straight there. */
  agentFor?(url: URL): Agent | undefined;
  /** Waits for a place under the deployment's rate limit, and counts the request. */
  before?(path: string): Promise<void>;
}

const HANDSHAKE_TIMEOUT_MS = 30_000;
const MAX_BODY = 64 * 1024;

/** The server answered, but not with an upgrade. */
export class UpgradeRefused extends Error {
  override readonly name = "UpgradeRefused";
  readonly status: number;
  /** Names of the request's fields that the server found fault with. */
  readonly fields: readonly string[];
  /** Something in front of the server has refused it. */
  readonly inFront: boolean;

  constructor(status: number, message: string, fields: readonly string[], inFront = false) {
    super(message);
    this.status = status;
    this.fields = fields;
    this.inFront = inFront;
  }
}

export interface Address {
  url: string;
  protocol?: string;
  headers: Readonly<Record<string, string>>;
  tls?: TlsOptions | undefined;
}

/** Opens a WebSocket without compression. Rejects with UpgradeRefused, the network's error, or the signal's reason. */
export function openWebSocket(access: Access, address: Address, signal: AbortSignal): Promise<WebSocket> {
  const agent = access.agentFor?.(new URL(address.url));
  const socket = new WebSocket(
    address.url.replace(/^http/, "ws"),
    address.protocol === undefined ? [] : [address.protocol],
    {
      headers: { ...address.headers },
      perMessageDeflate: false,
      handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
      maxPayload: 4 * 1024 * 1024,
      ...address.tls,
      ...(agent ? { agent } : {}),
    },
  );
  socket.binaryType = "nodebuffer";
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) => {
      signal.removeEventListener("abort", aborted);
      socket.removeAllListeners("open");
      socket.on("error", () => undefined);
      socket.terminate();
      reject(error);
    };
    const aborted = () => fail(signal.reason);
    socket.once("error", fail);
    socket.once("unexpected-response", (_request, response) => {
      void readRefusal(response).then(fail);
    });
    socket.once("open", () => {
      signal.removeEventListener("abort", aborted);
      socket.off("error", fail);
      // What comes with the handshake waits for the caller's listeners.
      socket.pause();
      resolve(socket);
    });
    if (signal.aborted) return aborted();
    signal.addEventListener("abort", aborted, { once: true });
  });
}

async function readRefusal(response: IncomingMessage): Promise<UpgradeRefused> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of response) {
      size += (chunk as Buffer).length;
      if (size > MAX_BODY) break;
      chunks.push(chunk as Buffer);
    }
  } catch {
    // The status alone is enough.
  }
  response.destroy();
  return refusalOf(response.statusCode ?? 0, Buffer.concat(chunks).toString("utf8"), isInFront(response));
}

/** coderd and its workspace proxies name their version with every answer. */
export function isInFront({ headers }: IncomingMessage): boolean {
  return headers["x-coder-build-version"] === undefined && headers["x-coder-request-id"] === undefined;
}

/** Makes an error of a refused upgrade's status and body, which is Coder's JSON or anything else. */
export function refusalOf(status: number, body: string, inFront = false): UpgradeRefused {
  let told: { message?: unknown; validations?: unknown } = {};
  try {
    told = (JSON.parse(body) ?? {}) as typeof told;
  } catch {
    // HTML, or nothing.
  }
  const problems = Array.isArray(told.validations) ? told.validations : [];
  const fields = problems.map((one: { field?: unknown }) => String(one?.field ?? ""));
  const details = problems.map((one: { detail?: unknown }) => String(one?.detail ?? "")).filter(Boolean);
  const words = typeof told.message === "string" ? [told.message, ...details].join(": ") : "";
  return new UpgradeRefused(status, words || `status ${status}`, fields, inFront);
}

/** Delay before the next try: from `first` milliseconds doubling to `most`, with up to a quarter of chance. */
export function backoff(attempt: number, first: number, most: number): number {
  return Math.min(most, first * 2 ** Math.min(attempt, 16)) * (0.75 + Math.random() / 4);
}

/** One line of what went wrong below, for a longer message. */
export function reasonOf(error: unknown): Message {
  const cause: unknown = error instanceof AggregateError ? error.errors[0] : error;
  return textOf(cause) === "" ? say("the connection failed") : saidOf(cause);
}
