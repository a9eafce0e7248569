import { stat } from "node:fs/promises";
import path from "node:path";
import type { Left } from "../../protocol/left.ts";
import { readLeft } from "../../runs/left.ts";
import { JOURNAL_FILE } from "../../runs/run-file.ts";

/** By folder: a journal that has not changed is not read again for every line of a list. */
const known = new Map<string, { changed: number; size: number; left: Left }>();

/** What a run's journal still names. */
export async function leftIn(folder: string): Promise<Left> {
  const { mtimeMs: changed, size } = await stat(path.join(folder, JOURNAL_FILE)).catch(() => ({
    mtimeMs: 0,
    size: 0,
  }));
  const before = known.get(folder);
  if (before?.changed === changed && before.size === size) return before.left;
  const left = await readLeft(folder);
  known.set(folder, { changed, size, left });
  return left;
}
