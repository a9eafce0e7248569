// The traffic path beside its peers, with the same work done by each against the same echo server, as ratios.
//
//   node bench/traffic.mjs [--connections 1000] [--bytes 1024] [--hz 10] [--seconds 5] [--runs 5] [--terminals 40]
//                          [--only bare,ws,ours,k6,artillery] [--parts speed,tls,accuracy,idle,coder]
//
// k6 is built by Go where Go is there, artillery comes from npm, both into a cache folder. Coder's own tool is
// measured where CODER_BINARY names it, on --terminals web terminals of a sandbox, or of the deployment that CODER_URL
// and CODER_SESSION_TOKEN name (and there on as many SSH sessions, too).
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build } from "esbuild";
import { artilleryScript } from "./traffic/artillery.mjs";
import { besideCoder } from "./traffic/coder.mjs";
import { artillery, k6 } from "./traffic/peers.mjs";
import { run } from "./traffic/process-usage.mjs";

const text = (value) => ({ type: "string", default: value });
const { values } = parseArgs({
  options: {
    connections: text("1000"),
    bytes: text("1024"),
    hz: text("10"),
    seconds: text("5"),
    runs: text("5"),
    only: text("bare,ws,ours,k6,artillery"),
    parts: text("speed,tls,accuracy,idle,coder"),
    terminals: text("40"),
  },
});
const load = Object.fromEntries(
  ["connections", "bytes", "hz", "seconds"].map((name) => [name, Number(values[name])]),
);
const here = fileURLToPath(new URL("traffic/", import.meta.url));
const folder = mkdtempSync(path.join(tmpdir(), "bench-traffic-"));
const ours = path.join(folder, "ours.cjs");
const subjects = {
  bare: (to) => node([path.join(here, "bare.mjs"), ...asFlags(to)]),
  ws: (to) => node([path.join(here, "ws.mjs"), ...asFlags(to)]),
  // As its thread is started: see the resource limits in src/load/thread-place.ts.
  ours: (to) => node(["--max-semi-space-size=4", ours, ...asFlags(to)]),
  k6: runK6,
  artillery: runArtillery,
};

