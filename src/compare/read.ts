import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import { type PackedSecond, unpacked } from "../measure/packed.ts";
import type { Second } from "../measure/seconds.ts";
import { type RunResult, runResultSchema } from "../protocol/result.ts";
import { readNdjson } from "../runs/ndjson.ts";
import { RESULT_FILE, RUN_FILE, readRunFile, SECONDS_FILE } from "../runs/run-file.ts";
import { say } from "../text/message.ts";
import { SaidError, saidOf } from "../text/said-error.ts";
import { jobValues, type RunData, type StepData } from "./data.ts";
import type { ComparedStep } from "./judge.ts";
import type { TestOf } from "./same-test.ts";
import { StepWindows } from "./windows.ts";

/** A run of earlier, as far as it is known without its seconds. */
export interface EarlierRun {
  /** undefined: there is only a result. */
  folder: string | undefined;
  result: RunResult;
  test: TestOf;
}

/** `file`: a run's folder, or a result as JSON. Rejects with one sentence where it is neither. */
export async function readEarlier(file: string): Promise<EarlierRun> {
  const folder = await runFolderOf(file);
  const result = await readResult(folder ? path.join(folder, RESULT_FILE) : file, file);
  if (folder) {
    const { deployment, steps } = await readRunFile(folder).catch((error: unknown) => {
      throw new SaidError(say("{0} is no run that can be read: {1}", file, saidOf(error)));
    });
    return { folder, result, test: { url: deployment.url, sandbox: deployment.sandbox, steps } };
  }
  if (!result.test)
    throw new SaidError(
      say("{0} does not say what it was a test of (an older version wrote it); name the run instead", file),
    );
  return { folder, result, test: result.test };
}

/** A folder with a run in it: the file itself, or where a result lies. */
async function runFolderOf(file: string): Promise<string | undefined> {
  const isFolder = (await stat(file).catch(() => undefined))?.isDirectory() ?? false;
  if (isFolder) return file;
  const folder = path.dirname(file);
  if (path.basename(file) !== RESULT_FILE) return undefined;
  return (await stat(path.join(folder, RUN_FILE)).catch(() => undefined)) ? folder : undefined;
}

async function readResult(file: string, named: string): Promise<RunResult> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw new SaidError(
      error.code === "ENOENT"
        ? say("{0} has no result of a run", named)
        : say("{0} cannot be read ({1})", named, error.code ?? String(error)),
    );
  });
  try {
    return runResultSchema.parse(JSON.parse(text));
  } catch {
    throw new SaidError(say("{0} is no result of a run: that is what --output json writes", named));
  }
}

/** What it has measured; with its seconds where `withSeconds`, and where they are there. */
export async function readData(
  { folder, result, test }: EarlierRun,
  steps: readonly ComparedStep[],
  withSeconds = true,
): Promise<RunData> {
  const windows =
    folder && withSeconds ? await readWindows(path.join(folder, SECONDS_FILE), steps) : undefined;
  return dataOf(result, { name: test.steps[0]?.name ?? "", ...(windows ? { windows } : {}) });
}

/** `name`: of the only step of a run, which its result does not say. */
export function dataOf(
  result: RunResult,
  { name, windows }: { name: string; windows?: ReadonlyMap<string, StepWindows> },
): RunData {
  const steps = result.steps ? Object.entries(result.steps) : [[name, result] as const];
  return {
    id: result.run_id,
    steps: new Map(
      steps.map(([step, { metrics = {} }]): [string, StepData] => [
        step,
        { metrics, windows: windows?.get(step), jobs: jobsOf(result, result.steps ? step : undefined) },
      ]),
    ),
  };
}

/** `step`: of several. */
function jobsOf({ runs }: RunResult, step: string | undefined): StepData["jobs"] {
  const own = Object.values(runs).filter(
    ({ full_id: id }) => step === undefined || id.startsWith(`${step}/`),
  );
  return jobValues(
    own.map(({ started_at: started, ready_ms: readyMs, duration_ms: durationMs, phases }) => {
      const startedAt = Date.parse(started);
      return { startedAt: startedAt > 0 ? startedAt : undefined, readyMs, durationMs, phases };
    }),
  );
}

/** undefined where there are none: a run of an older version. */
async function readWindows(
  file: string,
  steps: readonly ComparedStep[],
): Promise<Map<string, StepWindows> | undefined> {
  const windows = windowsFor(steps);
  try {
    for await (const lines of readNdjson(file))
      for (const line of lines) takeSecond(windows, unpacked(line as PackedSecond));
  } catch {
    return undefined;
  }
  return windows;
}

/** Empty ones, of what is compared. */
export function windowsFor(steps: readonly ComparedStep[]): Map<string, StepWindows> {
  return new Map(
    steps.map(({ name, metrics }) => [
      name,
      new StepWindows(metrics.filter(({ better }) => better !== "none")),
    ]),
  );
}

export function takeSecond(windows: ReadonlyMap<string, StepWindows>, { steps }: Second): void {
  for (const [name, step] of Object.entries(steps)) windows.get(name)?.take(step);
}
