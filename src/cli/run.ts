import { readFile } from "node:fs/promises";
import path from "node:path";
import { findBaseline } from "../app/compare/baseline.ts";
import { Refused } from "../app/refused.ts";
import { readAsked } from "../app/report/asked.ts";
import type { RunRequest } from "../app/run-request.ts";
import { readRecord } from "../app/runs/record.ts";
import { lostReport } from "../app/runs/result.ts";
import { start as startRun } from "../app/start.ts";
import type { BaselineRequest } from "../protocol/baseline.ts";
import { leftText, totalLeft } from "../protocol/left.ts";
import { runResultSchema } from "../protocol/result.ts";
import type { Snapshot } from "../protocol/snapshot.ts";
import { allCounts, viewOf } from "../protocol/steps.ts";
import type { RunnerConnection } from "../runner/client/connection.ts";
import { FolderError } from "../runs/folder-error.ts";
import { productHome, runsIn } from "../runs/home.ts";
import { RESULT_FILE } from "../runs/run-file.ts";
import { english, foreign } from "../text/message.ts";
import { workloads } from "../workloads/index.ts";
import { CliError, EXIT } from "./exit.ts";
import type { Output } from "./outputs.ts";
import { PRODUCT } from "./product.ts";
import { Progress } from "./progress.ts";
import { notForReaders, TellingError, writeVerdict } from "./verdict.ts";
import { writeOutputs } from "./write-outputs.ts";

/** Who watches, for the events of runs. */
export const CLIENT = "command line";

export interface HeadlessRun extends RunRequest {
  comparedWith?: ComparedWith | undefined;
  outputs: readonly Output[];
  /** The folder of runs. */
  runs: string;
  /** Leave the run to itself once it has been started. */
  detach: boolean;
}

/** What a run is compared with, as somebody named it: a run, a file, or last-passed. */
export interface ComparedWith {
  asked: string;
  /** Where a path counts from. */
  folder: string;
}

/** Its path counts from where the command was called. */
export function comparedByFlag({ baseline }: { baseline?: string }): ComparedWith | undefined {
  return baseline === undefined ? undefined : { asked: baseline, folder: process.cwd() };
}

/** The folder of runs: the one named, else where the product keeps them all. A new run makes it. */
export function runsAt(runsDir: string | undefined): string {
  return runsDir ? path.resolve(runsDir) : runsIn(productHome());
}

/** Runs to the end, showing progress; resolves with the exit code. Ctrl-C and SIGTERM stop it from its first moment. */
export async function runHeadless(run: HeadlessRun): Promise<number> {
  const progress = new Progress();
  const interrupts = new Interrupts(progress, run.target.url, run.outputs);
  try {
    const connection = await start({ ...run, baseline: await baselineOf(run) }, interrupts);
    if (run.detach) return leave(connection);
    interrupts.attach(connection);
    return await watchRun(connection, run.outputs, progress);
  } finally {
    interrupts.dispose();
  }
}

/** Rejects with CliError where it cannot be had or was another test: nothing has been begun then. */
async function baselineOf(run: HeadlessRun): Promise<BaselineRequest | undefined> {
  const { comparedWith } = run;
  if (!comparedWith) return undefined;
  const test = { url: run.target.url, steps: run.steps };
  try {
    const { baseline, remark } = await findBaseline(run.runs, comparedWith, test);
    if (remark) process.stderr.write(`warning: ${english(remark)}\n`);
    return baseline;
  } catch (error) {
    if (error instanceof Refused) throw new CliError(error.message, EXIT.refused);
    throw error;
  }
}

async function start(run: HeadlessRun, { signal }: Interrupts): Promise<RunnerConnection> {
  try {
    const places = { runs: run.runs, runnerPath: path.join(__dirname, "runner.js"), product: PRODUCT };
    return await startRun(places, run, { client: CLIENT, endWithClient: !run.detach, signal });
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
    return await (last ? report(outputs, connection.folder, last) : reportLost(outputs, connection));
  } finally {
    connection.dispose();
  }
}

/** Resolves with the last snapshot when the run is over, or with undefined where the runner died. */
function watch(connection: RunnerConnection, progress: Progress): Promise<Snapshot | undefined> {
  return new Promise((resolve) => {
    const take = (snapshot: Snapshot) => {
      progress.show(viewOf(snapshot));
      if (snapshot.state !== "finished") return;
      progress.end();
      resolve(snapshot);
    };
    connection.onSnapshot(take);
    connection.onClose(() => {
      progress.end();
      const last = connection.latest();
      resolve(last?.state === "finished" ? last : undefined);
    });
    const first = connection.latest();
    if (first) take(first);
  });
}

/** What was measured is not lost with the runner. Rejects with one sentence that says how to go on. */
async function reportLost(outputs: readonly Output[], connection: RunnerConnection): Promise<never> {
  const text = diedText(connection);
  const record = await readRecord(connection.folder);
  if (!record) throw new CliError(text, EXIT.someFailed);
  const asked = await readAsked(connection.folder, workloads);
  writeOutputs(notForReaders(outputs), { ...lostReport(record, foreign(text)), asked });
  throw new TellingError(text, EXIT.someFailed);
}

function diedText(connection: RunnerConnection): string {
  return `the runner of run ${connection.runId} died; clean up with: coder-scaletest runs clean ${connection.runId} (its record: ${connection.folder})`;
}

async function report(outputs: readonly Output[], folder: string, last: Snapshot): Promise<number> {
  const { outcome } = last;
  if (!outcome) return EXIT.someFailed;
  const json = await readFile(path.join(folder, RESULT_FILE), "utf8");
  const isRefused = outcome.refusal !== undefined;
  writeOutputs(isRefused ? notForReaders(outputs) : outputs, {
    result: runResultSchema.parse(JSON.parse(json)),
    json,
    record: (await readRecord(folder)) ?? { version: 2, snapshot: last, rows: [], samples: [] },
    asked: await readAsked(folder, workloads),
  });
  if (outcome.refusal !== undefined) throw new TellingError(english(outcome.refusal), outcome.exitCode);
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
  #outputs: readonly Output[];
  #handler = () => this.#interrupted();

  constructor(progress: Progress, url: string, outputs: readonly Output[]) {
    this.#progress = progress;
    this.#url = url;
    this.#outputs = outputs;
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
    const latest = connection.latest();
    const { existing } = latest ?? {};
    const { users = 0, workspaces = 0, tokens = 0 } = existing ?? {};
    const left = { users, workspaces, tokens };
    const kept = totalLeft(left);
    const summary =
      kept > 0
        ? `left ${leftText(left)} on ${this.#url}; clean up with: coder-scaletest runs clean ${connection.runId} --url ${this.#url}`
        : "left; nothing of this run exists on the deployment";
    this.#progress.say(summary);
    const { succeeded, failed } = allCounts(latest ?? { steps: [] });
    const outcome = {
      verdict: "interrupted",
      summary: foreign(summary),
      succeeded,
      failed,
      orphans: 0,
      kept,
    } as const;
    writeVerdict(this.#outputs, { ...outcome, left, exitCode: EXIT.interrupted }, connection.runId);
    setTimeout(leave, 1_000).unref();
    void connection.stop(true).then(leave, leave);
  }

  dispose(): void {
    process.off("SIGINT", this.#handler);
    process.off("SIGTERM", this.#handler);
  }
}
