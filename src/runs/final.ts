import { rm } from "node:fs/promises";
import path from "node:path";
import * as z from "zod";
import type { KeyFigure } from "../protocol/key-figure.ts";
import type { RunResult } from "../protocol/result.ts";
import {
  type Outcome,
  type Sample,
  type Snapshot,
  sampleSchema,
  snapshotSchema,
  type WorkspaceRow,
  workspaceRowSchema,
} from "../protocol/snapshot.ts";
import { RESULT_FILE } from "./run-file.ts";
import { writeSummary } from "./summary.ts";
import { writeAtomic } from "./write-atomic.ts";

/** What a run looked like at its end: shows it again without its runner, in a panel or a report. */
export const FINAL_FILE = "final.json";

/**
 * How a run looked last, while it goes on: what was measured is not lost with its runner. Its seconds are in a file of
 * their own. Removed at the end.
 */
export const LAST_FILE = "last.json";

export const finalSchema = z.object({
  version: z.literal(2),
  snapshot: snapshotSchema,
  rows: z.array(workspaceRowSchema),
  /** The run's seconds as they are drawn; of a long one, several together. */
  samples: z.array(sampleSchema),
});
export type Final = z.infer<typeof finalSchema>;

/** Replaces the file. Rejects where the folder cannot be written. */
export async function writeFinal(folder: string, final: FinalParts): Promise<void> {
  await writeAtomic(path.join(folder, FINAL_FILE), JSON.stringify({ version: 2, ...final }));
  await rm(path.join(folder, LAST_FILE), { force: true });
}

/** The same, while the run goes on. */
export async function writeLast(folder: string, last: Omit<FinalParts, "samples">): Promise<void> {
  await writeAtomic(path.join(folder, LAST_FILE), JSON.stringify({ version: 2, ...last, samples: [] }));
}

export interface FinalParts {
  snapshot: Snapshot;
  rows: readonly WorkspaceRow[];
  samples: readonly Sample[];
}

/** Replaces result.json, then summary.json. Rejects where the folder cannot be written. */
export async function writeResult(
  folder: string,
  result: RunResult,
  outcome: Outcome,
  key?: KeyFigure,
): Promise<void> {
  await writeAtomic(path.join(folder, RESULT_FILE), `${JSON.stringify(result, null, 2)}\n`);
  await writeSummary(folder, result, outcome, { finishedAt: Date.now(), key });
}
