import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { type AddressInfo, createServer as createTcpServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { WebSocket } from "ws";
import { OPCODE } from "../../../src/wire/frames.ts";
import { WireRefused } from "../../../src/wire/socket.ts";
import { connectProxy, type Other, open, other, say } from "./support.ts";

const open_: Other[] = [];
afterEach(async () => {
  for (const one of open_.splice(0)) await one.close();
});
async function serving(...args: Parameters<typeof other>): Promise<Other> {
  const made = await other(...args);
  open_.push(made);
  return made;
}
const echo = (socket: WebSocket) =>
  socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));

describe("messages", () => {
  it("come back byte by byte at every size where the header changes its form", async () => {
    const { url } = await serving(echo);
    const wire = await open({ url });
    let expected = Buffer.alloc(0);
    for (const size of [0, 1, 2, 3, 124, 125, 126, 127, 1_024, 65_535, 65_536, 200_001]) {
      const payload = Buffer.alloc(size, `${size}-`);
      say(wire, payload);
      expected = Buffer.concat([expected, payload]);
      expect((await wire.until(expected.length)).equals(expected)).toBe(true);
    }
  });

  it("are masked, each with another mask", async () => {
    const raw: Buffer[] = [];
    const { url } = await serving((socket, tcp) => {
      // Copied, and before ws unmasks it in place.
      tcp.prependListener("data", (bytes) => raw.push(Buffer.from(bytes)));
      echo(socket);
    });
    const wire = await open({ url });
    for (let index = 0; index < 20; index++) say(wire, Buffer.alloc(8));
    await wire.until(160);
    const sent = Buffer.concat(raw);
    const masks = new Set<string>();
    for (let at = 0; at < sent.length; at += 14) {
      expect(sent[at + 1]).toBe(0x80 | 8);
      masks.add(sent.toString("hex", at + 2, at + 6));
      // A payload of zeros is the mask itself.
      expect(sent.toString("hex", at + 6, at + 10)).toBe(sent.toString("hex", at + 2, at + 6));
    }
    expect(masks.size).toBe(20);
  });

  it("a frame that the system has not taken is not overwritten by the next", async () => {
    let resume: () => void = () => undefined;
    const { url } = await serving((socket, tcp) => {
      tcp.pause();
      resume = () => void tcp.resume();
      echo(socket);
    });
    const wire = await open({ url });
    const parts: Buffer[] = [];
    while (wire.wire.backlog < 1_000_000) {
      const payload = Buffer.alloc(100_000, String.fromCharCode(65 + (parts.length % 26)));
      parts.push(payload);
      say(wire, payload);
    }
    resume();
    const all = Buffer.concat(parts);
    expect((await wire.until(all.length)).equals(all)).toBe(true);
    expect(wire.wire.backlog).toBe(0);
  });

  it("of the server may be fragmented, with pings in between, which are answered", async () => {
    const pongs: string[] = [];
    const { url } = await serving((socket) => {
      socket.on("pong", (data) => pongs.push(String(data)));
      socket.send("one ", { fin: false });
      socket.ping("first");
      socket.send("two ", { fin: false });
      socket.ping("");
      socket.send("three", { fin: true });
    });
    const wire = await open({ url });
    expect(String(await wire.until(13))).toBe("one two three");
    say(wire, Buffer.from("x"));
    await expect.poll(() => pongs).toEqual(["first", ""]);
  });

  it("that come with the handshake are not lost", async () => {
    const { url } = await serving((socket) => socket.send("at once"));
    for (let round = 0; round < 20; round++) {
      const wire = await open({ url });
      expect(String(await wire.until(7))).toBe("at once");
      wire.wire.destroy();
    }
  });

  it("of text keep their opcode", async () => {
    const kinds: boolean[] = [];
    const { url } = await serving((socket) =>
      socket.on("message", (_data, isBinary) => kinds.push(isBinary)),
    );
    const wire = await open({ url });
    say(wire, Buffer.from("text"), OPCODE.text);
    say(wire, Buffer.from("bytes"));
    await expect.poll(() => kinds).toEqual([false, true]);
  });
});

describe("the end", () => {
  it("of the server's choice comes with its code and reason, and is answered", async () => {
    let answered: number | undefined;
    const { url } = await serving((socket) => {
      socket.on("close", (code) => {
        answered = code;
      });
      socket.close(4001, "app says bye");
    });
    const wire = await open({ url });
    expect(await wire.ended).toEqual({ code: 4001, reason: "app says bye" });
    await expect.poll(() => answered).toBe(4001);
    expect(say(wire, Buffer.from("too late"))).toBe(0);
  });

  it("without a close frame is 1006, without a code 1005", async () => {
    const dropped = await open({ url: (await serving((_socket, tcp) => tcp.end())).url });
    expect(await dropped.ended).toEqual({ code: 1006, reason: "" });
    const silent = await open({ url: (await serving((socket) => socket.close())).url });
    expect((await silent.ended).code).toBe(1005);
  });

  it("by a reset names it", async () => {
    const resetting = (socket: WebSocket, tcp: Socket) =>
      void socket.on("message", () => tcp.resetAndDestroy());
    const wire = await open({ url: (await serving(resetting)).url });
    say(wire, Buffer.from("x"));
    const end = await wire.ended;
    expect(end.code).toBe(1006);
    expect((end.error as NodeJS.ErrnoException).code).toBe("ECONNRESET");
  });

  it("of our choice reaches the server as a close frame", async () => {
    let seen: number | undefined;
    const { url } = await serving((socket) =>
      socket.on("close", (code) => {
        seen = code;
      }),
    );
    const wire = await open({ url });
    wire.wire.close(1000);
    await wire.ended;
    await expect.poll(() => seen).toBe(1000);
  });

  it("comes in time where the server does not answer our good-bye", async () => {
    const { url } = await serving((_socket, tcp) => void tcp.pause());
    const wire = await open({ url });
    wire.wire.close(1000);
    expect((await wire.ended).code).toBe(1006);
  });

  it("of a server that breaks the protocol names what it did", async () => {
    const { url } = await serving((_socket, tcp) => tcp.write(Buffer.of(0x82, 0x81, 0, 0, 0, 0, 65)));
    const wire = await open({ url });
    expect((await wire.ended).error?.message).toBe("a server must not mask");
  });
});

