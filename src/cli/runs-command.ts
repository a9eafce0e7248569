import { isKept } from "../app/clean-up/kept.ts";
import { recoveryOf } from "../app/clean-up/runs.ts";
import { pauseRun, renewRun, setLevel, stopRun } from "../app/runs/control.ts";
import { findNamed } from "../app/runs/find.ts";
import { hasLeft, type KnownRun, knownRuns } from "../app/runs/list.ts";
import { dismiss, StillNames } from "../app/runs/put-away.ts";
import { isOf, resumeOf } from "../app/runs/resume.ts";
import { isUnderWay } from "../app/runs/state.ts";
import { formatDuration } from "../protocol/duration.ts";
import type { Guard } from "../protocol/guard.ts";
import { leftText, totalLeft } from "../protocol/left.ts";
import type { Target } from "../protocol/target.ts";
import { readAddress } from "../runner/client/address.ts";
import { RunnerConnection } from "../runner/client/connection.ts";
import { readLeft } from "../runs/left.ts";
import { isNewer, NewerRun } from "../runs/newer.ts";
import { english } from "../text/message.ts";
import { CliError, EXIT } from "./exit.ts";
import type { Output } from "./outputs.ts";
import { CLIENT, runHeadless, watchRun } from "./run.ts";
import { readToken } from "./token-input.ts";
import { tellParts } from "./worker/front.ts";

/** The list, newest first, as text or JSON on standard output. */
export async function runsList(runs: string, json: boolean, all: boolean): Promise<void> {
  const shown = (await knownRuns(runs)).filter((one) => all || !one.dismissed);
  if (json) {
    process.stdout.write(`${JSON.stringify(shown.map(asJson), null, 2)}\n`);
    return;
  }
  if (shown.length === 0) process.stdout.write("no runs yet\n");
  for (const one of shown) process.stdout.write(`${lineOf(one)}\n`);
  const interrupted = shown.filter((one) => !isUnderWay(one.state) && hasLeft(one));
  if (interrupted.length > 0) {
    process.stdout.write(`\nclean up with: coder-scaletest runs clean ID (or --all)\n`);
  }
}

function asJson({ entry, state, left, dismissed }: KnownRun) {
  const { file, folder, result } = entry;
  return {
    id: file.id,
    title: file.title,
    workload: file.workload,
    url: file.deployment.url,
    created_at: new Date(file.createdAt).toISOString(),
    state,
    left: isNewer(file) ? null : totalLeft(left),
    left_by_kind: isNewer(file) ? null : left,
    dismissed,
    verdict: result?.outcome.verdict ?? null,
    summary: result ? english(result.outcome.summary) : null,
    folder,
  };
}

function lineOf({ entry, state, left }: KnownRun): string {
  const { file, result } = entry;
  const age = formatDuration(Date.now() - file.createdAt);
  const what =
    state === "ended"
      ? result
        ? english(result.outcome.summary)
        : "ended"
      : state === "newer"
        ? new NewerRun(file).message
        : state;
  const hadLeft = result && (result.outcome.kept > 0 || (result.outcome.orphans ?? 0) > 0);
  const none = state === "interrupted" ? "; nothing left" : hadLeft ? "; nothing of it is left" : "";
  const remains = hasLeft({ left }) && !isUnderWay(state) ? `; ${leftText(left)} left` : none;
  return `${file.id}  ${file.deployment.host}  ${file.title}  ${age} ago  ${what}${remains}`;
}

/** By its id; `last` and `last-passed` stand for one that is over. */
async function find(runs: string, id: string): Promise<KnownRun> {
  const found = await findNamed(runs, id);
  if (!found) throw new CliError(`no run ${id}; coder-scaletest runs lists them`, EXIT.usage);
  return found;
}

/** As one that its runner can be asked about. */
async function findRunning(runs: string, id: string): Promise<{ folder: string; url: string }> {
  const { entry, state } = await find(runs, id);
  if (state !== "running") throw new CliError(`run ${entry.file.id} is not running`, EXIT.usage);
  return { folder: entry.folder, url: entry.file.deployment.url };
}

