// How much a sandbox carries, and how much of the time that is measured through it is its own.
import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { createInterface, type Interface } from "node:readline";
import { parseArgs } from "node:util";
import { build as buildHistogram, initWebAssembly } from "hdr-histogram-js";
import { WebSocket } from "ws";

const serve = process.env.BENCH_SERVE ?? "";
const bare = process.env.BENCH_BARE ?? "";
const text = { type: "string" } as const;
const { values } = parseArgs({
  options: { connections: text, seconds: text, terminals: text, workspaces: text },
});
const connections = Number(values.connections ?? 500);
const seconds = Number(values.seconds ?? 20);
const terminals = Number(values.terminals ?? 2000);
const workspaces = Number(values.workspaces ?? 1000);
/** 40 KB/s: a line of 4,000 bytes each 100 ms. */
const TICK_MS = 100;
const LINE_BYTES = 4000;
const WARM_UP_MS = 3000;
const DD = "dd if=/dev/stdin of=/dev/null bs=1024 status=none";

interface Usage {
  cpuMs: number;
  rss: number;
  heapUsed: number;
}

/** A sandbox in another process. */
class Served {
  readonly readyMs: number;
  readonly url: string;
  readonly token: string;
  readonly agents: readonly string[];
  readonly #child: ChildProcess;
  readonly #lines: Interface;

  private constructor(child: ChildProcess, lines: Interface, ready: string, readyMs: number) {
    const { url, token, agents } = JSON.parse(ready) as { url: string; token: string; agents: string[] };
    this.url = url;
    this.token = token;
    this.agents = agents;
    this.readyMs = readyMs;
    this.#child = child;
    this.#lines = lines;
  }

