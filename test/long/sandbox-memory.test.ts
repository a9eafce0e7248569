import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { connect, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { WebSocket } from "ws";
import { eventually, send } from "../contract/replay.ts";

const MIB = 1024 * 1024;
/** By how much the sandbox's own process may grow at its highest, whatever is sent. Each test sends more. */
const MOST_GROWTH = 384 * MIB;
const SERVE = fileURLToPath(new URL("./memory-server.ts", import.meta.url));

interface Memory {
  peakRss: number;
}

/** A sandbox in a process of its own. */
class Server {
  url = "";
  token = "";
  agents: string[] = [];
  before = 0;
  readonly #child: ChildProcess;
  readonly #answers: ((line: string) => void)[] = [];
  readonly #unread: string[] = [];

  constructor() {
    this.#child = spawn(process.execPath, [SERVE], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    createInterface({ input: this.#child.stdout as NodeJS.ReadableStream }).on("line", (line) => {
      const answer = this.#answers.shift();
      if (answer) answer(line);
      else this.#unread.push(line);
    });
  }

  #line(): Promise<string> {
    const line = this.#unread.shift();
    return line === undefined ? new Promise((resolve) => this.#answers.push(resolve)) : Promise.resolve(line);
  }

  async start(): Promise<void> {
    Object.assign(this, JSON.parse(await this.#line()));
    this.before = (await this.memory()).peakRss;
  }

  async memory(): Promise<Memory> {
    this.#child.stdin?.write("\n");
    return JSON.parse(await this.#line()) as Memory;
  }

  get headers(): Record<string, string> {
    return { "Coder-Session-Token": this.token };
  }

  end(): Promise<unknown> {
    const gone = new Promise((resolve) => this.#child.once("close", resolve));
    this.#child.kill("SIGKILL");
    return gone;
  }
}

let server: Server;
let sockets: (Socket | WebSocket)[];
beforeEach(async () => {
  server = new Server();
  sockets = [];
  await server.start();
});
afterEach(async () => {
  for (const socket of sockets) {
    if (socket instanceof WebSocket) socket.terminate();
    else socket.destroy();
  }
  await server.end();
});

/** It answers as before, and has never grown by more than it may. */
async function expectBounded(): Promise<void> {
  const answer = await send(server.url, "GET", "/api/v2/users/me", server.headers);
  expect(answer.status).toBe(200);
  const { peakRss } = await server.memory();
  expect(Math.round((peakRss - server.before) / MIB)).toBeLessThan(MOST_GROWTH / MIB);
}

/** A connection that sends what it is told to, as far as it is let, and reads nothing. */
function raw(head: string): Socket {
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  sockets.push(socket);
  socket.on("error", () => undefined);
  socket.pause();
  socket.write(head);
  return socket;
}

/** Resolves when all of it is sent, the server takes no more for a while, or it has ended the connection. */
function pour(socket: Socket, bytes: number, chunk = Buffer.alloc(MIB, "a")): Promise<void> {
  return new Promise((resolve) => {
    let left = bytes;
    let idle = setTimeout(resolve, 1_500);
    const more = () => {
      clearTimeout(idle);
      if (left <= 0) return resolve();
      idle = setTimeout(resolve, 1_500);
      left -= chunk.length;
      socket.write(chunk, more);
    };
    socket.once("close", () => resolve());
    more();
  });
}

const many = <T>(count: number, make: (at: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, at) => make(at)));

function terminalPath(command: string): string {
  const query = new URLSearchParams({ reconnect: randomUUID(), width: "80", height: "25", command });
  return `/api/v2/workspaceagents/${server.agents[0]}/pty?${query}`;
}

async function terminal(command: string): Promise<WebSocket> {
  const socket = new WebSocket(server.url.replace("http", "ws") + terminalPath(command), {
    headers: server.headers,
    perMessageDeflate: false,
  });
  sockets.push(socket);
  socket.on("error", () => undefined);
  await new Promise((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("error", reject);
  });
  return socket;
}

/** A terminal whose client does not read from the first byte on. */
async function unreadTerminal(command: string): Promise<WebSocket> {
  const socket = await terminal(command);
  socket.pause();
  return socket;
}

const typed = (data: string) => Buffer.from(JSON.stringify({ data }));

/** As much as is taken within a while. */
async function type(socket: WebSocket, data: string, times: number): Promise<void> {
  const message = typed(data);
  for (let at = 0; at < times && socket.readyState === WebSocket.OPEN; at++) {
    const sent = new Promise((resolve) => socket.send(message, resolve));
    const stuck = new Promise((resolve) => setTimeout(resolve, 1_000, "stuck").unref());
    if ((await Promise.race([sent, stuck])) === "stuck") return;
  }
}

function upgrade(path: string, protocol = "websocket"): string {
  return `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nCoder-Session-Token: ${server.token}\r\n\r\n`;
}

/** The head of a masked binary frame. */
function frameHead(bytes: number): Buffer {
  const head = Buffer.alloc(14);
  head.writeUInt8(0x82, 0);
  head.writeUInt8(0x80 | 127, 1);
  head.writeBigUInt64BE(BigInt(bytes), 2);
  return head;
}

test("550 bodies that never end", async () => {
  await many(550, () =>
    pour(
      raw(
        `POST /api/v2/users HTTP/1.1\r\nHost: x\r\nCoder-Session-Token: ${server.token}\r\nContent-Length: ${MIB}\r\n\r\n`,
      ),
      MIB - 64,
      Buffer.alloc(MIB - 64, " "),
    ),
  );
  await expectBounded();
});

test("80,000 requests on four connections to a server that does not answer", async () => {
  await send(server.url, "POST", "/sandbox/faults", {}, JSON.stringify({ frozen: true }));
  const request = `GET /api/v2/users/me?${"x".repeat(8_000)} HTTP/1.1\r\nHost: x\r\n\r\n`;
  await many(4, () => pour(raw(""), 160 * MIB, Buffer.from(request.repeat(100))));
  await send(server.url, "POST", "/sandbox/faults", {}, JSON.stringify({ frozen: false }));
  await expectBounded();
});

test("messages that never end, on 100 terminals", async () => {
  await many(100, () => {
    const socket = raw(upgrade(terminalPath("cat")));
    socket.write(frameHead(8 * MIB - 1));
    return pour(socket, 8 * MIB - MIB);
  });
  await expectBounded();
});

test("one JSON value that never ends, on 100 terminals, byte by byte on one", async () => {
  await many(100, async () => {
    const socket = await terminal("cat");
    socket.send(Buffer.from('{"data":"'));
    for (let at = 0; at < 8; at++) socket.send(Buffer.alloc(MIB - 1, "a"));
  });
  const slow = await terminal("cat");
  slow.send(Buffer.from('{"data":"'));
  for (let at = 0; at < 50_000; at++) slow.send(Buffer.from("a"));
  slow.send(Buffer.from('\\n"}'));
  await eventually(() => slow.bufferedAmount === 0 || undefined, "all of it sent");
  await expectBounded();
});

test("input that nobody reads, echoes that nobody reads, and a terminal that is stopped", async () => {
  const line = `${"x".repeat(99)}\n`.repeat(1_000);
  await many(20, async () => type(await unreadTerminal("sleep 1000"), line, 300));
  await many(20, async () => type(await unreadTerminal("stty raw -echo; cat"), line, 300));
  await many(20, async () => {
    const socket = await terminal("cat");
    socket.send(typed("\x13"));
    await type(socket, line, 300);
  });
  await expectBounded();
});

test.each([
  ["a variable that doubles", "x=0123456789; while true; do x=$x$x; done; sleep 100"],
  ["the output of a command as a word", "echo $(dd if=/dev/zero bs=1M count=1000)"],
  ["a pipe that nobody reads", "dd if=/dev/zero bs=1M count=1000 | sleep 100"],
  ["shells in shells", `export f='sh -c "$f | $f"'; sh -c "$f"`],
])("a script that wants all the memory: %s", async (_what, script) => {
  await many(5, () => terminal(script));
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  await expectBounded();
});

test("4,000 terminals that were left", async () => {
  for (let round = 0; round < 40; round++) {
    await many(100, async () => {
      const socket = await terminal("dd if=/dev/zero bs=64k count=1 status=none; sleep 1000");
      await new Promise((resolve) => socket.once("message", resolve));
      socket.terminate();
    });
    sockets = [];
  }
  await expectBounded();
});

test("frames of the relay and the coordinator that announce more than there may be", async () => {
  const derp = Buffer.alloc(5);
  derp.writeUInt8(4, 0);
  derp.writeUInt32BE(0xffffffff, 1);
  const yamux = Buffer.alloc(12);
  yamux.writeUInt16BE(1, 2);
  yamux.writeUInt32BE(1, 4);
  yamux.writeUInt32BE(0xffffffff, 8);
  await many(4, async () => {
    const relay = raw(upgrade("/derp", "DERP"));
    relay.write(derp);
    const socket = new WebSocket(`${server.url.replace("http", "ws")}/api/v2/tailnet?version=2.0`, {
      headers: server.headers,
    });
    sockets.push(socket);
    socket.on("error", () => undefined);
    await new Promise((resolve) => socket.once("open", resolve));
    socket.send(yamux);
    const closed = new Promise((resolve) => socket.once("close", resolve));
    for (let at = 0; at < 200; at++) socket.send(Buffer.alloc(MIB));
    await Promise.all([pour(relay, 200 * MIB), closed]);
  });
  await expectBounded();
});

test("50 uploads of 10 MB", async () => {
  for (let at = 0; at < 50; at++) {
    const bytes = Buffer.alloc(10 * MIB - 1, at);
    const answer = await fetch(`${server.url}/api/v2/files`, {
      method: "POST",
      headers: { ...server.headers, "Content-Type": "application/x-tar" },
      body: bytes,
    });
    expect(answer.status).toBe(201);
  }
  await expectBounded();
});
