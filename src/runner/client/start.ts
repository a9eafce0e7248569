import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import path from "node:path";
import type { BaselineRequest } from "../../protocol/baseline.ts";
import type { Guard } from "../../protocol/guard.ts";
import type { LimitRequest } from "../../protocol/limit.ts";
import { withoutSecrets } from "../../protocol/secret-variables.ts";
import type { ServerMetrics } from "../../protocol/server-source.ts";
import type { StepRequest } from "../../protocol/step-request.ts";
import type { Target } from "../../protocol/target.ts";
import type { Telemetry } from "../../protocol/telemetry.ts";
import { reasonOf } from "../../runs/folder-error.ts";
import { readJournal } from "../../runs/journal.ts";
import {
  createRunFolder,
  RESULT_FILE,
  RUNNER_LOG,
  readRunFile,
  workloadOf,
  writeScenario,
} from "../../runs/run-file.ts";
import { foreign, say } from "../../text/message.ts";
import { SaidError } from "../../text/said-error.ts";
import { RunnerConnection } from "./connection.ts";
import { ask } from "./rpc.ts";

export interface StartOptions {
  /** The runs' folder (see runs/home.ts). */
  runs: string;
  /** dist/runner.js */
  runnerPath: string;
  title: string;
  steps: readonly StepRequest[];
  /** What the run is held to besides what its steps are. */
  thresholds?: readonly string[];
  /** An earlier run, with which this one is compared at its end. */
  baseline?: BaselineRequest | undefined;
  /** A search for the largest load. */
  limit?: LimitRequest | undefined;
  /** The file that was asked for, to be kept with the run. */
  scenario?: string;
  target: Target;
  /** What keeps the load from hitting the wrong deployment. */
  guard: Guard;
  /** Steps may run programs on this machine; by default they may not. */
  allowRun?: boolean;
  /** Where the run reads the deployment's own figures; absent: it does not. */
  serverMetrics?: ServerMetrics | undefined;
  telemetry?: Telemetry | undefined;
  /** Stop and clean up when this process is gone. The editor leaves its runs running. */
  endWithClient: boolean;
  /** Who is watching, for the runner's events: "command line", "editor". */
  client: string;
  /** Version of this product. */
  product: string;
  /** Ends the start, for instance at Ctrl-C; a run that has begun is stopped by its connection. */
  signal?: AbortSignal;
  /** A runner that has not opened its socket after this many milliseconds is given up. */
  readyTimeoutMs?: number;
}

/** The first line of a runner that listens. */
const READY = "ready\n";
/** A local socket answers at once; a runner that does not is stuck. */
const ANSWER_MS = 8_000;

/**
 * Starts a run in a process of its own and attaches to it. The token of the deployment and what is asked for, which may
 * hold secrets, go over the socket, never by argument, environment or file. Rejects with FolderError, with one sentence, or with the signal's reason; a run that did not begin leaves its
 * result or nothing in the folder of runs, and no process.
 */
export async function startRun(options: StartOptions): Promise<RunnerConnection> {
  const { folder } = await createRunFolder(options.runs, {
    title: options.title,
    workload: workloadOf(options.steps),
    url: options.target.url,
    product: options.product,
  });
  let child: ChildProcess | undefined;
  try {
    if (options.scenario !== undefined) await writeScenario(folder, options.scenario);
    child = spawnRunner(options.runnerPath, folder);
    await ready(child, folder, options);
    return await begin(options, folder);
  } catch (error) {
    child?.kill("SIGKILL");
    await removeUnbegun(folder);
    throw error;
  }
}

async function begin(options: StartOptions, folder: string): Promise<RunnerConnection> {
  const connection = await inTime(RunnerConnection.attach(folder, options.client));
  try {
    options.signal?.throwIfAborted();
    const {
      steps,
      thresholds = [],
      baseline,
      limit,
      target,
      guard,
      allowRun = false,
      serverMetrics,
      telemetry,
      endWithClient,
    } = options;
    const asked = {
      ...{ steps: [...steps], thresholds: [...thresholds] },
      ...{ target, guard, allowRun, endWithClient },
      ...(baseline ? { baseline } : {}),
      ...(limit ? { limit } : {}),
      ...(serverMetrics ? { serverMetrics } : {}),
      ...(telemetry ? { telemetry } : {}),
    };
    await inTime(ask(connection.rpc(), "run/start", asked));
    return connection;
  } catch (error) {
    connection.dispose();
    throw error;
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

/** What Node.js itself said where the runner could not even load. */
function lastLogLine(folder: string): string {
  try {
    return readFileSync(path.join(folder, RUNNER_LOG), "utf8").trim().split("\n").at(-1) ?? "";
  } catch {
    return "";
  }
}

/** Without a result and without a journal entry, there is nothing to remember of a run. */
async function removeUnbegun(folder: string): Promise<void> {
  const socket = await readRunFile(folder).then(
    ({ runner }) => runner.socket,
    () => undefined,
  );
  if (socket && !socket.startsWith("\\\\")) await rm(socket, { force: true }).catch(() => undefined);
  const journal = await readJournal(folder);
  if (journal.remaining().length > 0 || existsSync(path.join(folder, RESULT_FILE))) return;
  await rm(folder, { recursive: true, force: true }).catch(() => undefined);
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
  const kept = Object.entries(withoutSecrets(env)).filter(([name]) => !name.startsWith("VSCODE_"));
  // Without a limit glibc keeps a heap for each thread, and what a compiler's thread has used once is kept for good.
  return { MALLOC_ARENA_MAX: "1", ...Object.fromEntries(kept), ELECTRON_RUN_AS_NODE: "1" };
}

/** Resolves when the runner listens. Its first line says so, or why it cannot. */
function ready(
  child: ChildProcess,
  folder: string,
  { readyTimeoutMs: timeoutMs = 15_000, signal }: Pick<StartOptions, "readyTimeoutMs" | "signal">,
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