/** Of one that a newer version made, nothing can be done here. */
async function findOver(runs: string, name: string, advice = ""): Promise<KnownRun> {
  const found = await find(runs, name);
  const { id } = found.entry.file;
  if (isUnderWay(found.state)) throw new CliError(`run ${id} is ${found.state}${advice}`, EXIT.usage);
  const { file } = found.entry;
  if (isNewer(file)) throw new CliError(`${id}: ${new NewerRun(file).message}`, EXIT.refused);
  return found;
}

export async function isRunning(runs: string, id: string): Promise<boolean> {
  return (await find(runs, id)).state === "running";
}

/** Stops a run that goes on, from wherever it was started. */
export async function runsStop(runs: string, id: string | undefined, keep: boolean): Promise<number> {
  const running =
    id === undefined
      ? (await knownRuns(runs)).filter((one) => one.state === "running").map(({ entry }) => entry.folder)
      : [(await findRunning(runs, id)).folder];
  for (const folder of running) {
    const stopped = await stopRun({ folder, client: CLIENT }, keep);
    process.stdout.write(`${stopped}: stop requested${keep ? "; what exists is kept" : ""}\n`);
  }
  if (running.length === 0) process.stdout.write("no run is running\n");
  return EXIT.passed;
}

/** Pauses a run, or lets it go on. */
export async function runsPause(runs: string, id: string, paused: boolean): Promise<number> {
  const { folder } = await findRunning(runs, id);
  process.stdout.write(`${id}: ${english(await pauseRun({ folder, client: CLIENT }, paused))}\n`);
  return EXIT.passed;
}

/** Changes how much a run does while it goes on: `wanted` is `messages_per_second=500` or the like. */
export async function runsLevel(
  runs: string,
  id: string,
  wanted: string,
  step: string | undefined,
): Promise<number> {
  const [of = "", text = "", ...more] = wanted.split("=");
  const value = Number(text);
  if (of === "" || text.trim() === "" || more.length > 0 || !Number.isFinite(value) || value < 0)
    throw new CliError(`"${wanted}" is not a level: write it like concurrency=20`, EXIT.usage);
  const { folder } = await findRunning(runs, id);
  try {
    const sentence = await setLevel({ folder, client: CLIENT }, { step, of, value });
    process.stdout.write(`${id}: ${english(sentence)}\n`);
  } catch (error) {
    throw new CliError(`${id}: ${(error as Error).message}`, EXIT.refused);
  }
  return EXIT.passed;
}

/** Hands a new token to a run that goes on: its session has expired, or will. */
export async function runsToken(runs: string, id: string): Promise<number> {
  const { folder, url } = await findRunning(runs, id);
  const token = await readToken(`${url}/cli-auth`);
  try {
    process.stdout.write(`${id}: ${english(await renewRun({ folder, client: CLIENT }, token))}\n`);
  } catch (error) {
    throw new CliError(`${id}: ${(error as Error).message}`, EXIT.refused);
  }
  return EXIT.passed;
}

/** Watches a run that goes on until it ends; leaving does not end it. Resolves with its exit code. */
export async function runsWatch(runs: string, id: string): Promise<number> {
  const { folder, url } = await findRunning(runs, id);
  const runner = await RunnerConnection.attach(folder, CLIENT);
  runner.dispose();
  if (!runner.compatible)
    throw new CliError(
      `run ${id} is of another version of this product; all that can be done here is: coder-scaletest runs stop ${id}`,
      EXIT.refused,
    );
  return watchRun(await readAddress(folder, CLIENT), url, TO_READERS);
}

const TO_READERS: readonly Output[] = [{ format: "text", path: undefined }];

export interface RunsResume {
  runs: string;
  id: string;
  target: Target;
  guard: Guard;
}

