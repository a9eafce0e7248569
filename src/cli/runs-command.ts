import { writeFile } from "node:fs/promises";
import path from "node:path";
import { formatDuration } from "../protocol/duration.ts";
import type { Guard } from "../protocol/guard.ts";
import { type Left, leftText, totalLeft } from "../protocol/left.ts";
import type { Target } from "../protocol/target.ts";
import { runnerListens } from "../runner/client/alive.ts";
import { RunnerConnection } from "../runner/client/connection.ts";
import { readLeft } from "../runs/left.ts";
import { DISMISSED_FILE, isDismissed, listRuns, type RunEntry } from "../runs/run-file.ts";
import { CliError, EXIT } from "./exit.ts";
import { runHeadless, watchRun } from "./run.ts";
import { readToken } from "./token-input.ts";

/** A run as it stands: what its folder says, and whether its runner lives. */
export interface RunStanding {
  entry: RunEntry;
  state: "running" | "interrupted" | "ended";
  /** What its journal still names. */
  left: Left;
  dismissed: boolean;
}

export async function standings(runs: string): Promise<RunStanding[]> {
  return Promise.all((await listRuns(runs)).map(standing));
}

async function standing(entry: RunEntry): Promise<RunStanding> {
  const alive = entry.result ? false : await runnerListens(entry.file);
  return {
    entry,
    state: alive ? "running" : entry.result ? "ended" : "interrupted",
    left: await readLeft(entry.folder),
    dismissed: await isDismissed(entry.folder),
  };
}

/** The list, newest first, as text or JSON on standard output. */
export async function runsList(runs: string, json: boolean, all: boolean): Promise<void> {
  const shown = (await standings(runs)).filter((one) => all || !one.dismissed);
  if (json) {
    process.stdout.write(`${JSON.stringify(shown.map(asJson), null, 2)}\n`);
    return;
  }
  if (shown.length === 0) process.stdout.write("no runs yet\n");
  for (const one of shown) process.stdout.write(`${lineOf(one)}\n`);
  const interrupted = shown.filter((one) => one.state !== "running" && isLeft(one));
  if (interrupted.length > 0) {
    process.stdout.write(`\nclean up with: coder-scaletest runs clean ID (or --all)\n`);
  }
}

function asJson({ entry, state, left, dismissed }: RunStanding) {
  const { file, folder, result } = entry;
  return {
    id: file.id,
    title: file.title,
    workload: file.workload,
    url: file.deployment.url,
    created_at: new Date(file.createdAt).toISOString(),
    state,
    left: totalLeft(left),
    left_by_kind: left,
    dismissed,
    verdict: result?.outcome.verdict ?? null,
    summary: result?.outcome.summary ?? null,
    folder,
  };
}

function isLeft({ left }: Pick<RunStanding, "left">): boolean {
  return totalLeft(left) > 0;
}

function lineOf({ entry, state, left }: RunStanding): string {
  const { file, result } = entry;
  const age = formatDuration(Date.now() - file.createdAt);
  const what = state === "ended" ? (result?.outcome.summary ?? "ended") : state;
  const hadLeft = result && (result.outcome.kept > 0 || (result.outcome.orphans ?? 0) > 0);
  const none = state === "interrupted" ? "; nothing left" : hadLeft ? "; nothing of it is left" : "";
  const remains = isLeft({ left }) && state !== "running" ? `; ${leftText(left)} left` : none;
  return `${file.id}  ${file.deployment.host}  ${file.title}  ${age} ago  ${what}${remains}`;
}

async function find(runs: string, id: string): Promise<RunStanding> {
  const found = (await standings(runs)).find((one) => one.entry.file.id === id);
  if (!found) throw new CliError(`no run ${id}; coder-scaletest runs lists them`, EXIT.usage);
  return found;
}

export async function isRunning(runs: string, id: string): Promise<boolean> {
  return (await find(runs, id)).state === "running";
}

/** Stops a run that goes on, from wherever it was started. */
export async function runsStop(runs: string, id: string | undefined, keep: boolean): Promise<number> {
  const all = await standings(runs);
  const wanted = id === undefined ? all.filter((one) => one.state === "running") : [await find(runs, id)];
  for (const one of wanted) {
    if (one.state !== "running") throw new CliError(`run ${one.entry.file.id} is not running`, EXIT.usage);
    const connection = await RunnerConnection.attach(one.entry.folder, "command line");
    await connection.stop(keep);
    connection.dispose();
    process.stdout.write(`${one.entry.file.id}: stop asked for${keep ? "; what exists is kept" : ""}\n`);
  }
  if (wanted.length === 0) process.stdout.write("no run is running\n");
  return EXIT.passed;
}

/** Pauses a run, or lets it go on. */
export async function runsPause(runs: string, id: string, paused: boolean): Promise<number> {
  const one = await find(runs, id);
  if (one.state !== "running") throw new CliError(`run ${id} is not running`, EXIT.usage);
  const connection = await RunnerConnection.attach(one.entry.folder, "command line");
  const sentence = await connection.pause(paused);
  connection.dispose();
  process.stdout.write(`${id}: ${sentence}\n`);
  return EXIT.passed;
}

