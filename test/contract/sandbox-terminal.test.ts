import { randomUUID } from "node:crypto";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { eventually, load } from "./replay.ts";

interface Frame {
  dir: "in" | "out" | "note";
  opcode?: string;
  bytes?: number;
  text?: string;
  close_code?: number;
  reason?: string;
}

let sandbox: Sandbox;
let agentId: string;

beforeAll(async () => {
  sandbox = await startSandbox({ workspaces: 2, deleteTimeMs: [100, 100] });
  agentId = agentOf(0);
});

afterAll(() => sandbox.close());

function agentOf(at: number): string {
  const workspace = [...sandbox.deployment.workspaces.live()][at];
  return workspace?.builds[0]?.resources[0]?.agents[0]?.id ?? "";
}

/** A terminal as a client sees it: everything that came, and how it ended. */
class Client {
  readonly socket: WebSocket;
  text = "";
  frames: number[] = [];
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly opened: Promise<void>;

  constructor(query: string, headers: Record<string, string> = { "Coder-Session-Token": sandbox.token }) {
    const url = `${sandbox.url.replace("http", "ws")}/api/v2/workspaceagents/${agentId}/pty?${query}`;
    this.socket = new WebSocket(url, { headers, perMessageDeflate: true });
    this.socket.on("message", (data) => {
      const bytes = data as Buffer;
      this.text += bytes.toString("latin1");
      this.frames.push(bytes.length);
    });
    this.opened = new Promise((resolve, reject) => {
      this.socket.on("open", () => resolve());
      this.socket.on("error", reject);
    });
    this.closed = new Promise((resolve) => {
      this.socket.on("close", (code, reason) => resolve({ code, reason: reason.toString() }));
    });
    this.closed.catch(() => undefined);
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
}

function open(command: string, id: string = randomUUID()): Client {
  return new Client(`reconnect=${id}&width=80&height=25&command=${encodeURIComponent(command)}`);
}

const whole = (frame: Frame) => !frame.text?.includes("…");

/** Sends what was sent, each after what had come before it, and compares what comes and how it ends. */
const REPLAYED = [
  ...[
    "pty-command",
    "pty-command-exit3",
    "pty-command-missing",
    "pty-auth-header",
    "pty-auth-bearer",
    "pty-text-frame",
  ],
  ...[
    "pty-bad-json",
    "pty-bad-json-type",
    "pty-bad-json-size",
    "pty-json-stream",
    "pty-echo",
    "pty-ctrl-c-ignored",
  ],
  ...["pty-canonical-limit"],
];

describe("recorded terminals", () => {
  test.each(REPLAYED)("%s", async (name) => {
    const recording = load(`ws/${name}`) as unknown as {
      request: { query: string; headers: Record<string, string> };
      frames: Frame[];
    };
    const query = recording.request.query.replace(/reconnect=[^&]*/, `reconnect=${randomUUID()}`);
    const headers = Object.fromEntries(
      Object.entries(recording.request.headers)
        .filter(([header]) => header !== "Sec-WebSocket-Extensions")
        .map(([header, value]) => [header, value.replace(/KEYID\d+-SECRET\d+/, sandbox.token)]),
    );
    const client = new Client(query, headers);
    await client.opened;
    let bytes = 0;
    let text = "";
    let exact = true;
    for (const frame of recording.frames) {
      if (frame.dir === "in" && frame.opcode === "binary") {
        bytes += frame.bytes ?? 0;
        text += frame.text ?? "";
        exact &&= whole(frame);
      } else if (frame.dir === "out" && frame.opcode !== "pong") {
        await eventually(
          () => client.text.length >= bytes || undefined,
          `${bytes} bytes, have ${client.text.length}`,
        );
        if (frame.opcode === "close") client.socket.close(frame.close_code);
        else
          client.socket.send(whole(frame) ? Buffer.from(frame.text ?? "") : filler(frame), {
            binary: frame.opcode === "binary",
          });
      }
    }
    const closed = await client.closed;
    const last = recording.frames.findLast((frame) => frame.opcode === "close" && frame.dir === "in");
    expect(closed).toEqual({ code: last?.close_code, reason: last?.reason ?? "" });
    expect(client.text.length).toBe(bytes);
    if (exact) expect(client.output).toBe(text);
    expect(client.socket.extensions).toBe("");
  });
});

/** A message of the recorded length: the recording kept its beginning only. */
function filler(frame: Frame): Buffer {
  const start = (frame.text ?? "").slice(0, (frame.text ?? "").indexOf("…"));
  const newline = start.includes("#");
  const end = newline ? '\\n"}' : '"}';
  return Buffer.from(start + "x".repeat((frame.bytes ?? 0) - start.length - end.length) + end);
}

test("echo as the kernel's line discipline makes it", async () => {
  const { steps } = load("ws/pty-echo-translation") as unknown as {
    steps: { sent: string; sent_data: string; echoed: string }[];
  };
  const client = open("dd if=/dev/stdin of=/dev/null bs=1024 status=none");
  await client.opened;
  let expected = "";
  for (const step of steps) {
    if (step.sent_data.startsWith("(JSON text) "))
      client.socket.send(Buffer.from(step.sent_data.slice("(JSON text) ".length)));
    else client.json({ data: step.sent_data });
    expected += step.echoed;
    await eventually(
      () => client.output.length >= expected.length || undefined,
      `the echo of ${step.sent}: ${JSON.stringify(client.output.slice(-40))}`,
    );
    expect(client.output, step.sent).toBe(expected);
  }
  expect((await client.closed).code).toBe(1006);
});

test("a process that never reads: the echo stops at 4095 bytes and ^C is stuck", async () => {
  const { echoed_per_send: echoed } = load("ws/pty-echo-no-reader") as unknown as {
    echoed_per_send: number[];
  };
  const client = open("sleep 30");
  await client.opened;
  const seen: number[] = [];
  for (let at = 0; at < echoed.length; at++) {
    const before = client.text.length;
    client.json({ data: `${"x".repeat(1023)}\n` });
    // A ping's answer comes after the echo of what was sent before it.
    await new Promise((resolve) => {
      client.socket.once("pong", resolve);
      client.socket.ping();
    });
    await new Promise((resolve) => setImmediate(resolve));
    seen.push(client.text.length - before);
  }
  expect(seen).toEqual(echoed);
  client.json({ data: "\u0003" });
  await new Promise((resolve) => {
    client.socket.once("pong", resolve);
    client.socket.ping();
  });
  expect(client.text).not.toContain("^C");
  client.socket.terminate();
});

test("raw mode gives every byte back", async () => {
  const client = open("stty raw -echo; printf READY; exec cat");
  await client.until("READY");
  const sent = `${"x".repeat(1024)}\n\r\t\u001b\u0000\u007f\u0003\u0004é☃😀`;
  client.json({ data: sent });
  await client.until(sent);
  expect(client.output).toBe(`READY${sent}`);
  client.socket.close(1000);
  expect((await client.closed).code).toBe(1000);
});

test("one frame of more than a megabyte", async () => {
  const client = open("stty raw -echo; printf READY; exec cat");
  await client.until("READY");
  client.json({ data: "y".repeat(1_100_000) });
  await eventually(() => client.text.length === 1_100_005 || undefined, "all of it");
  expect(Math.max(...client.frames)).toBeLessThanOrEqual(32 * 1024);
  client.socket.terminate();
});

test("the same reconnect id joins the same process, with its output replayed", async () => {
  const id = randomUUID();
  const first = open("for i in 1 2 3; do echo line $i; done; exec sleep 300", id);
  await first.until("line 3\r\n");
  first.socket.terminate();
  await first.closed;
  const second = open("echo this command is ignored", id);
  await second.until("line 3\r\n");
  expect(second.output).toBe("line 1\r\nline 2\r\nline 3\r\n");
  second.json({ data: "\u0003" });
  expect((await second.closed).code).toBe(1006);
  const third = open("echo a new process", id);
  expect((await third.closed).code).toBe(1006);
  expect(third.output).toBe("a new process\r\n");
});

test("two sockets on one terminal both get everything", async () => {
  const id = randomUUID();
  const a = open("stty raw -echo; printf READY; exec cat", id);
  await a.until("READY");
  const b = open("", id);
  await b.until("READY");
  b.json({ data: "from-b " });
  await a.until("from-b ");
  a.socket.close(1000);
  expect((await a.closed).code).toBe(1000);
  b.json({ data: "still here" });
  await b.until("still here");
  b.socket.terminate();
});

test("a login shell: prompt, commands, resize, exit", async () => {
  const client = open("");
  await client.until("$ ");
  client.json({ data: "stty size\r" });
  await client.until("25 80\r\n");
  client.json({ height: 40, width: 120 });
  client.json({ data: "stty size\r" });
  await client.until("40 120\r\n");
  client.json({ data: "sleep 300\r" });
  await client.until("sleep 300\r\n");
  client.json({ data: "\u0003" });
  await client.until("^C");
  client.json({ data: "exit 3\r" });
  expect((await client.closed).code).toBe(1006);
});

test("no close frame is sent when a process ends", async () => {
  const recorded = load("ws/pty-close") as unknown as { raw_tcp: { hex: string } };
  const { hostname, port } = new URL(sandbox.url);
  const socket = connect(Number(port), hostname);
  const chunks: Buffer[] = [];
  socket.on("data", (chunk) => chunks.push(chunk));
  const ended = new Promise((resolve) => socket.on("end", resolve));
  socket.write(
    `GET /api/v2/workspaceagents/${agentId}/pty?reconnect=${randomUUID()}&command=echo%20ok HTTP/1.1\r\nHost: ${hostname}:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nCoder-Session-Token: ${sandbox.token}\r\n\r\n`,
  );
  await ended;
  const all = Buffer.concat(chunks);
  const body = all.subarray(all.indexOf("\r\n\r\n") + 4);
  const payload = unframe(body);
  const wanted = unframe(Buffer.from(recorded.raw_tcp.hex, "hex"));
  expect(payload).toEqual(wanted);
  socket.destroy();
});

/** The payloads of short binary frames; a close frame would make it fail. */
function unframe(bytes: Buffer): string {
  let out = "";
  for (let at = 0; at < bytes.length; ) {
    expect(bytes[at]).toBe(0x82);
    const length = bytes[at + 1] ?? 0;
    out += bytes.toString("utf8", at + 2, at + 2 + length);
    at += 2 + length;
  }
  return out;
}

describe("refused terminals", () => {
  interface Refused {
    note: string;
    request: { path: string; query?: string; headers: Record<string, string> };
    response?: { status: number; headers: Record<string, string>; body?: unknown };
    upgrade?: { status: number; headers: Record<string, string>; body?: unknown };
  }

  test.each([
    ["no token", "reconnect=ID", {}, 404, "application/json; charset=utf-8"],
    ["reconnect missing", "width=80", { token: true }, 400, "application/json; charset=utf-8"],
    ["reconnect not a UUID", "reconnect=abc", { token: true }, 400, "application/json; charset=utf-8"],
    [
      "a foreign Origin",
      "reconnect=ID",
      { token: true, origin: "http://evil.example" },
      403,
      "text/plain; charset=utf-8",
    ],
    [
      "an unknown agent",
      "reconnect=ID",
      { token: true, agent: "11111111-1111-4111-8111-111111111111" },
      404,
      "text/html; charset=utf-8",
    ],
    ["no id of an agent", "reconnect=ID", { token: true, agent: "main" }, 500, "text/html; charset=utf-8"],
  ] as [string, string, { token?: boolean; origin?: string; agent?: string }, number, string][])(
    "%s",
    async (_name, query, options, status, type) => {
      const url = `${sandbox.url.replace("http", "ws")}/api/v2/workspaceagents/${options.agent ?? agentId}/pty?${query.replace("ID", randomUUID())}`;
      const socket = new WebSocket(url, {
        headers: {
          ...(options.token ? { "Coder-Session-Token": sandbox.token } : {}),
          ...(options.origin ? { Origin: options.origin } : {}),
        },
      });
      const answer = await new Promise<{ status: number | undefined; type: string | undefined }>(
        (resolve, reject) => {
          socket.on("unexpected-response", (_request, response) =>
            resolve({ status: response.statusCode, type: response.headers["content-type"] }),
          );
          socket.on("open", () => reject(new Error("it was accepted")));
          socket.on("error", () => undefined);
        },
      );
      expect(answer).toEqual({ status, type });
    },
  );

  test("no upgrade asked for", async () => {
    const answer = await fetch(
      `${sandbox.url}/api/v2/workspaceagents/${agentId}/pty?reconnect=${randomUUID()}`,
      {
        headers: { "Coder-Session-Token": sandbox.token },
      },
    );
    expect(answer.status).toBe(426);
  });

  test("unknown query keys and the nil UUID are accepted", async () => {
    const client = new Client("reconnect=00000000-0000-0000-0000-000000000000&foo=bar&command=true");
    await client.opened;
    expect((await client.closed).code).toBe(1006);
  });

  test("each recorded status has a case above", () => {
    const { exchanges } = load("ws/pty-refused") as unknown as { exchanges: Refused[] };
    const statuses = new Set(exchanges.map((one) => (one.response ?? one.upgrade)?.status));
    expect([...statuses].sort()).toEqual([101, 400, 403, 404, 426, 500]);
  });
});

test("a stop ends the terminals of the workspace, and new ones get 502", async () => {
  const workspace = [...sandbox.deployment.workspaces.live()][0];
  const client = open("sleep 300");
  await client.opened;
  const stopped = await fetch(`${sandbox.url}/api/v2/workspaces/${workspace?.id}/builds`, {
    method: "POST",
    headers: { "Coder-Session-Token": sandbox.token },
    body: JSON.stringify({ transition: "stop" }),
  });
  expect(stopped.status).toBe(201);
  expect((await client.closed).code).toBe(1006);
  const again = open("echo early");
  const status = await new Promise((resolve) => {
    again.socket.on("unexpected-response", (_request, response) => resolve(response.statusCode));
    again.opened.catch(() => undefined);
  });
  expect(status).toBe(502);
});
