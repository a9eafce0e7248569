import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { type AddressInfo, createServer as createTcp, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { CoderClient } from "../../src/coder/client.ts";
import { CoderError } from "../../src/coder/errors.ts";
import { openPty } from "../../src/coder/pty.ts";
import { watchBySse } from "../../src/coder/watch-sse.ts";

const TOKEN = "abcdefghij-abcdefghijklmnopqrstuv";
const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

async function listen(handler: RequestListener): Promise<string> {
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  open.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Takes connections and never says a word. */
async function mute(): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createTcp((socket) => sockets.add(socket.on("error", () => undefined)));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  open.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function clientOf(url: string): CoderClient {
  const client = new CoderClient({ url, token: TOKEN, network: {} });
  open.push(() => client.close());
  return client;
}

async function failure(work: Promise<unknown>): Promise<CoderError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof CoderError) return error;
  throw new Error(`not a failure of the deployment: ${error}`);
}

const json = (response: ServerResponse, body: string) =>
  response.writeHead(200, { "content-type": "application/json" }).end(body);
const quick = { retries: 0, timeoutMs: 2_000 };

describe("a server that means no good", () => {
  it("a body of a gigabyte is not read to its end", async () => {
    let sent = 0;
    const url = await listen((_request, response) => {
      response.writeHead(200, { "content-type": "application/json" });
      const chunk = Buffer.alloc(1024 * 1024, 0x20);
      const more = () => {
        while (!response.destroyed && sent < 1024 * 1024 * 1024) {
          sent += chunk.length;
          if (!response.write(chunk)) return void response.once("drain", more);
        }
      };
      more();
    });
    const error = await failure(clientOf(url).buildInfo(quick));
    expect(error.message).toMatch(/larger than 16 MiB/);
    expect(sent).toBeLessThan(128 * 1024 * 1024);
  });

  it("an answer that never ends, a byte at a time, runs into its time limit", async () => {
    const url = await listen((_request, response) => {
      response.writeHead(200, { "content-type": "application/json" });
      response.write("{");
    });
    expect((await failure(clientOf(url).buildInfo({ retries: 0, timeoutMs: 500 }))).failure.kind).toBe(
      "timeout",
    );
  });

  it("silence is given up when patience ends, of a proxy too, and a body that drips", async () => {
    const silent = await listen(() => undefined);
    const dripping = await listen((_request, response) => {
      response.writeHead(200, { "content-type": "application/json" });
      const timer = setInterval(() => response.write(" "), 20);
      response.once("close", () => clearInterval(timer));
    });
    const behind = new CoderClient({
      url: "https://coder.example.com",
      token: TOKEN,
      network: { proxy: await mute() },
    });
    open.push(() => behind.close());
    for (const client of [clientOf(silent), clientOf(dripping), behind]) {
      client.transport.patienceMs = 300;
      const began = Date.now();
      const error = await failure(client.buildInfo({ timeoutMs: 200 }));
      expect(error.failure.kind).toBe("timeout");
      expect(Date.now() - began).toBeLessThan(2_000);
    }
  });

  it.each([
    ["no JSON", "not json at all"],
    ["half of it", '{"version": "v2.26'],
    ["another shape", '{"version": 7}'],
    ["a list", "[]"],
    ["null", "null"],
    ["deeply nested", `${"[".repeat(5_000)}${"]".repeat(5_000)}`],
  ])("%s is told as such, with the route", async (_what, body) => {
    const url = await listen((_request, response) => json(response, body));
    const error = await failure(clientOf(url).buildInfo(quick));
    expect(error.failure.kind).toBe("unexpected");
    expect(error.message).toContain("GET /api/v2/buildinfo");
  });

  it("a redirect is not followed, and the token goes nowhere else", async () => {
    const asked: IncomingMessage["headers"][] = [];
    const other = await listen((request, response) => {
      asked.push(request.headers);
      json(response, '{"version":"v2.26.0"}');
    });
    const url = await listen((request, response) =>
      response.writeHead(307, { location: `${other}${request.url}` }).end(),
    );
    const error = await failure(clientOf(url).me(quick));
    expect(error.message).toMatch(/redirects to/);
    expect(asked).toEqual([]);
  });

  it("escape sequences and HTML in its texts become one plain line", async () => {
    const url = await listen((_request, response) =>
      response
        .writeHead(400, { "content-type": "application/json" })
        .end(
          JSON.stringify({ message: "\u001b[31mred\u001b[0m\r\n<script>alert(1)</script>", detail: "a\nb" }),
        ),
    );
    const { message } = await failure(clientOf(url).me(quick));
    expect(message).not.toMatch(/[\u0000-\u001f]/);
    expect(message).toContain("<script>");
  });

  it("an event that does not end is given up", async () => {
    const url = await listen((_request, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      const chunk = "x".repeat(1024 * 1024);
      const more = () => {
        while (!response.destroyed) if (!response.write(chunk)) return void response.once("drain", more);
      };
      more();
    });
    const watching = watchBySse(
      clientOf(url),
      "w",
      { offer: () => undefined, heard: () => undefined },
      AbortSignal.timeout(20_000),
    );
    await expect(watching).rejects.toThrow(/does not end/);
  });

  it("a refused terminal with an endless page is a refusal all the same", async () => {
    const url = await listen(() => undefined);
    const server = createServer();
    server.on("upgrade", (_request, socket: Socket) => {
      socket.on("error", () => undefined);
      socket.write("HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\n\r\n");
      const more = () => {
        while (!socket.destroyed)
          if (!socket.write("<p>".repeat(10_000))) return void socket.once("drain", more);
      };
      more();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    open.push(async () => {
      server.closeAllConnections();
      server.close();
    });
    expect(url).toBeDefined();
    const client = clientOf(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    expect(
      (await failure(openPty(client, { agentId: "a", command: "x" }, () => undefined))).failure.kind,
    ).toBe("not_found");
  });
});