/** Hands a new token to a run that goes on: its session has expired, or will. */
export async function runsToken(runs: string, id: string): Promise<number> {
  const { entry, state } = await find(runs, id);
  if (state !== "running") throw new CliError(`run ${id} is not running`, EXIT.usage);
  const token = await readToken(`${entry.file.deployment.url}/cli-auth`);
  const connection = await RunnerConnection.attach(entry.folder, "command line");
  try {
    process.stdout.write(`${id}: ${await connection.renew(token)}\n`);
  } catch (error) {
    throw new CliError(`${id}: ${(error as Error).message}`, EXIT.refused);
  } finally {
    connection.dispose();
  }
  return EXIT.passed;
}

/** Watches a run that goes on until it ends; leaving does not end it. Resolves with its exit code. */
export async function runsWatch(runs: string, id: string): Promise<number> {
  const one = await find(runs, id);
  if (one.state !== "running") throw new CliError(`run ${id} is not running`, EXIT.usage);
  const connection = await RunnerConnection.attach(one.entry.folder, "command line");
  return watchRun(connection, [{ format: "text", path: undefined }]);
}

export interface RunsResume {
  runs: string;
  id: string;
  target: Target;
  guard: Guard;
}

/**
 * Goes on with a run that was interrupted: traffic over its workspaces that still exist, as it was asked for
 * where it was a run of traffic. Resolves with the exit code.
 */
export async function runsResume(options: RunsResume): Promise<number> {
  const { runs, id, target, guard } = options;
  const { entry, state } = await find(runs, id);
  const { file } = entry;
  if (state === "running") throw new CliError(`run ${id} is running`, EXIT.usage);
  if (!sameOrigin(file.deployment.url, target.url)) {
    throw new CliError(
      `run ${id} is of ${file.deployment.url}; pass --url and --token of that deployment`,
      EXIT.usage,
    );
  }
  const wasTraffic = file.workload === "workspace-traffic";
  return runHeadless({
    workload: "workspace-traffic",
    title: `traffic of run ${id}, resumed`,
    config: wasTraffic ? file.config : { run: id },
    target,
    guard,
    outputs: [{ format: "text", path: undefined }],
    runs,
    detach: false,
  });
}

/**
 * Takes an ended run off the list; its record stays in its folder. One that has left something on a deployment is
 * refused, unless forced: who looks at the list would take it for cleaned up.
 */
export async function runsDismiss(runs: string, id: string, force: boolean): Promise<number> {
  const one = await find(runs, id);
  if (one.state === "running") throw new CliError(`run ${id} is running; stop it first`, EXIT.usage);
  if (isLeft(one) && !force) {
    const { url } = one.entry.file.deployment;
    throw new CliError(
      `run ${id} has left ${leftText(one.left)} on ${url}: clean up first with: coder-scaletest runs clean ${id} --url ${url}; or, where that deployment is gone for good, pass --force`,
      EXIT.refused,
    );
  }
  await writeFile(path.join(one.entry.folder, DISMISSED_FILE), "", { mode: 0o600 });
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
  const all = id === undefined ? await standings(runs) : [await find(runs, id)];
  const withRemains = all.filter((one) => one.state !== "running" && isLeft(one));
  const running = all.filter((one) => one.state === "running");
  if (id !== undefined && running.length > 0)
    throw new CliError(`run ${id} is running; stop it first`, EXIT.usage);
  const here = withRemains.filter((one) => sameOrigin(one.entry.file.deployment.url, target.url));
  for (const one of withRemains.filter((other) => !here.includes(other))) {
    process.stderr.write(`skipped: ${lineOf(one)} (it is of ${one.entry.file.deployment.url})\n`);
  }
  if (here.length === 0) {
    process.stderr.write(`no journal names anything on ${target.url}\n`);
    return id !== undefined && withRemains.length > 0 ? EXIT.refused : EXIT.passed;
  }
  for (const one of here) process.stderr.write(`${lineOf(one)}\n`);
  if (!options.yes) await options.confirm(`Delete all of this from ${target.url}?`);
  let worst: number = EXIT.passed;
  for (const { entry } of here) {
    // What one names, a clean-up of another may have removed a moment ago.
    if (here.length > 1 && totalLeft(await readLeft(entry.folder)) === 0) continue;
    const code = await runHeadless({
      workload: "recover",
      title: `clean up after run ${entry.file.id}`,
      config: { folder: entry.folder, run: entry.file.id, orphan: options.orphan },
      target,
      // Clean-up puts no load on anything, and has been confirmed.
      guard: { tag: "production", limits: {} },
      outputs: [{ format: "text", path: undefined }],
      runs,
      detach: false,
    });
    worst = Math.max(worst, code);
  }
  return worst;
}

function sameOrigin(a: string, b: string): boolean {
  return new URL(a).origin === new URL(b).origin;
}