describe("the way there", () => {
  it("asks for what was asked, with the headers given, none of which can begin another", async () => {
    let url = "";
    let headers: Record<string, unknown> = {};
    const made = await serving(echo);
    made.server.on("upgrade", (request) => {
      url = request.url ?? "";
      headers = request.headers;
    });
    await open({ url: made.url, headers: { Cookie: "coder_session_token=abc", "X-Odd": "a\r\nX-Bad: b" } });
    expect(url).toBe("/echo?a=b");
    expect(headers).toMatchObject({ cookie: "coder_session_token=abc", "x-odd": "a X-Bad: b" });
    expect(headers).not.toHaveProperty("x-bad");
    expect(headers).not.toHaveProperty("sec-websocket-extensions");
  });

  it("a refusal has its status, headers and body, however it is sent", async () => {
    const server = createServer();
    server.on("upgrade", (request, socket) => {
      if (request.url === "/chunked")
        socket.write("HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nno!\r\n0\r\n\r\n");
      else if (request.url === "/length")
        socket.write(
          "HTTP/1.1 502 Bad Gateway\r\nX-Coder-Request-Id: r1\r\nContent-Length: 7\r\n\r\noffline",
        );
      else socket.end("HTTP/1.1 303 See Other\r\nLocation: /login\r\n\r\nuntil the end");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const base = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const refusal = async (at: string) => {
      const error: unknown = await open({ url: base + at }).catch((thrown: unknown) => thrown);
      if (!(error instanceof WireRefused)) throw error;
      return error;
    };
    expect(await refusal("/length")).toMatchObject({ status: 502, body: "offline" });
    expect((await refusal("/length")).headers.get("x-coder-request-id")).toBe("r1");
    expect((await refusal("/chunked")).body).toContain("no!");
    expect(await refusal("/end")).toMatchObject({ status: 303, body: "until the end" });
    server.closeAllConnections();
    server.close();
  });

  it("fails with one line where nothing answers, nothing comes, or it is no HTTP", async () => {
    await expect(open({ url: "ws://127.0.0.1:1/" })).rejects.toThrow("ECONNREFUSED");
    const silent = createTcpServer(() => undefined);
    const ssh = createTcpServer((socket) => socket.write("SSH-2.0-Go\r\n\r\n\r\n"));
    const ports = await Promise.all(
      [silent, ssh].map(
        (server) =>
          new Promise<number>((resolve) =>
            server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port)),
          ),
      ),
    );
    await expect(open({ url: `ws://127.0.0.1:${ports[0]}/`, timeoutMs: 50 })).rejects.toThrow(
      "no answer in time",
    );
    await expect(open({ url: `ws://127.0.0.1:${ports[1]}/` })).rejects.toThrow("does not answer in HTTP");
    const stop = new AbortController();
    const opening = open({ url: `ws://127.0.0.1:${ports[0]}/`, signal: stop.signal });
    stop.abort(new Error("stopped"));
    await expect(opening).rejects.toThrow("stopped");
    silent.close();
    ssh.close();
  });
});

describe("TLS and proxies", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "wire-tls-"));
  let pem = { key: "", cert: "" };
  beforeAll(() => {
    const key = path.join(folder, "key.pem");
    const cert = path.join(folder, "cert.pem");
    execFileSync("openssl", [
      ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"],
      ...["-keyout", key, "-out", cert, "-days", "2", "-subj", "/CN=localhost"],
      ...["-addext", "subjectAltName=DNS:localhost"],
    ]);
    pem = { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") };
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const payload = Buffer.alloc(300_000, "0123456789");

  it("speaks TLS to a server whose certificate it trusts, and to no other", async () => {
    const { url } = await serving(echo, createSecureServer(pem), "wss");
    const wire = await open({ url, tls: { ca: [pem.cert] } });
    say(wire, payload);
    expect((await wire.until(payload.length)).equals(payload)).toBe(true);
    await expect(open({ url })).rejects.toThrow(/self.signed/i);
  });

  it.each([
    ["ws", false],
    ["wss", true],
  ])("goes through a CONNECT proxy with %s", async (scheme, secure) => {
    const { url } = await serving(echo, secure ? createSecureServer(pem) : createServer(), scheme);
    const proxy = connectProxy();
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    const at = `http://user:p%40ss@127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const wire = await open({ url, proxy: at, tls: { ca: [pem.cert] } });
    say(wire, payload);
    expect((await wire.until(payload.length)).equals(payload)).toBe(true);
    expect(proxy.asked).toEqual([new URL(url).host]);
    expect(proxy.authorization).toEqual([`Basic ${Buffer.from("user:p@ss").toString("base64")}`]);
    wire.wire.destroy();
    proxy.closeAllConnections();
    proxy.close();
  });

  it("says so where the proxy refuses", async () => {
    const proxy = createServer();
    proxy.on("connect", (_request, socket) => socket.end("HTTP/1.1 403 Forbidden\r\n\r\n"));
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    const at = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    await expect(open({ url: "ws://example.test/", proxy: at })).rejects.toThrow(
      "the proxy refuses (status 403)",
    );
    proxy.close();
  });
});
