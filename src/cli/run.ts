import { readFile } from "node:fs/promises";
import path from "node:path";
import type { Guard } from "../protocol/guard.ts";
import { runResultSchema } from "../protocol/result.ts";
import type { Snapshot } from "../protocol/snapshot.ts";
import type { Target } from "../protocol/target.ts";
import type { RunnerConnection } from "../runner/client/connection.ts";
import { startRun } from "../runner/client/start.ts";
import { productHome, runsFolder } from "../runs/home.ts";
import { leftText } from "../runs/left.ts";
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

/** The folder of runs: the one named, else where the product keeps them all. */
export function runsAt(runsDir: string | undefined): string {
  return runsDir ? path.resolve(runsDir) : runsFolder(productHome());
}

/** Runs to the end, showing progress; resolves with the exit code. */
export async function runHeadless(run: HeadlessRun): Promise<number> {
  let connection: RunnerConnection;
  try {
    connection = await startRun({
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
    });
  } catch (error) {
    throw new CliError(`the run could not be started: ${(error as Error).message}`, EXIT.refused);
  }
  if (run.detach) {
    process.stdout.write(`${connection.runId}\n`);
    process.stderr.write(
      `it goes on by itself; watch it with: coder-scaletest runs watch ${connection.runId}\n`,
    );
    connection.dispose();
    return EXIT.passed;
  }
  return watchRun(connection, run.outputs, run.target.url);
}

/**
 * Shows a run until its end; resolves with its exit code. Interrupts stop it where it was started here
 * (`url` is given), and only leave it where it is just being watched.
 */
export async function watchRun(
  connection: RunnerConnection,
  outputs: readonly Output[],
  url?: string,
): Promise<number> {
  const progress = new Progress();
  const interrupts = url === undefined ? undefined : new Interrupts(connection, progress, url);
  try {
    const last = await watch(connection, progress);
    return await report(outputs, connection.folder, last);
  } finally {
    interrupts?.dispose();
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

/** Ctrl-C, once: stop and clean up. Twice: leave at once, and say how to clean up later. SIGTERM is the same. */
class Interrupts {
  #count = 0;
  #handler: () => void;

  constructor(connection: RunnerConnection, progress: Progress, url: string) {
    this.#handler = () => {
      this.#count++;
      if (this.#count === 1) {
        progress.say("stopping and cleaning up; once more leaves everything as it is, at once");
        void connection.stop(false).catch(() => undefined);
        return;
      }
      const { users = 0, workspaces = 0, tokens = 0 } = connection.latest()?.existing ?? {};
      const left = leftText({ users, workspaces, tokens });
      progress.say(
        left === ""
          ? "left; nothing of this run exists on the deployment"
          : `left ${left} on ${url}; clean up with: coder-scaletest runs clean ${connection.runId} --url ${url}`,
      );
      const leave = () => process.exit(EXIT.interrupted);
      setTimeout(leave, 1_000).unref();
      void connection.stop(true).then(leave, leave);
    };
    process.on("SIGINT", this.#handler);
    process.on("SIGTERM", this.#handler);
  }

  dispose(): void {
    process.off("SIGINT", this.#handler);
    process.off("SIGTERM", this.#handler);
  }
}
