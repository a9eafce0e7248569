import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import path from "node:path";
import { withoutSecrets } from "../../protocol/secret-variables.ts";
import { RUNNER_LOG } from "../../runs/file-names.ts";
import { reasonOf } from "../../runs/folder-error.ts";
import { foreign, say } from "../../text/message.ts";
import { SaidError } from "../../text/said-error.ts";

/** The first line of a runner that listens. */
const READY = "ready\n";
/** A local socket answers at once; a runner that does not is stuck. */
const ANSWER_MS = 8_000;

export interface Launch {
  /** dist/runner.js */
  runnerPath: string;
  /** Ends the start. */
  signal?: AbortSignal;
  /** A runner that has not opened its socket after this many milliseconds is given up. */
  readyTimeoutMs?: number;
}

/**
 * Starts the runner of a run's folder, and attaches to it by `attach`, which has a few seconds. Rejects as that does, with
 * one sentence, or with the signal's reason; no process is left then.
 */
export async function launchRunner<T>(folder: string, options: Launch, attach: () => Promise<T>): Promise<T> {
  const child = spawnRunner(options.runnerPath, folder);
  try {
    await ready(child, folder, options);
    return await inTime(attach());
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
 * less for 4 % more CPU, and many tests may run on one machine. What is old is collected when it has grown by 40 %: by V8's
 * own choice a run of 2,000 workspaces keeps 100 MB that nobody needs (docs/architecture.md, The runner's memory).
 */
const LEAN = ["--max-semi-space-size=4", "--heap-growing-percent=40"];

/** In the editor's extension host, `execPath` may be Electron, and VSCODE_… would make a child misbehave. */
function runnerEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(withoutSecrets(env)).filter(([name]) => !name.startsWith("VSCODE_"));
  // Without a limit glibc keeps a heap for each thread, and what a compiler's thread has used once is kept for good.
  return { MALLOC_ARENA_MAX: "1", ...Object.fromEntries(kept), ELECTRON_RUN_AS_NODE: "1" };
}

/** Resolves when the runner listens. Its first line says so, or why it cannot. */
function ready(
  child: ChildProcess,
  folder: string,
  { readyTimeoutMs: timeoutMs = 15_000, signal }: Launch,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const said: Buffer[] = [];
    const done = (error?: unknown) => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", stopped);
      child.removeAllListeners("close");
      child.removeAllListeners("error");
      child.on("error", () => undefined);
      child.stdout?.removeAllListeners("data");
      child.stdout?.destroy();
      child.unref();
      if (error === undefined) resolve();
      else reject(error);
    };
    const stopped = () => done(signal?.reason);
    const timer = setTimeout(
      () => done(new SaidError(say("the runner did not start within {0} s", timeoutMs / 1_000))),
      timeoutMs,
    );
    signal?.addEventListener("abort", stopped, { once: true });
    if (signal?.aborted) stopped();
    child.once("error", (error) =>
      done(new SaidError(say("the runner's process could not be started ({0})", reasonOf(error)))),
    );
    child.once("close", (code) => {
      const line = Buffer.concat(said).toString("utf8").trim() || lastLogLine(folder);
      done(
        new SaidError(
          line ? foreign(line) : say("the runner ended before it was ready (exit status {0})", String(code)),
        ),
      );
    });
    child.stdout?.on("data", (chunk: Buffer) => {
      said.push(chunk);
      if (Buffer.concat(said).toString("utf8").startsWith(READY)) done();
    });
  });
}

/** What Node.js itself said where the runner could not even load. */
function lastLogLine(folder: string): string {
  try {
    return readFileSync(path.join(folder, RUNNER_LOG), "utf8").trim().split("\n").at(-1) ?? "";
  } catch {
    return "";
  }
}

/** Rejects where the runner does not answer: it hangs, or its machine does. */
function inTime<T>(answer: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = () =>
      reject(new SaidError(say("the runner does not answer within {0} s", ANSWER_MS / 1_000)));
    const timer = setTimeout(late, ANSWER_MS);
    answer.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
