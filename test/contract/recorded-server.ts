import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import type { Exchange } from "./replay.ts";

export interface RecordedSocket {
  request: { path: string };
  upgrade: { status: number; headers?: Record<string, unknown>; body?: unknown };
  frames?: {
    dir: "in" | "out" | "note";
    opcode?: string;
    text?: string;
    base64?: string;
    close_code?: number;
    reason?: string;
  }[];
}

/** A server that can only say what a real one was recorded to say. */
export class RecordedServer {
  readonly url: string;
  /** What it was asked, as `POST /path` with the body. */
  readonly asked: { line: string; body: unknown; headers: IncomingMessage["headers"] }[] = [];
  #close: () => Promise<void>;

  private constructor(url: string, close: () => Promise<void>) {
    this.url = url;
    this.#close = close;
  }

  static async start(
    exchanges: readonly Exchange[],
    sockets: readonly RecordedSocket[] = [],
  ): Promise<RecordedServer> {
    const server = createServer((request, response) => void answer(request, response));
    const acceptor = new WebSocketServer({ noServer: true, perMessageDeflate: false });
    server.on("upgrade", (request, socket, head) => {
      const found = sockets.find((one) => one.request.path === pathOf(request));
      if (found?.upgrade.status !== 101) {
        const body =
          typeof found?.upgrade.body === "string"
            ? found.upgrade.body
            : JSON.stringify(found?.upgrade.body ?? {});
        socket.end(
          `HTTP/1.1 ${found?.upgrade.status ?? 404} Refused\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
        );
        return;
      }
      acceptor.handleUpgrade(request, socket, head, (ws) => play(ws, found));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const recorded = new RecordedServer(`http://127.0.0.1:${port}`, async () => {
      for (const client of acceptor.clients) client.terminate();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });

    async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const text = Buffer.concat(chunks).toString();
      recorded.asked.push({
        line: `${request.method} ${request.url}`,
        body: text ? JSON.parse(text) : undefined,
        headers: request.headers,
      });
      const found = exchanges.find(
        (one) => one.request.method === request.method && one.request.path === pathOf(request),
      );
      if (!found) {
        response.writeHead(599).end(`no recording for ${request.method} ${request.url}`);
        return;
      }
      const { status, headers, body } = found.response;
      for (const [name, value] of Object.entries(headers)) {
        // What was cut out of a recorded value is marked by a character that no header may hold.
        const sendable = typeof value !== "string" || /^[\x20-\x7e]*$/.test(value);
        if (sendable && !/content-length|content-encoding|transfer-encoding|connection/i.test(name)) {
          response.setHeader(name, value as string);
        }
      }
      response.writeHead(status).end(typeof body === "string" ? body : JSON.stringify(body));
    }
    return recorded;
  }

  close(): Promise<void> {
    return this.#close();
  }
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? "").split("?")[0] ?? "";
}

/** Sends what came in, in its order; a recorded 1006 is an end of TCP without a close frame. */
function play(ws: WebSocket, recording: RecordedSocket): void {
  for (const frame of recording.frames ?? []) {
    if (frame.dir !== "in") continue;
    const bytes =
      frame.base64 === undefined ? Buffer.from(frame.text ?? "") : Buffer.from(frame.base64, "base64");
    if (frame.opcode === "text") ws.send(bytes.toString());
    else if (frame.opcode === "binary") ws.send(bytes, { binary: true });
    else if (frame.opcode === "ping") ws.ping();
    else if (frame.opcode === "close" && frame.close_code === 1006) setImmediate(() => ws.terminate());
    else if (frame.opcode === "close")
      ws.close(frame.close_code === 1005 ? undefined : frame.close_code, frame.reason);
  }
}
