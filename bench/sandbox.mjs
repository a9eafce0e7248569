// The sandbox itself: how fast it starts, what 2,000 held terminals cost, and what it adds to an echo.
//
//   node bench/sandbox.mjs [--workspaces 1000] [--terminals 2000] [--connections 500] [--seconds 20]
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { ssh2Ciphers } from "../scripts/ssh2-ciphers.mjs";

const folder = await mkdtemp(path.join(tmpdir(), "bench-sandbox-"));
try {
  const entry = (name) => fileURLToPath(new URL(`sandbox/${name}.ts`, import.meta.url));
  await build({
    entryPoints: [entry("serve"), entry("bare"), entry("load")],
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    target: "node22",
    format: "esm",
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url); const __filename = import.meta.filename; const __dirname = import.meta.dirname;",
    },
    plugins: [ssh2Ciphers],
    external: ["cpu-features", "*.node"],
    logLevel: "error",
  });
  const load = spawn(process.execPath, [path.join(folder, "load.mjs"), ...process.argv.slice(2)], {
    stdio: "inherit",
    env: {
      ...process.env,
      BENCH_SERVE: path.join(folder, "serve.mjs"),
      BENCH_BARE: path.join(folder, "bare.mjs"),
    },
  });
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => load.kill(signal));
  process.exitCode = await new Promise((resolve) => load.once("exit", (code) => resolve(code ?? 1)));
} finally {
  await rm(folder, { recursive: true, force: true });
}