  static async start(count: number, script = serve): Promise<Served> {
    const started = performance.now();
    const child = spawn(process.execPath, ["--expose-gc", script, String(count)], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    const lines = createInterface({ input: child.stdout });
    const [ready] = (await once(lines, "line")) as [string];
    return new Served(child, lines, ready, performance.now() - started);
  }

  async usage(): Promise<Usage> {
    this.#child.stdin?.write("\n");
    const [line] = (await once(this.#lines, "line")) as [string];
    return JSON.parse(line) as Usage;
  }

  async end(): Promise<void> {
    const ended = once(this.#child, "exit");
    this.#child.kill();
    await ended;
  }

  async open(at: number, command: string): Promise<WebSocket> {
    const agent = this.agents[at % this.agents.length];
    const query = `reconnect=${randomUUID()}&width=80&height=25&command=${encodeURIComponent(command)}`;
    const socket = new WebSocket(
      `${this.url.replace("http", "ws")}/api/v2/workspaceagents/${agent}/pty?${query}`,
      { headers: { "Coder-Session-Token": this.token }, perMessageDeflate: false },
    );
    await once(socket, "open");
    return socket;
  }

  /** Twenty at a time. */
  async openAll(count: number, command: string): Promise<WebSocket[]> {
    const sockets: WebSocket[] = [];
    for (let at = 0; at < count; at += 20) {
      const batch = Array.from({ length: Math.min(20, count - at) }, (_, of) => this.open(at + of, command));
      sockets.push(...(await Promise.all(batch)));
    }
    return sockets;
  }
}

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const mebibytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(0)} MiB`;

async function start(): Promise<void> {
  const times: number[] = [];
  for (let at = 0; at < 3; at++) {
    const served = await Served.start(workspaces);
    times.push(served.readyMs);
    await served.end();
  }
  console.table({
    [`start of the process with ${workspaces} workspaces`]: {
      best: `${Math.min(...times).toFixed(0)} ms`,
      worst: `${Math.max(...times).toFixed(0)} ms`,
    },
  });
}

async function hold(): Promise<void> {
  const served = await Served.start(workspaces);
  const before = await served.usage();
  const sockets = await served.openAll(terminals, "cat");
  await wait(1000);
  const during = await served.usage();
  await wait(5000);
  const after = await served.usage();
  const open = sockets.filter((socket) => socket.readyState === WebSocket.OPEN).length;
  console.table({
    [`${terminals} terminals held`]: {
      open,
      "memory before": mebibytes(before.rss),
      "memory with them": mebibytes(after.rss),
      "heap a terminal": `${((after.heapUsed - before.heapUsed) / terminals / 1024).toFixed(1)} KiB`,
      "CPU while idle": `${((after.cpuMs - during.cpuMs) / 50).toFixed(1)} %`,
    },
  });
  for (const socket of sockets) socket.terminate();
  await served.end();
}

/** Latencies in ms. */
interface Echoed {
  p50: number;
  p95: number;
  p99: number;
  row: Record<string, string | number>;
}

async function echo(script: string): Promise<Echoed> {
  const served = await Served.start(connections, script);
  const sockets = await served.openAll(connections, DD);
  const histogram = buildHistogram({ numberOfSignificantValueDigits: 3, useWebAssembly: true });
  const lateness = monitorEventLoopDelay({ resolution: 5 });
  let measuring = false;
  let sent = 0;
  let back = 0;
  const stops = sockets.map((socket, at) => {
    const due: number[] = [];
    socket.on("message", (data) => {
      // Lines come back in their order, so that each line feed is the oldest one's.
      for (const byte of data as Buffer) {
        if (byte !== 10) continue;
        const from = due.shift();
        if (from === undefined || !measuring) continue;
        back++;
        histogram.recordValue(Math.max(1, Math.round((performance.now() - from) * 1000)));
      }
    });
    const message = Buffer.from(JSON.stringify({ data: `${"x".repeat(LINE_BYTES - 1)}\n` }));
    let timer: NodeJS.Timeout;
    // Spread over the tick, as connections of different people are.
    const first = setTimeout(
      () => {
        timer = setInterval(() => {
          due.push(performance.now());
          if (measuring) sent++;
          socket.send(message);
        }, TICK_MS);
      },
      (at * TICK_MS) / connections,
    );
    return () => {
      clearTimeout(first);
      clearInterval(timer);
    };
  });
  await wait(WARM_UP_MS);
  const before = await served.usage();
  const own = process.cpuUsage();
  const started = performance.now();
  measuring = true;
  lateness.enable();
  await wait(seconds * 1000);
  lateness.disable();
  measuring = false;
  const elapsed = performance.now() - started;
  const after = await served.usage();
  const used = process.cpuUsage(own);
  for (const stop of stops) stop();
  for (const socket of sockets) socket.terminate();
  await served.end();
  const at = (percentile: number) => histogram.getValueAtPercentile(percentile) / 1000;
  const [p50, p95, p99] = [at(50), at(95), at(99)];
  return {
    p50,
    p95,
    p99,
    row: {
      achieved: `${((sent * LINE_BYTES) / elapsed / 1000).toFixed(1)} of ${(connections * 0.04).toFixed(1)} MB/s`,
      back,
      ...latencies({ p50, p95, p99 }),
      "its CPU": `${((100 * (after.cpuMs - before.cpuMs)) / elapsed).toFixed(0)} %`,
      "generator's CPU": `${((used.user + used.system) / 10 / elapsed).toFixed(0)} %`,
      "generator late p99": `${(lateness.percentile(99) / 1e6 - 5).toFixed(1)} ms`,
    },
  };
}

function latencies(of: Pick<Echoed, "p50" | "p95" | "p99">): Record<string, string> {
  const { p50, p95, p99 } = of;
  return Object.fromEntries(
    Object.entries({ p50, p95, p99 }).map(([name, ms]) => [name, `${ms.toFixed(2)} ms`]),
  );
}

/** The same load on a sandbox and on a process that does nothing else: what is more is the sandbox's. */
async function added(): Promise<void> {
  await initWebAssembly();
  console.log(`\n${connections} connections at 40 KB/s, and what the sandbox adds to the way there and back`);
  const without = await echo(bare);
  const through = await echo(serve);
  const more = (name: "p50" | "p95" | "p99") => through[name] - without[name];
  console.table({
    "bare echo": without.row,
    sandbox: through.row,
    added: latencies({ p50: more("p50"), p95: more("p95"), p99: more("p99") }),
  });
}

await start();
await hold();
await added();
