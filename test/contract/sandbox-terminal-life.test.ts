import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { eventually, load } from "./replay.ts";
import { agentIdOf } from "./seeded.ts";
import { type Frame, recordedEnd, TerminalClient } from "./terminal-client.ts";

interface Recorded {
  request: { query: string };
  frames: Frame[];
}

let sandbox: Sandbox;
let agentId: string;

beforeAll(async () => {
  sandbox = await startSandbox({ workspaces: 1 });
  agentId = agentIdOf(sandbox);
});

afterAll(() => sandbox.close());
afterEach(() => void vi.useRealTimers());

function connect(query: string, options: { autoPong?: boolean } = {}): TerminalClient {
  const headers = { Cookie: `coder_session_token=${sandbox.token}` };
  return new TerminalClient({ url: sandbox.url, agentId, headers }, query, options);
}

function open(command: string, id: string = randomUUID()): TerminalClient {
  return connect(`reconnect=${id}&width=80&height=25&command=${encodeURIComponent(command)}`);
}

const sockets = (name: string) => load(`ws/${name}`).sockets as Recorded[];
const texts = (frames: readonly Frame[]) =>
  frames
    .filter((frame) => frame.dir === "in" && frame.opcode === "binary")
    .map((frame) => frame.text ?? "")
    .join("");

/** Lets the sandbox's fifteen seconds pass; sockets and our own waiting go on as always. */
async function pass(ms: number): Promise<void> {
  vi.advanceTimersByTime(ms);
  await new Promise((resolve) => setImmediate(resolve));
}

describe("a terminal that is left alone", () => {
  test("pty-ping: pings with a counter, then ^C", async () => {
    const recording = load("ws/pty-ping") as unknown as Recorded;
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    const client = connect(recording.request.query);
    await client.opened;
    const wanted = recording.frames.filter((frame) => frame.opcode === "ping").map((frame) => frame.text);
    for (let at = 1; at <= wanted.length; at++) {
      await pass(14_999);
      expect(client.pings).toHaveLength(at - 1);
      await pass(1);
      await eventually(() => client.pings.length === at || undefined, `ping ${at}`);
      await client.settled();
    }
    expect(client.pings).toEqual(wanted);
    client.json({ data: "\u0003" });
    expect(await client.closed).toEqual(recordedEnd(recording.frames));
    expect(client.output).toBe(texts(recording.frames));
  });

  test("pty-no-pong: given up at the ping after one that was not answered", async () => {
    const { frames } = load("ws/pty-no-pong") as unknown as Recorded;
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    const client = connect(`reconnect=${randomUUID()}&command=sleep%20300`, { autoPong: false });
    await client.opened;
    await pass(15_000);
    await eventually(() => client.pings.length === 1 || undefined, "the ping");
    expect(client.end).toBeUndefined();
    await pass(15_000);
    expect(await client.closed).toEqual(recordedEnd(frames));
    expect(client.pings).toEqual(frames.flatMap((frame) => (frame.opcode === "ping" ? frame.text : [])));
  });
});

describe("a process and the sockets on it", () => {
  test("pty-client-close: a closed socket does not end the process", async () => {
    const [first, second] = sockets("pty-client-close") as [Recorded, Recorded];
    const one = connect(first.request.query);
    await one.until("\r\n");
    expect(one.output).toMatch(/^pid \d+\r\n$/);
    one.socket.close(1000);
    expect(await one.closed).toEqual(recordedEnd(first.frames));
    const two = connect(second.request.query);
    await two.until("\r\n");
    expect(two.output).toBe(one.output);
    two.json({ data: "\u0003" });
    expect(await two.closed).toEqual(recordedEnd(second.frames));
    expect(two.output).toBe(`${one.output}^C`);
  });

  test("pty-reconnect: the process went on, its output is replayed, and its id is free afterwards", async () => {
    const [first, second, third] = sockets("pty-reconnect") as [Recorded, Recorded, Recorded];
    const one = connect(first.request.query.replace("sleep%200.5", "sleep%200.05"));
    await one.until("line 3\r\n");
    one.socket.terminate();
    await one.closed;
    const two = connect(second.request.query);
    expect(await two.closed).toEqual(recordedEnd(second.frames));
    expect(two.output).toBe(texts(second.frames));
    const three = connect(third.request.query);
    expect(await three.closed).toEqual(recordedEnd(third.frames));
    expect(three.output).toBe(texts(third.frames));
  });

  test("pty-two-sockets: both get everything, either may write, one may leave", async () => {
    const [a, b] = sockets("pty-two-sockets") as [Recorded, Recorded];
    const one = connect(a.request.query);
    await one.until("READY");
    one.json({ data: "from-a-1 " });
    await one.until("from-a-1 ");
    const two = connect(b.request.query);
    await two.until("READYfrom-a-1 ");
    two.json({ data: "from-b-1 " });
    await one.until("from-b-1 ");
    one.json({ data: "from-a-2 " });
    await two.until("from-a-2 ");
    await one.until("from-a-2 ");
    one.socket.close(1000);
    expect(await one.closed).toEqual(recordedEnd(a.frames));
    two.json({ data: "from-b-2 " });
    await two.until("from-b-2 ");
    two.socket.close(1000);
    expect(await two.closed).toEqual(recordedEnd(b.frames));
    expect([one.output, two.output]).toEqual([texts(a.frames), texts(b.frames)]);
  });
});

