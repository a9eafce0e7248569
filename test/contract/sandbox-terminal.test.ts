import { randomUUID } from "node:crypto";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { eventually, load } from "./replay.ts";
import { agentIdOf } from "./seeded.ts";
import { type Frame, recordedEnd, TerminalClient } from "./terminal-client.ts";

let sandbox: Sandbox;
let agentId: string;

beforeAll(async () => {
  sandbox = await startSandbox({ workspaces: 2, deleteTimeMs: [100, 100] });
  agentId = agentOf(0);
});

afterAll(() => sandbox.close());

const agentOf = (at: number) => agentIdOf(sandbox, at);

class Client extends TerminalClient {
  constructor(query: string, headers: Record<string, string> = { "Coder-Session-Token": sandbox.token }) {
    super({ url: sandbox.url, agentId, headers }, query);
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
    expect(closed).toEqual(recordedEnd(recording.frames));
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
