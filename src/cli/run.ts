import path from "node:path";
import { findBaseline } from "../app/compare/baseline.ts";
import { Refused } from "../app/refused.ts";
import type { RunRequest } from "../app/run-request.ts";
import { type NewlyMade, startBy } from "../app/start.ts";
import type { BaselineRequest } from "../protocol/baseline.ts";
import { addressOf, type RunAddress } from "../runner/client/address.ts";
import { productHome, runsIn } from "../runs/home.ts";
import type { Sandbox } from "../sandbox/server.ts";
import { english } from "../text/message.ts";
import { CliError, EXIT } from "./exit.ts";
import type { Beginning } from "./front/messages.ts";
import type { Output } from "./outputs.ts";
import { PRODUCT } from "./product.ts";
import { resultsOf } from "./results.ts";
import { follow, startRun, untilOver } from "./worker/front.ts";

/** Who watches, for the events of runs. */
export const CLIENT = "command line";

export interface HeadlessRun extends RunRequest {
  comparedWith?: ComparedWith | undefined;
  outputs: readonly Output[];
  /** The folder of runs. */
  runs: string;
  /** Leave the run to itself once it has been started. */
  detach: boolean;
  /** In this process, which therefore stays until the run is over. */
  sandbox?: Sandbox | undefined;
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

/**
 * Starts a run, and resolves with the exit code: the front begins and follows it, and takes Ctrl-C and SIGTERM from now
 * on. Does not come back where another process writes the results; see untilOver.
 */
export async function runHeadless(run: HeadlessRun): Promise<number> {
  await startRun();
  const { runs, detach, sandbox } = run;
  const stays = sandbox !== undefined;
  const places = { runs, runnerPath: path.join(__dirname, "runner.js"), product: PRODUCT };
  const request = { ...run, baseline: await baselineOf(run) };
  const id = await startBy(places, request, { client: CLIENT, endWithClient: !detach }, async (made) => {
    await begin(made, run, { runnerPath: places.runnerPath, asked: made.asked, detach, stays });
    return made.file.id;
  });
  return detach ? leave(id) : resultsOf(await untilOver(stays));
}

/** Rejects with CliError. */
async function begin({ folder, file }: NewlyMade, run: HeadlessRun, begin: Beginning): Promise<void> {
  const { target, outputs } = run;
  try {
    await follow({ address: addressOf(folder, file, CLIENT), begin, url: target.url, outputs });
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw new CliError(`the run could not be started: ${(error as Error).message}`, EXIT.refused);
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

function leave(id: string): number {
  process.stdout.write(`${id}\n`);
  process.stderr.write(`it goes on by itself; watch it with: coder-scaletest runs watch ${id}\n`);
  return EXIT.passed;
}

/** Shows a run that goes on until its end; leaving it does not end it. Does not come back, as runHeadless. */
export async function watchRun(
  address: RunAddress,
  url: string,
  outputs: readonly Output[],
): Promise<number> {
  await follow({ address, url, outputs });
  return resultsOf(await untilOver(false));
}
