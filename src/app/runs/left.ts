import path from "node:path";
import { type Left, NOTHING_LEFT } from "../../protocol/left.ts";
import { readLeft } from "../../runs/left.ts";
import { Remembered } from "../../runs/remembered.ts";
import { JOURNAL_FILE } from "../../runs/run-file.ts";
import { readSummary } from "../../runs/summary.ts";

/** A journal that has not changed is not read again for every line of a list. */
const known = new Remembered(async (journal, size) => {
  const folder = path.dirname(journal);
  const summary = await readSummary(folder);
  return summary?.journalBytes === size ? summary.left : readLeft(folder);
});

/** What a run's journal still names. */
export async function leftIn(folder: string): Promise<Left> {
  return (await known.of(path.join(folder, JOURNAL_FILE))) ?? { ...NOTHING_LEFT };
}
