import { randomBytes } from "node:crypto";
import { access, readdir, readFile, rm } from "node:fs/promises";
import { hostname } from "node:os";
import path from "node:path";
import * as z from "zod";
import { resultHeadSchema } from "../protocol/result.ts";
import { deploymentSchema } from "../protocol/target.ts";
import { FolderError } from "./folder-error.ts";
import { makeFolder } from "./make-folder.ts";
import { writeAtomic } from "./write-atomic.ts";

/**
 * A run is a folder: run.json (this file: what was asked, of whom, by which version), journal.ndjson,
 * events.ndjson, samples.ndjson and, at its end, result.json.
 */
export const runFileSchema = z.object({
  version: z.literal(1),
  id: z.string(),
  title: z.string(),
  workload: z.string(),
  /** As given by whoever started it; the workload's own schema says what it may hold. No secrets. */
  config: z.record(z.string(), z.unknown()),
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

export const RUN_FILE = "run.json";
export const RESULT_FILE = "result.json";
export const JOURNAL_FILE = "journal.ndjson";
export const EVENTS_FILE = "events.ndjson";
/** Of runs of version 1; later ones have SECONDS_FILE. */
export const SAMPLES_FILE = "samples.ndjson";
/** Its first line is the description. */
export const SECONDS_FILE = "seconds.ndjson";
/** Marks a run that a person has put away. */
export const DISMISSED_FILE = "dismissed";
export const RUNNER_LOG = "runner.log";

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
  config: Record<string, unknown>;
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
    version: 1,
    id,
    title: run.title,
    workload: run.workload,
    config: run.config,
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

/** Replaces run.json. */
export function writeRunFile(folder: string, file: RunFile): Promise<void> {
  return writeAtomic(path.join(folder, RUN_FILE), `${JSON.stringify(file, null, 2)}\n`);
}

export async function readRunFile(folder: string): Promise<RunFile> {
  return runFileSchema.parse(JSON.parse(await readFile(path.join(folder, RUN_FILE), "utf8")));
}

export interface RunEntry {
  folder: string;
  file: RunFile;
  /** Absent while the run goes on, or where it ended without a result. */
  result?: z.infer<typeof resultHeadSchema>;
}

/**
 * All runs in the folder, the newest first; none where there is no such folder yet. A run that cannot be read is left
 * out. Rejects with FolderError where the folder itself cannot be read.
 */
export async function listRuns(runs: string): Promise<RunEntry[]> {
  const names = await readdir(runs).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw new FolderError(runs, error);
  });
  const entries = await Promise.all(names.map((name) => readEntry(path.join(runs, name))));
  return entries
    .filter((entry): entry is RunEntry => entry !== undefined)
    .sort((a, b) => b.file.createdAt - a.file.createdAt);
}

async function readEntry(folder: string): Promise<RunEntry | undefined> {
  try {
    const file = await readRunFile(folder);
    const text = await readFile(path.join(folder, RESULT_FILE), "utf8").catch(() => undefined);
    const result = text === undefined ? undefined : resultHeadSchema.safeParse(JSON.parse(text)).data;
    return result ? { folder, file, result } : { folder, file };
  } catch {
    return undefined;
  }
}

export async function isDismissed(folder: string): Promise<boolean> {
  return access(path.join(folder, DISMISSED_FILE)).then(
    () => true,
    () => false,
  );
}
