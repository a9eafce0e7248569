import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import path from "node:path";
import type * as z from "zod";
import type { BaselineRequest } from "../../protocol/baseline.ts";
import type { Guard } from "../../protocol/guard.ts";
import type { LimitRequest } from "../../protocol/limit.ts";
import type { startParams } from "../../protocol/messages.ts";
import type { ServerMetrics } from "../../protocol/server-source.ts";
import type { StepRequest } from "../../protocol/step-request.ts";
import type { Target } from "../../protocol/target.ts";
import type { Telemetry } from "../../protocol/telemetry.ts";
import { readJournal } from "../../runs/journal.ts";
import {
  createRunFolder,
  RESULT_FILE,
  type RunFile,
  readRunFile,
  workloadOf,
  writeScenario,
} from "../../runs/run-file.ts";
import { RunnerConnection } from "./connection.ts";
import { type Launch, launchRunner } from "./launch.ts";
import { ask } from "./rpc.ts";

export interface StartOptions extends Launch {
  /** The runs' folder (see runs/home.ts). */
  runs: string;
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
}

/** What a runner is asked to start. */
export type StartAsked = z.input<typeof startParams>;

/** A run that has its folder, and no runner yet. */
export interface NewlyMade {
  folder: string;
  file: RunFile;
  asked: StartAsked;
}

/** Starts the runner of a run, and asks it to start the run. Rejects with one sentence; no process is left then. */
export type Begin<T> = (run: NewlyMade) => Promise<T>;

/** Starts a run in a process of its own and attaches to it. Rejects as startRunBy does. */
export function startRun(options: StartOptions): Promise<RunnerConnection> {
  return startRunBy(options, ({ folder, asked }) =>
    launchRunner(folder, options, () => attachAndStart(options, folder, asked)),
  );
}

/**
 * Starts a run in a process of its own, which `begin` begins. The token of the deployment and what is asked for, which may
 * hold secrets, go over the socket, never by argument, environment or file. Rejects with FolderError, with one sentence,
 * or as `begin` does; a run that did not begin leaves its result or nothing in the folder of runs.
 */
export async function startRunBy<T>(options: StartOptions, begin: Begin<T>): Promise<T> {
  const { folder, file } = await createRunFolder(options.runs, {
    title: options.title,
    workload: workloadOf(options.steps),
    url: options.target.url,
    product: options.product,
  });
  try {
    if (options.scenario !== undefined) await writeScenario(folder, options.scenario);
    return await begin({ folder, file, asked: askedOf(options) });
  } catch (error) {
    await removeUnbegun(folder);
    throw error;
  }
}

async function attachAndStart(
  { client, signal }: StartOptions,
  folder: string,
  asked: StartAsked,
): Promise<RunnerConnection> {
  const connection = await RunnerConnection.attach(folder, client);
  try {
    signal?.throwIfAborted();
    await ask(connection.rpc(), "run/start", asked);
    return connection;
  } catch (error) {
    connection.dispose();
    throw error;
  }
}

function askedOf({
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
}: StartOptions): StartAsked {
  return {
    ...{ steps: [...steps], thresholds: [...thresholds] },
    ...{ target, guard, allowRun, endWithClient },
    ...(baseline ? { baseline } : {}),
    ...(limit ? { limit } : {}),
    ...(serverMetrics ? { serverMetrics } : {}),
    ...(telemetry ? { telemetry } : {}),
  };
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
