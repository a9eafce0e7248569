import { readdir } from "node:fs/promises";
import path from "node:path";
import pLimit from "p-limit";
import { FolderError } from "./folder-error.ts";
import { isNewer } from "./newer.ts";
import { type RunFile, readRunHead } from "./run-file.ts";
import { type RunEnd, readEnd } from "./summary.ts";

/** A folder may have thousands of runs, and a process no more than so many open files. */
const AT_ONCE = 16;

export interface RunEntry {
  folder: string;
  /** Of a run that a newer version made, as much as can be known. */
  file: RunFile;
  /** Absent while the run goes on, or where it ended without a result. */
  result?: RunEnd;
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
  const limit = pLimit(AT_ONCE);
  const entries = await Promise.all(names.map((name) => limit(() => readEntry(path.join(runs, name)))));
  return entries
    .filter((entry): entry is RunEntry => entry !== undefined)
    .sort((a, b) => b.file.createdAt - a.file.createdAt);
}

async function readEntry(folder: string): Promise<RunEntry | undefined> {
  const file = await readRunHead(folder).catch(() => undefined);
  if (!file) return undefined;
  const result = isNewer(file) ? undefined : await readEnd(folder);
  return result ? { folder, file, result } : { folder, file };
}