async function main() {
  await build({
    entryPoints: [path.join(here, "ours.ts")],
    outfile: ours,
    bundle: true,
    platform: "node",
    format: "cjs",
    external: ["cpu-features", "*.node"],
    logLevel: "error",
  });
  const server = await echoServer();
  const parts = values.parts.split(",");
  try {
    console.log(`${cpus().length} cores, Node ${process.version}, ${new Date().toISOString().slice(0, 10)}`);
    if (parts.includes("speed")) await speed(server.url, values.only.split(","));
    if (parts.includes("tls")) {
      console.log("\nTLS");
      await speed(server.secureUrl, ["bare", "ours"], server.ca);
    }
    if (parts.includes("accuracy")) await accuracy(server);
    if (parts.includes("idle")) await idle(server);
    if (parts.includes("coder")) await coder();
  } finally {
    server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** One round after the other, each with every subject once: what disturbs the machine disturbs all. */
async function speed(url, names, ca) {
  const { connections, bytes, hz } = load;
  const results = {};
  for (let round = 0; round < Number(values.runs); round++) {
    for (const name of names) {
      const one = await subjects[name]({ ...load, url, ...(ca ? { ca } : {}) }).catch((error) => {
        console.error(`${name}: ${error.message}`);
      });
      if (one) results[name] = [...(results[name] ?? []), one];
    }
  }
  const rows = Object.entries(results).map(([name, all]) => {
    const m = (key) => median(all.map((one) => one[key] ?? Number.NaN));
    return {
      name,
      cpu: m("cpuUs"),
      rss: m("rssPerConnection"),
      ticks: m("ticks"),
      echoed: m("echoed"),
      p50: m("p50"),
      p99: m("p99"),
    };
  });
  const floor = rows.find((row) => row.name === "bare");
  const due = connections * hz * load.seconds;
  console.log(
    `\n${connections} connections × ${bytes} bytes × ${hz} a second, ${load.seconds} s, median of ${values.runs} interleaved runs`,
  );
  table(
    ["", "CPU µs/tick", "× floor", "KB/connection", "× floor", "sent/due", "p50 ms", "p99 ms"],
    rows.map((row) => [
      row.name,
      row.cpu.toFixed(1),
      ratio(row.cpu, floor?.cpu),
      (row.rss / 1024).toFixed(1),
      ratio(row.rss, floor?.rss),
      (row.ticks / due).toFixed(3),
      row.p50.toFixed(2),
      row.p99.toFixed(2),
    ]),
  );
}

/** What is reported against a delay that is known: the server tells how late its echoes really were. */
async function accuracy(server) {
  const rows = [];
  for (const delay of [0, 5, 50, 500]) {
    await fetch(`${server.http}/delay?ms=${delay}`);
    const one = await subjects.ours({ ...load, connections: 100, seconds: 4, url: server.url });
    const [p50, p99] = await (await fetch(`${server.http}/delays`)).json();
    rows.push([
      `${delay} ms`,
      p50.toFixed(2),
      p99.toFixed(2),
      one.p50.toFixed(2),
      one.p99.toFixed(2),
      one.max.toFixed(2),
      String(one.faults),
    ]);
  }
  await fetch(`${server.http}/delay?ms=0`);
  const running = subjects.ours({ ...load, connections: 100, seconds: 6, url: server.url });
  await new Promise((resolve) => setTimeout(resolve, 5_000));
  await fetch(`${server.http}/freeze?ms=2000`);
  const frozen = await running;
  rows.push([
    "frozen for 2 s",
    "",
    "",
    frozen.p50.toFixed(2),
    frozen.p99.toFixed(2),
    frozen.max.toFixed(2),
    String(frozen.faults),
  ]);
  console.log("\nReported round trip against an injected delay (100 connections, ours)");
  table(["injected", "server p50", "server p99", "p50", "p99", "max", "faults"], rows);
}

async function idle(server) {
  const one = await subjects.ours({ ...load, connections: 10_000, hz: 0, seconds: 5, url: server.url });
  console.log(
    `\n10,000 idle held connections: ${(one.rss / 1e6).toFixed(0)} MB in all, ${(one.rssPerConnection / 1024).toFixed(1)} KB each`,
  );
}

/** Coder's own tool does one connection for each workspace, so ours does here. */
async function coder() {
  const binary = process.env.CODER_BINARY;
  if (!binary) return console.log("\nCoder's own tool: not measured, CODER_BINARY names none");
  const shape = { connections: Number(values.terminals), bytes: load.bytes, hz: load.hz };
  for (const ssh of process.env.CODER_URL ? [false, true] : [false]) {
    const results = await besideCoder({ binary, ...shape, runs: Number(values.runs), ssh });
    const rows = Object.entries(results).map(([name, all]) => ({
      name,
      cpu: median(all.map((one) => one.cpuUs)),
      peak: median(all.map((one) => one.peak)),
    }));
    const theirs = rows[0];
    console.log(
      `\n${shape.connections} ${ssh ? "SSH sessions" : "web terminals"} × ${shape.bytes} bytes × ${shape.hz} a second, the whole program between its first and last seconds, median of ${values.runs} interleaved runs`,
    );
    table(
      ["", "CPU µs/tick", "× theirs", "MB at most", "× theirs"],
      rows.map((row) => [
        row.name,
        row.cpu.toFixed(0),
        ratio(row.cpu, theirs.cpu),
        (row.peak / 1e6).toFixed(0),
        ratio(row.peak, theirs.peak),
      ]),
    );
  }
}

function ratio(value, floor) {
  return floor ? (value / floor).toFixed(2) : "–";
}

function median(all) {
  const sorted = [...all].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function table(head, rows) {
  const widths = head.map((cell, at) => Math.max(cell.length, ...rows.map((row) => row[at].length)) + 2);
  const line = (cells) =>
    cells.map((cell, at) => (at === 0 ? cell.padEnd(widths[at]) : cell.padStart(widths[at]))).join("");
  for (const row of [head, ...rows]) console.log(line(row));
}

function asFlags(to) {
  return Object.entries(to).flatMap(([name, value]) => [`--${name}`, String(value)]);
}

/** Runs a subject that tells its own figures. */
async function node(args) {
  const { output } = await run(process.execPath, ["--expose-gc", ...args]);
  return JSON.parse(output.trim().split("\n").at(-1));
}

/** CPU and memory of another's program, from outside: over its whole life, and its peak. */
async function runK6({ url, connections, bytes, hz, seconds }) {
  const binary = k6();
  if (!binary) throw new Error("not to be had");
  const env = { URL: url, CONNECTIONS: connections, BYTES: bytes, HZ: hz, SECONDS: seconds };
  const args = [
    "run",
    "--quiet",
    ...Object.entries(env).flatMap(([name, value]) => ["-e", `${name}=${value}`]),
  ];
  const { output, cpuUs, peak } = await run(binary, [...args, path.join(here, "k6.js")]);
  const told = JSON.parse(output.slice(output.indexOf("{")));
  return { ...told, cpuUs: cpuUs / told.ticks, rssPerConnection: peak / connections };
}

async function runArtillery(to) {
  const command = artillery();
  if (!command) throw new Error("not to be had");
  const report = path.join(folder, "artillery.json");
  const { cpuUs, peak } = await run(process.execPath, [
    command,
    "run",
    "--quiet",
    "-o",
    report,
    artilleryScript(folder, to),
  ]);
  const { counters } = JSON.parse(readFileSync(report, "utf8")).aggregate;
  const ticks = counters["websocket.messages_sent"] ?? 0;
  return {
    ticks,
    echoed: Number.NaN,
    cpuUs: cpuUs / ticks,
    rssPerConnection: peak / to.connections,
    p50: Number.NaN,
    p99: Number.NaN,
  };
}

function echoServer() {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [path.join(here, "echo-server.mjs")], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    child.stdout.once("data", (line) => {
      const { port, securePort, cert } = JSON.parse(line);
      const ca = path.join(folder, "ca.pem");
      writeFileSync(ca, cert);
      resolve({
        url: `ws://127.0.0.1:${port}/echo`,
        secureUrl: `wss://127.0.0.1:${securePort}/echo`,
        ca,
        http: `http://127.0.0.1:${port}`,
        stop: () => child.kill(),
      });
    });
  });
}

await main();
