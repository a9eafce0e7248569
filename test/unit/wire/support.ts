import { createServer, type Server as HttpServer } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import { FrameWriter } from "../../../src/wire/frames.ts";
import { openWire, type WireEnd, type WireOptions, type WireSocket } from "../../../src/wire/socket.ts";

/** The other side of every test: the ws package. */
export interface Other {
  url: string;
  server: HttpServer;
  sockets: Set<Socket>;
  close(): Promise<void>;
}

export async function other(
  serve: (socket: WebSocket, tcp: Socket) => void,
  server: HttpServer = createServer(),
  scheme = "ws",
): Promise<Other> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => sockets.delete(socket));
  });
  const webSockets = new WebSocketServer({ server, maxPayload: 0 });
  webSockets.on("connection", (socket, request) => {
    socket.on("error", () => undefined);
    serve(socket, request.socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `${scheme}://localhost:${(server.address() as AddressInfo).port}/echo?a=b`,
    server,
    sockets,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

export interface Opened {
  wire: WireSocket;
  writer: FrameWriter;
  received(): Buffer;
  /** Resolves when `bytes` have come in all. */
  until(bytes: number): Promise<Buffer>;
  ended: Promise<WireEnd>;
}

/** A wire that keeps what it gets. */
export async function open(options: Partial<WireOptions> & { url: string }): Promise<Opened> {
  const writer = options.writer ?? new FrameWriter(1024);
  const chunks: Buffer[] = [];
  let total = 0;
  let look: () => void = () => undefined;
  let onEnd: (end: WireEnd) => void = () => undefined;
  const ended = new Promise<WireEnd>((resolve) => {
    onEnd = resolve;
  });
  const wire = await openWire({
    ...options,
    writer,
    onData: (bytes, start, end) => {
      chunks.push(Buffer.from(bytes.subarray(start, end)));
      total += end - start;
      look();
    },
    onEnd: (end) => onEnd(end),
  });
  const received = () => Buffer.concat(chunks);
  return {
    wire,
    writer,
    received,
    ended,
    until: (bytes) =>
      new Promise((resolve) => {
        look = () => {
          if (total >= bytes) resolve(received());
        };
        look();
      }),
  };
}

export function say(opened: Opened, payload: Buffer, opcode?: number): number {
  payload.copy(opened.writer.payload(payload.length));
  return opened.wire.send(payload.length, opcode);
}

/** A proxy that knows CONNECT only. */
export function connectProxy(): HttpServer & { asked: string[]; authorization: (string | undefined)[] } {
  const server = Object.assign(createServer(), {
    asked: [] as string[],
    authorization: [] as (string | undefined)[],
  });
  server.on("connect", (request, client, head) => {
    server.asked.push(request.url ?? "");
    server.authorization.push(request.headers["proxy-authorization"]);
    const [host = "", port = ""] = (request.url ?? "").split(":");
    const upstream = connect(Number(port), host, () => {
      client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      upstream.write(head);
      upstream.pipe(client);
      client.pipe(upstream);
    });
    const end = () => {
      client.destroy();
      upstream.destroy();
    };
    client.on("error", end);
    upstream.on("error", end);
    client.on("close", end);
  });
  return server;
}