describe("what comes back", () => {
  test("pty-echo-no-newline: a line that never ends is echoed up to 4095 bytes, and with it the rest", async () => {
    const recording = load("ws/pty-echo-no-newline") as unknown as {
      steps: { echoed_bytes: number }[];
      then_LF: { echoed: string };
      then_a_1024_byte_line: { echoed_bytes: number };
    };
    const client = open("dd if=/dev/stdin of=/dev/null bs=1024 status=none");
    await client.opened;
    const echo = async (data: string, bytes: number) => {
      const before = client.text.length;
      client.json({ data });
      await eventually(() => client.text.length >= before + bytes || undefined, `${bytes} bytes`);
      await client.settled();
      return client.text.slice(before);
    };
    for (const [at, step] of recording.steps.entries()) {
      const sent = `#${String(at).padStart(8, "0")}:`.padEnd(1024, "abcdefghij");
      expect(await echo(sent, step.echoed_bytes)).toBe(sent);
    }
    expect(await echo("\n", 2)).toBe(recording.then_LF.echoed);
    const { echoed_bytes: bytes } = recording.then_a_1024_byte_line;
    expect(await echo(`${"y".repeat(1023)}\n`, bytes)).toHaveLength(bytes);
    client.json({ data: "\u0003" });
    expect((await client.closed).code).toBe(1006);
  });

  test("pty-echo-raw-cat: every byte unchanged", async () => {
    const { steps, last } = load("ws/pty-echo-raw-cat") as unknown as {
      steps: { sent: string; sent_bytes: number; echoed_bytes: number }[];
      last: Frame[];
    };
    const data: Record<string, string> = {
      "1024 printable, no newline": "x".repeat(1024),
      "LF, CR, tab, ESC, NUL, DEL": "\n\r\t\u001b\u0000\u007f",
      "^C": "\u0003",
      "^D": "\u0004",
      "UTF-8": "é☃😀",
      "8192 bytes in one data string": "z".repeat(8192),
    };
    const client = open("stty raw -echo; printf READY; exec cat");
    await client.until("READY");
    let expected = "READY";
    for (const step of steps) {
      const sent = data[step.sent] ?? "";
      expect(Buffer.byteLength(sent), step.sent).toBe(step.sent_bytes);
      client.json({ data: sent });
      expected += sent;
      const bytes = Buffer.byteLength(expected);
      await eventually(() => client.text.length >= bytes || undefined, step.sent);
      expect(client.output, step.sent).toBe(expected);
    }
    client.socket.close(1000);
    expect(await client.closed).toEqual(recordedEnd(last));
  });

  test("pty-large-frames: one message of any size, in frames of at most 32 KiB", async () => {
    const { results } = load("ws/pty-large-frames") as unknown as {
      results: { frame_bytes: number; echoed: number; largest_in_frame: number; closed: boolean }[];
    };
    const client = open("stty raw -echo; printf READY; exec cat");
    await client.until("READY");
    let expected = client.text.length;
    for (const result of results) {
      const message = Buffer.from(JSON.stringify({ data: "y".repeat(result.echoed) }));
      expect(message).toHaveLength(result.frame_bytes);
      client.socket.send(message);
      expected += result.echoed;
      await eventually(() => client.text.length >= expected || undefined, `${result.echoed} bytes`);
      expect(client.end !== undefined).toBe(result.closed);
    }
    expect(client.text).toHaveLength(expected);
    const largest = Math.max(...results.map((one) => one.largest_in_frame));
    expect(Math.max(...client.frames)).toBeLessThanOrEqual(largest);
    client.socket.terminate();
  });

  test("pty-output-frames: much output, in frames of no particular size", async () => {
    const recording = load("ws/pty-output-frames") as unknown as { total_bytes: number; close: Frame };
    const client = open("dd if=/dev/zero bs=1000 count=300 status=none");
    expect(await client.closed).toEqual(recordedEnd([recording.close]));
    expect(client.text).toHaveLength(recording.total_bytes);
    expect(Math.max(...client.frames)).toBeLessThanOrEqual(32 * 1024);
    expect(new Set(client.frames).size).toBeGreaterThan(1);
  });

  test("pty-echo-rtt: by the recorded method no line is lost, at any of the recorded sizes", async () => {
    const { results } = load("ws/pty-echo-rtt") as unknown as {
      results: Record<string, { samples: number; lost: number }>;
    };
    for (const [how, { samples, lost }] of Object.entries(results)) {
      const size = Number(/(\d+)-byte/.exec(how)?.[1]);
      const raw = how.startsWith("raw");
      const client = open(
        raw ? "stty raw -echo; printf READY; exec cat" : "dd if=/dev/stdin of=/dev/null bs=1024 status=none",
      );
      await client.opened;
      if (raw) await client.until("READY");
      for (let at = 0; at < samples; at++)
        client.json({ data: `${`#${String(at).padStart(8, "0")}:`.padEnd(size - 1, "x")}\n` });
      const total = samples * (size + (raw ? 0 : 1)) + (raw ? "READY".length : 0);
      await eventually(() => client.text.length >= total || undefined, `all lines of ${how}`);
      const tags = [...client.text.matchAll(/#(\d{8}):/g)].map((match) => Number(match[1]));
      expect(samples - new Set(tags).size, how).toBe(lost);
      expect(tags, how).toEqual(Array.from({ length: samples }, (_, at) => at));
      client.socket.terminate();
    }
  });
});

test("pty-shell: prompt, commands, a size of two numbers only, exit", async () => {
  const { frames } = load("ws/pty-shell") as unknown as Recorded;
  const said = texts(frames);
  const client = connect(`reconnect=${randomUUID()}&width=80&height=25`);
  await client.until("$ ");
  const size = async (expected: string) => {
    expect(said).toContain(expected);
    const before = client.output.length;
    client.json({ data: "stty size\r" });
    await eventually(() => client.output.slice(before).includes(expected) || undefined, expected);
  };
  await size("25 80\r\n");
  client.json({ height: 40, width: 120 });
  await size("40 120\r\n");
  client.json({ height: 10 });
  await size("40 120\r\n");
  client.json({ data: "sleep 300\r" });
  await client.until("sleep 300\r\n");
  client.json({ data: "\u0003" });
  await client.until("^C");
  client.json({ data: "exit 3\r" });
  expect(await client.closed).toEqual(recordedEnd(frames));
});

test("pty-command-shell: what runs a command, apart from ps and grep, which are not there", async () => {
  const { request, frames } = load("ws/pty-command-shell") as unknown as Recorded;
  const client = connect(request.query.replace(/reconnect=[^&]*/, `reconnect=${randomUUID()}`));
  expect(await client.closed).toEqual(recordedEnd(frames));
  // $0|$SHELL|$HOME|$PWD|$-|$PPID: the home and the number are the workspace's own.
  const told = (text: string) => (text.split("\r\n")[0] ?? "").split("|");
  const [shell, variable, home, folder, flags, parent] = told(client.output);
  const [recordedShell, recordedVariable, , , recordedFlags] = told(texts(frames));
  expect([shell, variable, flags]).toEqual([recordedShell, recordedVariable, recordedFlags]);
  expect(home).toBe(folder);
  expect(parent).toMatch(/^\d+$/);
  expect(client.output).toMatch(/\/dev\/pts\/\d+\r\n/);
});
