// Our own command line beside Coder's own tool, on the same workspaces of the same deployment: a sandbox made
// here, or the one that CODER_URL and CODER_SESSION_TOKEN name.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "./process-usage.mjs";

const cli = fileURLToPath(new URL("../../dist/cli.js", import.meta.url));
const SECONDS = 50;
/** Everything is open and compiled by then, and nothing has ended: the part that can be compared tick by tick. */
const window = { from: 25, until: 48 };

/** Interleaved runs of both; the figures of each run: CPU µs a tick, and bytes resident at most. */
export async function besideCoder({ binary, connections, bytes, hz, runs, ssh }) {
  const home = mkdtempSync(path.join(tmpdir(), "bench-coder-"));
  const own = process.env.CODER_URL ? undefined : await sandbox(home);
  const env = {
    ...process.env,
    CODER_SCALETEST_HOME: home,
    CODER_CONFIG_DIR: home,
    CODER_URL: own?.url ?? process.env.CODER_URL,
    CODER_SESSION_TOKEN: own?.token ?? process.env.CODER_SESSION_TOKEN,
  };
  const load = ["workspace-traffic", "--concurrency", "0", "--target-workspaces", `0:${connections}`];
  load.push("--bytes-per-tick", String(bytes), "--tick-interval", `${1000 / hz}ms`);
  if (ssh) load.push("--ssh");
  const tools = {
    "coder exp scaletest": [
      binary,
      ["exp", "scaletest", ...load, "--timeout", `${SECONDS}s`, "--disable-direct"],
      ["--scaletest-prometheus-address", "127.0.0.1:0", "--scaletest-prometheus-wait", "0s"],
    ],
    ours: [
      process.execPath,
      [cli, ...load, "--duration", `${SECONDS}s`],
      ["--i-know-this-is", new URL(env.CODER_URL).host],
    ],
  };
  const results = { "coder exp scaletest": [], ours: [] };
  try {
    if (own) await makeWorkspaces(connections, env);
    for (let round = 0; round < runs; round++) {
      for (const [name, [program, args, more]] of Object.entries(tools)) {
        const { steadyCpuUs, peak } = await run(program, [...args, ...more], { env, window });
        results[name].push({ cpuUs: steadyCpuUs / (connections * hz), peak });
      }
    }
    return results;
  } finally {
    own?.stop();
    rmSync(home, { recursive: true, force: true });
  }
}

async function makeWorkspaces(count, env) {
  const args = ["create-workspaces", "--count", String(count), "--template", "kubernetes"];
  await run(process.execPath, [cli, ...args, "--concurrency", "0", "--no-ssh", "--no-cleanup"], { env });
}

function sandbox(home) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [cli, "sandbox", "--json"], {
      stdio: ["ignore", "pipe", "inherit"],
      env: { ...process.env, CODER_SCALETEST_HOME: home },
    });
    let words = "";
    child.once("error", reject);
    child.once("exit", () => reject(new Error(`the sandbox did not start: ${words}`)));
    child.stdout.on("data", (chunk) => {
      words += chunk;
      if (!words.includes("\n")) return;
      const { url, token } = JSON.parse(words);
      resolve({ url, token, stop: () => child.kill() });
    });
  });
}
