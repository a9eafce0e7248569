import { readFile } from "node:fs/promises";
import path from "node:path";
import type { Guard } from "../protocol/guard.ts";
import { leftText, totalLeft } from "../protocol/left.ts";
import { runResultSchema } from "../protocol/result.ts";
import type { Snapshot } from "../protocol/snapshot.ts";
import type { Target } from "../protocol/target.ts";
import type { RunnerConnection } from "../runner/client/connection.ts";
import { startRun } from "../runner/client/start.ts";
import { FolderError } from "../runs/folder-error.ts";
import { productHome, runsIn } from "../runs/home.ts";
import { RESULT_FILE } from "../runs/run-file.ts";
import { CliError, EXIT } from "./exit.ts";
import { type Output, writeOutputs } from "./outputs.ts";
import { PRODUCT } from "./product.ts";
import { Progress } from "./progress.ts";

export interface HeadlessRun {
  workload: string;
  title: string;
  config: Record<string, unknown>;
  target: Target;
  guard: Guard;
  outputs: readonly Output[];
  /** The folder of runs. */
  runs: string;
  /** Leave the run to itself once it has been started. */
  detach: boolean;
}

/** The folder of runs: the one named, else where the product keeps them all. A new run makes it. */
export function runsAt(runsDir: string | undefined): string {
  return runsDir ? path.resolve(runsDir) : runsIn(productHome());
}

/** Runs to the end, showing progress; resolves with the exit code. Ctrl-C and SIGTERM stop it from its first moment. */
export async function runHeadless(run: HeadlessRun): Promise<number> {
  const progress = new Progress();
  const interrupts = new Interrupts(progress, run.target.url);
  try {
    const connection = await start(run, interrupts);
    if (run.detach) return leave(connection);
    interrupts.attach(connection);
    return await watchRun(connection, run.outputs, progress);
  } finally {
    interrupts.dispose();
  }
}

async function start(run: HeadlessRun, { signal }: Interrupts): Promise<RunnerConnection> {
  try {
    return await startRun({
      runs: run.runs,
      runnerPath: path.join(__dirname, "runner.js"),
      workload: run.workload,
      title: run.title,
      config: run.config,
      target: run.target,
      guard: run.guard,
      endWithClient: !run.detach,
      client: "command line",
      product: PRODUCT,
      signal,
    });
  } catch (error) {
    if (signal.aborted)
      throw new CliError("stopped before the run began; nothing was made", EXIT.interrupted);
    if (error instanceof FolderError) throw error;
    throw new CliError(`the run could not be started: ${(error as Error).message}`, EXIT.refused);
  }
}

function leave(connection: RunnerConnection): number {
  process.stdout.write(`${connection.runId}\n`);
  process.stderr.write(
    `it goes on by itself; watch it with: coder-scaletest runs watch ${connection.runId}\n`,
  );
  connection.dispose();
  return EXIT.passed;
}

/** Shows a run until its end; resolves with its exit code. Leaving it does not end it. */
export async function watchRun(
  connection: RunnerConnection,
  outputs: readonly Output[],
  progress = new Progress(),
): Promise<number> {
  try {
    const last = await watch(connection, progress);
    return await report(outputs, connection.folder, last);
  } finally {
    connection.dispose();
  }
}

/** Resolves with the last snapshot when the run is over, or rejects where the runner died. */
function watch(connection: RunnerConnection, progress: Progress): Promise<Snapshot> {
  return new Promise((resolve, reject) => {
    const take = (snapshot: Snapshot) => {
      progress.show(snapshot);
      if (snapshot.state !== "finished") return;
      progress.end();
      resolve(snapshot);
    };
    connection.onSnapshot(take);
    connection.onClose(() => {
      progress.end();
      const last = connection.latest();
      if (last?.state === "finished") resolve(last);
      else reject(new CliError(diedText(connection), EXIT.someFailed));
    });
    const first = connection.latest();
    if (first) take(first);
  });
}

function diedText(connection: RunnerConnection): string {
  return `the runner of run ${connection.runId} died; clean up with: coder-scaletest runs clean ${connection.runId} (its record: ${connection.folder})`;
}

async function report(outputs: readonly Output[], folder: string, last: Snapshot): Promise<number> {
  const { outcome } = last;
  if (!outcome) return EXIT.someFailed;
  if (outcome.refusal !== undefined) throw new CliError(outcome.refusal, outcome.exitCode);
  const json = await readFile(path.join(folder, RESULT_FILE), "utf8");
  writeOutputs(outputs, runResultSchema.parse(JSON.parse(json)), json);
  return outcome.exitCode;
}

/**
 * Ctrl-C, once: stop and clean up. Twice: leave at once, and say how to clean up later. SIGTERM is the same. Before
 * the run has begun, the first one ends its start.
 */
class Interrupts {
  #count = 0;
  #stop = new AbortController();
  #connection: RunnerConnection | undefined;
  #progress: Progress;
  #url: string;
  #handler = () => this.#interrupted();

  constructor(progress: Progress, url: string) {
    this.#progress = progress;
    this.#url = url;
    process.on("SIGINT", this.#handler);
    process.on("SIGTERM", this.#handler);
  }

  /** Aborts the start of a run. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** The run has begun: from now on it is stopped, not given up. */
  attach(connection: RunnerConnection): void {
    this.#connection = connection;
    if (this.#count > 0) this.#stopRun(connection);
  }

  #interrupted(): void {
    this.#count++;
    const connection = this.#connection;
    if (this.#count > 1) this.#leaveAll(connection);
    else if (connection) this.#stopRun(connection);
    else this.#stop.abort(new Error("interrupted"));
  }

  #stopRun(connection: RunnerConnection): void {
    this.#progress.say("stopping and cleaning up; once more leaves everything as it is, at once");
    void connection.stop(false).catch(() => undefined);
  }

  #leaveAll(connection: RunnerConnection | undefined): void {
    const leave = () => process.exit(EXIT.interrupted);
    if (!connection) return leave();
    const { users = 0, workspaces = 0, tokens = 0 } = connection.latest()?.existing ?? {};
    const left = { users, workspaces, tokens };
    this.#progress.say(
      totalLeft(left) > 0
        ? `left ${leftText(left)} on ${this.#url}; clean up with: coder-scaletest runs clean ${connection.runId} --url ${this.#url}`
        : "left; nothing of this run exists on the deployment",
    );
    setTimeout(leave, 1_000).unref();
    void connection.stop(true).then(leave, leave);
  }

  dispose(): void {
    process.off("SIGINT", this.#handler);
    process.off("SIGTERM", this.#handler);
  }
}
