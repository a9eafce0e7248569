import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { build } from "esbuild";
import { oneStep } from "../../src/protocol/step-request.ts";
import { newRunId, type RunFile, readRunHead } from "../../src/runs/run-file.ts";
import type { Sandbox } from "../../src/sandbox/server.ts";
import type { Message } from "./wire.ts";

/** One message of a recording, and who sent it. */
export interface Frame {
  from: "client" | "runner";
  message: Message;
}

/** What version 1 of the protocol said, with this run's own token and deployment in the place of the recorded ones. */
export async function recorded(
  name: string,
  token: string,
  { url, token: session }: Sandbox,
): Promise<Frame[]> {
  const file = fileURLToPath(new URL(`version-1-frames/${name}.ndjson`, import.meta.url));
  const text = (await readFile(file, "utf8"))
    .replaceAll("the-token-of-the-run", token)
    .replaceAll("session0id-sessiontokensecret00000", session)
    .replaceAll("http://127.0.0.1:3000", url);
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

/** The runner of version 1 as it was built, but for SSH, which is left out. */
export function unpackVersion1(home: string): string {
  const packed = fileURLToPath(new URL("version-1-runner/runner.cjs.gz", import.meta.url));
  const script = path.join(home, "version-1.cjs");
  writeFileSync(script, gunzipSync(readFileSync(packed)));
  return script;
}

/** The runner of the sources as they are. */
export async function buildRunner(home: string): Promise<string> {
  const script = path.join(home, "runner.cjs");
  await build({
    entryPoints: [fileURLToPath(new URL("../../src/runner/main.ts", import.meta.url))],
    outfile: script,
    bundle: true,
    platform: "node",
    format: "cjs",
    external: ["cpu-features", "*.node"],
    logLevel: "error",
  });
  return script;
}

/** A run of three workspaces that goes on until it is stopped, as it is written down in run.json. */
const RUN = { title: "3 workspaces", workload: "create-workspaces" };
const CONFIG = {
  template: "kubernetes",
  count: 3,
  concurrency: 0,
  runCommand: "sleep 60",
  runTimeoutMs: 120_000,
  ssh: false,
};

export interface StartedRunner {
  folder: string;
  file: RunFile;
  socket: string;
  /** The exit status of its process. */
  ended: Promise<number | null>;
}

const started = new Set<ChildProcess>();

/** Ends those that a test which did not go well has left. */
export function killRunners(): void {
  for (const child of started) child.kill("SIGKILL");
  started.clear();
}

/** A runner of version 1 or 2 that listens, with its run not begun. */
export async function startRunner(
  script: string,
  home: string,
  version: 1 | 2,
  url: string,
): Promise<StartedRunner> {
  const id = newRunId();
  const folder = path.join(home, "runs", `2026-11-28T00-00-00-${id}`);
  mkdirSync(folder, { recursive: true });
  const deployment = { url, host: new URL(url).host, version: "", user: "", sandbox: false };
  const made = { version, id, createdAt: Date.now(), host: "here", product: "0.1.0", deployment };
  const asked = version === 1 ? { config: CONFIG } : { steps: oneStep(RUN.workload, CONFIG) };
  const head = { ...RUN, ...asked, ...made, runner: { token: `token-of-${id}` } };
  writeFileSync(path.join(folder, "run.json"), JSON.stringify(head));
  const child = spawn(process.execPath, [script, folder], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, CODER_SCALETEST_HOME: home },
  });
  started.add(child);
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  const said = new Promise<string>((resolve) => child.stdout.once("data", (data) => resolve(String(data))));
  const first = await Promise.race([said, ended]);
  if (first !== "ready\n") throw new Error(`the runner did not begin: ${first}`);
  const file = await readRunHead(folder);
  if (!file.runner.socket) throw new Error("the runner does not say where it listens");
  return { folder, file, socket: file.runner.socket, ended };
}