/** Goes on with a run that was interrupted. Resolves with the exit code. */
export async function runsResume({ runs, id: name, target, guard }: RunsResume): Promise<number> {
  const { file } = (await findOver(runs, name)).entry;
  const { id } = file;
  if (!isOf(file, target.url)) {
    throw new CliError(
      `run ${id} is of ${file.deployment.url}; pass --url and --token of that deployment`,
      EXIT.usage,
    );
  }
  return runHeadless({ ...resumeOf(file, target, guard), outputs: TO_READERS, runs, detach: false });
}

/**
 * Takes an ended run off the list; its record stays in its folder. One that has left something on a deployment is
 * refused, unless forced: who looks at the list would take it for cleaned up.
 */
export async function runsDismiss(runs: string, name: string, force: boolean): Promise<number> {
  const { entry } = await findOver(runs, name, "; stop it first");
  const { id } = entry.file;
  try {
    await dismiss(entry, force);
  } catch (error) {
    if (!(error instanceof StillNames)) throw error;
    const { url } = entry.file.deployment;
    throw new CliError(
      `run ${id} has left ${leftText(error.left)} on ${url}: clean up first with: coder-scaletest runs clean ${id} --url ${url}; or, where that deployment is gone for good, pass --force`,
      EXIT.refused,
    );
  }
  return EXIT.passed;
}

export interface RunsClean {
  runs: string;
  /** undefined: every run whose journal still names something at this origin. */
  id: string | undefined;
  target: Target;
  yes: boolean;
  /** Delete workspaces even where their destroy fails. */
  orphan: boolean;
  /** Asked before anything is deleted; rejects where the answer is no. */
  confirm: (question: string) => Promise<void>;
}

/** Deletes what journals still name on the target's deployment; runs of others are listed and skipped. */
export async function runsClean(options: RunsClean): Promise<number> {
  const { runs, id, target } = options;
  const all = id === undefined ? await knownRuns(runs) : [await findOver(runs, id, "; stop it first")];
  const withRemains = all.filter((one) => !isUnderWay(one.state) && hasLeft(one));
  const kept = id === undefined ? withRemains.filter(({ entry }) => isKept(entry.file)) : [];
  for (const one of kept)
    process.stderr.write(
      `skipped: ${lineOf(one)} (a pool: delete it with: coder-scaletest runs clean ${one.entry.file.id})\n`,
    );
  const here = withRemains.filter((one) => isOf(one.entry.file, target.url) && !kept.includes(one));
  for (const one of all.filter(({ state }) => state === "newer")) {
    process.stderr.write(`skipped: ${lineOf(one)}\n`);
  }
  for (const one of withRemains.filter((other) => !here.includes(other) && !kept.includes(other))) {
    process.stderr.write(`skipped: ${lineOf(one)} (it is of ${one.entry.file.deployment.url})\n`);
  }
  if (here.length === 0) {
    process.stderr.write(`no journal names anything on ${target.url}\n`);
    return id !== undefined && withRemains.length > 0 ? EXIT.refused : EXIT.passed;
  }
  for (const one of here) process.stderr.write(`${lineOf(one)}\n`);
  if (!options.yes) await options.confirm(`Delete all of this from ${target.url}?`);
  const [only, ...more] = here;
  if (only && more.length === 0) return cleanAfter(only, options);
  tellParts(here.map(({ entry }) => ({ name: entry.file.id, about: "" })));
  return EXIT.passed;
}

/** One of those that runsClean has listed. What it names, a clean-up of another may have removed a moment ago. */
export async function cleanNext(options: RunsClean): Promise<number> {
  const one = await findOver(options.runs, options.id ?? "", "; stop it first");
  return totalLeft(await readLeft(one.entry.folder)) === 0 ? EXIT.passed : cleanAfter(one, options);
}

function cleanAfter({ entry }: KnownRun, { runs, target, orphan }: RunsClean): Promise<number> {
  const { id } = entry.file;
  const title = `clean up after run ${id}`;
  const request = recoveryOf({ id, folder: entry.folder }, { title, target, orphan });
  return runHeadless({ ...request, outputs: TO_READERS, runs, detach: false });
}
