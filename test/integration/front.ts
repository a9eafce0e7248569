import {
  createServer as createHttp,
  request as httpRequest,
  type IncomingMessage,
  type Server,
} from "node:http";
import { createServer as createHttps } from "node:https";
import { type AddressInfo, connect, type Socket } from "node:net";

export interface Front {
  url: string;
  /** Connections that were upgraded, by path. */
  upgrades: { path: string; protocol: string; token: string | undefined; secure: boolean }[];
  /** Ends all upgraded connections whose path begins with this. */
  cut(path: string): void;
  close(): Promise<void>;
}

export interface FrontOptions {
  /** A status to answer instead of passing the request on. */
  refuse?: (request: IncomingMessage) => number | undefined;
  tls?: { key: string; cert: string };
  /** Upgrades reach the deployment as plain requests, as from a proxy that drops hop-by-hop headers. */
  strip?: boolean;
  /** What comes instead of a refused upgrade. */
  page?: string;
}

function passPlainly(
  request: IncomingMessage,
  socket: Socket,
  backend: { host: string; port: number },
): void {
  const isHop = (name: string) =>
    name === "upgrade" || name === "connection" || name.startsWith("sec-websocket");
  const headers = Object.fromEntries(Object.entries(request.headers).filter(([name]) => !isHop(name)));
  socket.on("error", () => socket.destroy());
  const onward = httpRequest({ ...backend, method: "GET", path: request.url, headers }, (answer) => {
    const lines = Object.entries(answer.headers).map(([name, value]) => `${name}: ${value}`);
    socket.write(`HTTP/1.1 ${answer.statusCode} X\r\n${lines.join("\r\n")}\r\n\r\n`);
    answer.pipe(socket);
  });
  onward.on("error", () => socket.destroy());
  onward.end();
}

/** Something that stands before the sandbox and passes on what it does not refuse. */
export async function startFront(behind: string, options: FrontOptions = {}): Promise<Front> {
  const backend = { host: "127.0.0.1", port: Number(new URL(behind).port) };
  const server: Server = options.tls ? createHttps(options.tls) : createHttp();
  const upgraded = new Map<Socket, string>();
  const all = new Set<Socket>();
  const upgrades: Front["upgrades"] = [];
  server.on("connection", (socket) => {
    all.add(socket);
    socket.on("close", () => all.delete(socket));
  });
  server.on("request", (request, response) => {
    const refused = options.refuse?.(request);
    if (refused) return void response.writeHead(refused).end("Route not found.");
    const { method, url, headers } = request;
    const onward = httpRequest({ ...backend, method, path: url, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    onward.on("error", () => response.destroy());
    request.pipe(onward);
  });
  server.on("upgrade", (request, socket: Socket, head) => {
    const refused = options.refuse?.(request);
    const { page = "" } = options;
    if (refused)
      return void socket.end(
        `HTTP/1.1 ${refused} Refused\r\nContent-Type: text/html\r\nContent-Length: ${page.length}\r\n\r\n${page}`,
      );
    if (options.strip) return passPlainly(request, socket, backend);
    const token = request.headers["coder-session-token"];
    upgrades.push({
      path: request.url ?? "",
      protocol: request.headers.upgrade ?? "",
      token: typeof token === "string" ? token : undefined,
      secure: options.tls !== undefined,
    });
    upgraded.set(socket, request.url ?? "");
    const onward = connect(backend, () => {
      const lines = [`${request.method} ${request.url} HTTP/1.1`];
      for (let at = 0; at < request.rawHeaders.length; at += 2)
        lines.push(`${request.rawHeaders[at]}: ${request.rawHeaders[at + 1]}`);
      onward.write(`${lines.join("\r\n")}\r\n\r\n`);
      onward.write(head);
      onward.pipe(socket).pipe(onward);
    });
    for (const [one, other] of [
      [socket, onward],
      [onward, socket],
    ] as const) {
      one.on("error", () => one.destroy());
      one.on("close", () => other.destroy());
    }
    socket.on("close", () => upgraded.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: options.tls ? `https://localhost:${port}` : `http://127.0.0.1:${port}`,
    upgrades,
    cut: (path) => {
      for (const [socket, of] of upgraded) if (of.startsWith(path)) socket.destroy();
    },
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of all) socket.destroy();
      await closed;
    },
  };
}
