// Native SSH against a real deployment: CPU a tick, memory and lost echoes, beside Coder's own tool where
// CODER_BINARY names it.
//
//   CODER_URL=… CODER_SESSION_TOKEN=… [CODER_BINARY=…] node bench/tailnet.mjs --sessions 100 --seconds 30
//
// Other flags: --rate 10 (ticks a second), --bytes 1024, --agents N (use so many of the workspaces),
// --per-node N (connections that share a tailnet node), --websocket (relay by WebSocket).
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build } from "esbuild";
import { ssh2Ciphers } from "../scripts/ssh2-ciphers.mjs";

const text = { type: "string" };
const { values } = parseArgs({
  strict: false,
  options: { sessions: text, seconds: text, rate: text, bytes: text },
});
const folder = await mkdtemp(path.join(tmpdir(), "bench-tailnet-"));
try {
  const outfile = path.join(folder, "ssh-load.cjs");
  // As it ships: one file, with libsodium's ciphers in ssh2.
  await build({
    entryPoints: [fileURLToPath(new URL("tailnet/ssh-load.ts", import.meta.url))],
    outfile,
    bundle: true,
    platform: "node",
    target: "node22",
    format: "cjs",
    plugins: [ssh2Ciphers],
    external: ["cpu-features", "*.node"],
    logLevel: "error",
  });
  if (process.env.CODER_BINARY) console.log(JSON.stringify(await runCoder(process.env.CODER_BINARY)));
  const ours = spawn(process.execPath, [outfile, ...process.argv.slice(2)], { stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => ours.kill(signal));
  process.exitCode = await new Promise((resolve) => ours.once("exit", (code) => resolve(code ?? 1)));
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** Coder's own load tool with the same traffic: one connection to each workspace. */
async function runCoder(binary) {
  const sessions = Number(values.sessions ?? 20);
  const seconds = Number(values.seconds ?? 30);
  const rate = Number(values.rate ?? 10);
  const args = ["exp", "scaletest", "workspace-traffic", "--ssh", "--disable-direct", "--concurrency", "0"];
  args.push("--bytes-per-tick", String(values.bytes ?? 1024), "--tick-interval", `${1000 / rate}ms`);
  args.push("--timeout", `${seconds}s`, "--scaletest-prometheus-wait", "0s");
  args.push("--scaletest-prometheus-address", "127.0.0.1:0", "--target-workspaces", `0:${sessions}`);
  const child = spawn(binary, args, { stdio: ["ignore", "pipe", "pipe"] });
  let words = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk) => {
      words = (words + chunk).slice(-2000);
    });
  let usage = { cpuSeconds: 0, rssMb: 0 };
  /** Once all is connected and before it ends: the part that can be compared tick by tick. */
  const steady = [];
  const startedAt = performance.now();
  const watch = setInterval(async () => {
    const now = await usageOf(child.pid);
    if (now?.rssMb) usage = now;
    const at = (performance.now() - startedAt) / 1000;
    if (at > seconds / 3 && at < seconds * 0.9) steady.push({ at, cpu: usage.cpuSeconds });
  }, 100);
  const code = await new Promise((resolve) => child.once("exit", resolve));
  clearInterval(watch);
  const ticks = sessions * seconds * rate;
  const wholeCpuPerTickUs = Math.round((usage.cpuSeconds * 1e6) / ticks);
  const [first, last] = [steady[0], steady.at(-1)];
  const inBetween = first && last ? (last.at - first.at) * rate * sessions : 0;
  const cpuPerTickUs = inBetween ? Math.round(((last.cpu - first.cpu) * 1e6) / inBetween) : undefined;
  return {
    what: "coder exp scaletest workspace-traffic --ssh",
    code,
    sessions,
    seconds,
    ticks,
    cpuPerTickUs,
    wholeCpuPerTickUs,
    ...usage,
    words: code ? words : undefined,
  };
}

/** Linux only: user and system time, and the most memory so far. */
async function usageOf(pid) {
  try {
    const stat = (await readFile(`/proc/${pid}/stat`, "utf8")).split(") ")[1].split(" ");
    const status = await readFile(`/proc/${pid}/status`, "utf8");
    const rssKb = Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0);
    return { cpuSeconds: (Number(stat[11]) + Number(stat[12])) / 100, rssMb: Math.round(rssKb / 1024) };
  } catch {
    return undefined;
  }
}
