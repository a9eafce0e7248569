import { randomBytes } from "node:crypto";
import { access, readFile, rm } from "node:fs/promises";
import { hostname } from "node:os";
import path from "node:path";
import * as z from "zod";
import { limitRequestSchema } from "../protocol/limit.ts";
import { type StepRequest, stepRequestSchema } from "../protocol/step-request.ts";
import { deploymentSchema } from "../protocol/target.ts";
import { DISMISSED_FILE, RUN_FILE, SCENARIO_FILE } from "./file-names.ts";
import { FolderError } from "./folder-error.ts";
import { makeFolder } from "./make-folder.ts";
import { isNewer, NewerRun, RUN_VERSION } from "./newer.ts";
import { writeAtomic } from "./write-atomic.ts";

/**
 * A run is a folder: run.json (this file: what was asked, of whom, by which version), scenario.yaml (where it was
 * asked for by a file), journal.ndjson, events.ndjson, seconds.ndjson and, at its end, final.json, result.json and
 * summary.json.
 */
export const stepFileSchema = stepRequestSchema.extend({
  /** What the starter asked for, once the runner has it. Without secrets. */
  config: z.record(z.string(), z.unknown()),
  /** Of maps in `config`, the names whose values are not written down: they may be secret. */
  withheld: z.record(z.string(), z.array(z.string())).optional(),
});
export type StepFile = z.infer<typeof stepFileSchema>;

export const runFileSchema = z.object({
  version: z.number().int().min(1).max(RUN_VERSION),
  id: z.string(),
  title: z.string(),
  /** What the run does; of one with several steps, SEVERAL. */
  workload: z.string(),
  /** In order; empty until the runner knows them. */
  steps: z.array(stepFileSchema),
  /** What the run is held to besides what its steps are. */
  thresholds: z.array(z.string()).optional(),
  /** Of a search for the largest load, what was asked for. Its steps are written as the search has them. */
  limit: limitRequestSchema.optional(),
  deployment: deploymentSchema,
  createdAt: z.number(),
  host: z.string(),
  product: z.string(),
  runner: z.object({
    pid: z.number().optional(),
    /** Path of the local socket, or name of the pipe. */
    socket: z.string().optional(),
    /** Whoever connects has to know this. The file is readable by its owner only. */
    token: z.string(),
  }),
});
export type RunFile = z.infer<typeof runFileSchema>;

/** What every version has, so that a run of any of them is listed, and can be stopped by the frozen core. */
const runHeadSchema = z.object({
  version: z.number(),
  id: z.string(),
  title: z.string().catch(""),
  workload: z.string().catch(""),
  steps: runFileSchema.shape.steps.catch([]),
  deployment: deploymentSchema.catch({ url: "", host: "", version: "", user: "", sandbox: false }),
  createdAt: z.number().catch(0),
  host: z.string().catch(""),
  product: z.string().catch(""),
  runner: runFileSchema.shape.runner.catch({ token: "" }),
});

const earlierSchema = z.looseObject({
  workload: z.string(),
  config: stepFileSchema.shape.config,
  withheld: stepFileSchema.shape.withheld,
  steps: z.undefined().optional(),
});

/** What a run of several steps does, where a run of one has the name of its workload. */
export const SEVERAL = "scenario";

export * from "./file-names.ts";

/** The kind of a whole run: see `workload` of runFileSchema. */
export function workloadOf(steps: readonly Pick<StepRequest, "workload">[]): string {
  const [only, ...more] = steps;
  return only && more.length === 0 ? only.workload : SEVERAL;
}

const ID_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789";

/**
 * Eight characters, lower case and digits: part of every name that the run creates, where Coder allows 32
 * characters in all and compares without case.
 */
export function newRunId(): string {
  // 252 is the largest multiple of 36 in a byte: what is above it would favour the first letters.
  const letters: string[] = [];
  while (letters.length < 8) {
    for (const byte of randomBytes(16)) {
      if (byte < 252 && letters.length < 8) letters.push(ID_LETTERS[byte % 36] ?? "a");
    }
  }
  return letters.join("");
}

export interface NewRun {
  title: string;
  workload: string;
  /** What may be written down; the runner writes the rest of it as it sees fit. */
  steps?: readonly StepRequest[];
  url: string;
  product: string;
}

/**
 * Makes the folder of a new run. Its name sorts by time and ends in the run's id. Rejects with FolderError where the
 * disk refuses; nothing stays behind then.
 */
export async function createRunFolder(
  runs: string,
  run: NewRun,
  now = new Date(),
): Promise<{ folder: string; file: RunFile }> {
  const id = newRunId();
  const stamp = now.toISOString().slice(0, 19).replaceAll(":", "-");
  const folder = path.join(runs, `${stamp}-${id}`);
  const file: RunFile = {
    version: RUN_VERSION,
    id,
    title: run.title,
    workload: run.workload,
    steps: [...(run.steps ?? [])],
    deployment: { url: run.url, host: new URL(run.url).host, version: "", user: "", sandbox: false },
    createdAt: now.getTime(),
    host: hostname(),
    product: run.product,
    runner: { token: randomBytes(24).toString("base64url") },
  };
  try {
    makeFolder(folder);
    await writeRunFile(folder, file);
  } catch (error) {
    await rm(folder, { recursive: true, force: true }).catch(() => undefined);
    throw new FolderError(runs, error);
  }
  return { folder, file };
}

/** Rejects with FolderError where the disk refuses. */
export async function writeScenario(folder: string, text: string): Promise<void> {
  await writeAtomic(path.join(folder, SCENARIO_FILE), text).catch((error: unknown) => {
    throw new FolderError(folder, error);
  });
}

/** Replaces run.json. */
export function writeRunFile(folder: string, file: RunFile): Promise<void> {
  return writeAtomic(path.join(folder, RUN_FILE), `${JSON.stringify(file, null, 2)}\n`);
}

/** Rejects with NewerRun where a newer version made it, and with another error where it cannot be read. */
export async function readRunFile(folder: string): Promise<RunFile> {
  const json = await readJson(folder);
  const head = runHeadSchema.safeParse(json).data;
  if (head && isNewer(head)) throw new NewerRun(head);
  return runFileSchema.parse(json);
}

/** Of a run of any version; of a newer one, as much as can be known. Rejects where it cannot be read. */
export async function readRunHead(folder: string): Promise<RunFile> {
  const json = await readJson(folder);
  const head = runHeadSchema.parse(json);
  return isNewer(head) ? head : runFileSchema.parse(json);
}

async function readJson(folder: string): Promise<unknown> {
  return withSteps(JSON.parse(await readFile(path.join(folder, RUN_FILE), "utf8")));
}

/** Runs of version 1 are of one workload, with its configuration beside it. */
function withSteps(json: unknown): unknown {
  const earlier = earlierSchema.safeParse(json).data;
  if (!earlier) return json;
  const { config, withheld, ...rest } = earlier;
  const { workload } = rest;
  return { ...rest, steps: [{ name: workload, workload, config, ...(withheld ? { withheld } : {}) }] };
}

/** Rejects with NewerRun where a newer version made the run; what cannot be read is none. */
export async function refuseNewer(folder: string): Promise<void> {
  const head = await readRunHead(folder).catch(() => undefined);
  if (head && isNewer(head)) throw new NewerRun(head);
}

export async function isDismissed(folder: string): Promise<boolean> {
  return access(path.join(folder, DISMISSED_FILE)).then(
    () => true,
    () => false,
  );
}
