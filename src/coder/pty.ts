import { randomUUID } from "node:crypto";
import type { WebSocket } from "ws";
import type { CoderClient } from "./client.ts";
import { openSocket } from "./sockets.ts";

export interface PtyOptions {
  agentId: string;
  /** Runs as `<login shell> -c <command>` in the workspace; empty is the login shell itself. */
  command: string;
  width?: number;
  height?: number;
  /** The same id is the same process, for as long as it lives (docs/coder-api.md, Web terminal). */
  reconnect?: string;
  signal?: AbortSignal;
}

export interface PtyEnd {
  /** 1006: TCP ended without a close frame, which is how a finished process looks (docs/coder-api.md, Web terminal). */
  code: number;
  reason: string;
}

/** A web terminal. Output is a stream of bytes: frame boundaries mean nothing. */
export class Pty {
  #socket: WebSocket;
  readonly ended: Promise<PtyEnd>;

  constructor(socket: WebSocket, onData: (bytes: Buffer) => void) {
    this.#socket = socket;
    this.ended = new Promise((resolve) => {
      socket.on("close", (code, reason) => resolve({ code, reason: reason.toString("utf8") }));
    });
    socket.on("error", () => undefined);
    socket.on("message", (data) => onData(data as Buffer));
    socket.resume();
  }

  /** Types into the terminal. Always a binary frame: a text frame would close it with 1003. */
  write(data: string): void {
    this.#socket.send(Buffer.from(JSON.stringify({ data })), { binary: true });
  }

  /** The process lives on for five minutes. */
  close(): void {
    this.#socket.close(1000);
    setTimeout(() => this.#socket.terminate(), 1_000).unref();
  }
}

/** Opens a web terminal as the client's user. Throws CoderError; output may come before this resolves. */
export async function openPty(
  client: CoderClient,
  options: PtyOptions,
  onData: (bytes: Buffer) => void,
): Promise<Pty> {
  const socket = await openSocket(client.transport, {
    path: `/api/v2/workspaceagents/${options.agentId}/pty`,
    query: {
      reconnect: options.reconnect ?? randomUUID(),
      width: String(options.width ?? 80),
      height: String(options.height ?? 24),
      command: options.command,
      // An agent that finds GNU screen would mix screen's own sequences in.
      backend_type: "buffered",
    },
    route: "GET /api/v2/workspaceagents/{agent}/pty",
    hidden: true,
    token: client.token,
    subject: client.subject,
    ...(options.signal ? { signal: options.signal } : {}),
  });
  return new Pty(socket, onData);
}
