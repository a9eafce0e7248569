import { WebSocket } from "ws";
import { eventually } from "./replay.ts";

/** A recorded frame of a terminal. */
export interface Frame {
  dir: "in" | "out" | "note";
  opcode?: string;
  bytes?: number;
  text?: string;
  close_code?: number;
  reason?: string;
}

/** A terminal as a client sees it: everything that came, and how it ended. */
export class TerminalClient {
  readonly socket: WebSocket;
  /** Bytes, one a character. */
  text = "";
  /** Lengths of the frames that came. */
  frames: number[] = [];
  readonly pings: string[] = [];
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly opened: Promise<void>;
  /** Set when it ends. */
  end: { code: number; reason: string } | undefined;

  constructor(
    at: { url: string; agentId: string; headers: Record<string, string> },
    query: string,
    options: { autoPong?: boolean } = {},
  ) {
    const url = `${at.url.replace("http", "ws")}/api/v2/workspaceagents/${at.agentId}/pty?${query}`;
    this.socket = new WebSocket(url, { headers: at.headers, perMessageDeflate: true, ...options });
    this.socket.on("message", (data) => {
      const bytes = data as Buffer;
      this.text += bytes.toString("latin1");
      this.frames.push(bytes.length);
    });
    this.socket.on("ping", (data) => this.pings.push(String(data)));
    this.opened = new Promise((resolve, reject) => {
      this.socket.on("open", () => resolve());
      this.socket.on("error", reject);
    });
    // Whoever waits for the end only is not told of a refusal.
    this.opened.catch(() => undefined);
    this.closed = new Promise((resolve) => {
      this.socket.on("close", (code, reason) => {
        this.end = { code, reason: reason.toString() };
        resolve(this.end);
      });
    });
  }

  /** What came, as UTF-8. */
  get output(): string {
    return Buffer.from(this.text, "latin1").toString("utf8");
  }

  json(message: unknown): void {
    this.socket.send(Buffer.from(JSON.stringify(message)));
  }

  async until(output: string): Promise<void> {
    await eventually(
      () => this.output.includes(output) || undefined,
      `${JSON.stringify(output)} in ${JSON.stringify(this.output)}`,
    );
  }

  /** A ping of ours is answered after everything that was sent before it. */
  async settled(): Promise<void> {
    const answered = new Promise((resolve) => this.socket.once("pong", resolve));
    this.socket.ping();
    await answered;
  }

  /** The status with which the upgrade was refused. */
  refused(): Promise<number | undefined> {
    return new Promise((resolve) => {
      this.socket.on("unexpected-response", (_request, response) => {
        response.resume();
        resolve(response.statusCode);
      });
    });
  }
}

/** How the server ended a recorded socket. */
export function recordedEnd(frames: readonly Frame[]): { code: number | undefined; reason: string } {
  const last = frames.findLast((frame) => frame.opcode === "close" && frame.dir === "in");
  return { code: last?.close_code, reason: last?.reason ?? "" };
}
