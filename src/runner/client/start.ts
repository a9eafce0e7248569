import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import type { Guard } from "../../protocol/guard.ts";
import type { Target } from "../../protocol/target.ts";
import { createRunFolder, RUNNER_LOG } from "../../runs/run-file.ts";
import { RunnerConnection } from "./connection.ts";
import { ask } from "./rpc.ts";

export interface StartOptions {
  /** The runs' folder (see runs/home.ts). */
  runs: string;
  /** dist/runner.js */
  runnerPath: string;
  workload: string;
  title: string;
  config: Record<string, unknown>;
  target: Target;
  /** What keeps the load from hitting the wrong deployment. */
  guard: Guard;
  /** Stop and clean up when this process is gone. The editor leaves its runs running. */
  endWithClient: boolean;
  /** Who is watching, for the runner's events: "command line", "editor". */
  client: string;
  /** Version of this product. */
  product: string;
  /** A runner that has not opened its socket after this many milliseconds is given up. */
  readyTimeoutMs?: number;
}

/**
 * Starts a run in a process of its own and attaches to it.
 * The token of the deployment goes over the socket, never by argument or environment.
 */
export async function startRun(options: StartOptions): Promise<RunnerConnection> {
  const { folder } = await createRunFolder(options.runs, {
    title: options.title,
    workload: options.workload,
    config: options.config,
    url: options.target.url,
    product: options.product,
  });
  const child = spawnRunner(options.runnerPath, folder);
  try {
    await ready(child, folder, options.readyTimeoutMs ?? 20_000);
    const connection = await RunnerConnection.attach(folder, options.client);
    await ask(connection.rpc(), "run/start", {
      target: options.target,
      guard: options.guard,
      endWithClient: options.endWithClient,
    });
    return connection;
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  }
}

function spawnRunner(runnerPath: string, folder: string): ChildProcess {
  const log = openSync(path.join(folder, RUNNER_LOG), "a", 0o600);
  try {
    return spawn(process.execPath, [...LEAN, runnerPath, folder], {
      // A group of its own: Ctrl-C in a terminal reaches the command line only, which then asks for a stop.
      detached: true,
      windowsHide: true,
      stdio: ["ignore", "pipe", log],
      env: runnerEnvironment(process.env),
    });
  } finally {
    closeSync(log);
  }
}

/**
 * What is young is collected soon, instead of being given room: of a run of 300 workspaces the memory is a third
 * less for 4 % more CPU, and many tests may run on one machine.
 */
const LEAN = ["--max-semi-space-size=4"];

/** In the editor's extension host, `execPath` may be Electron, and VSCODE_… would make a child misbehave. */
function runnerEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const secret = new Set(["CODER_SESSION_TOKEN", "CODER_SCALETEST_TOKEN"]);
  const kept = Object.entries(env).filter(([name]) => !name.startsWith("VSCODE_") && !secret.has(name));
  // Without a limit glibc keeps a heap for each thread, and what a compiler's thread has used once is kept for good.
  return { MALLOC_ARENA_MAX: "1", ...Object.fromEntries(kept), ELECTRON_RUN_AS_NODE: "1" };
}

function ready(child: ChildProcess, folder: string, timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => void fail(`the runner did not start within ${timeoutMs / 1_000} s`),
      timeoutMs,
    );
    const fail = async (reason: string) => {
      clearTimeout(timer);
      const log = await readFile(path.join(folder, RUNNER_LOG), "utf8").catch(() => "");
      const lastLine = log.trim().split("\n").at(-1) ?? "";
      reject(new Error(lastLine ? `${reason}: ${lastLine}` : reason));
    };
    child.once("error", (error) => void fail(`the runner could not be started (${error.message})`));
    child.once("exit", (code) => void fail(`the runner ended before it was ready (exit status ${code})`));
    child.stdout?.once("data", () => {
      clearTimeout(timer);
      child.removeAllListeners("exit");
      child.removeAllListeners("error");
      child.on("error", () => undefined);
      child.stdout?.destroy();
      child.unref();
      resolve();
    });
  });
}
