import { readFile } from "node:fs/promises";
import path from "node:path";
import * as z from "zod";
import type { RunResult } from "../protocol/result.ts";
import {
  type Sample,
  type Snapshot,
  sampleSchema,
  snapshotSchema,
  type WorkspaceRow,
  workspaceRowSchema,
} from "../protocol/snapshot.ts";
import { parseNdjson } from "./ndjson.ts";
import { RESULT_FILE, SAMPLES_FILE } from "./run-file.ts";
import { writeSummary } from "./summary.ts";
import { writeAtomic } from "./write-atomic.ts";

/** What a run looked like at its end: shows it again without its runner, in a panel or a report. */
export const FINAL_FILE = "final.json";

const finalSchema = z.object({
  version: z.literal(1),
  snapshot: snapshotSchema,
  rows: z.array(workspaceRowSchema),
});
export type Final = z.infer<typeof finalSchema>;

/** Replaces the file. Rejects where the folder cannot be written. */
export async function writeFinal(
  folder: string,
  snapshot: Snapshot,
  rows: readonly WorkspaceRow[],
): Promise<void> {
  await writeAtomic(path.join(folder, FINAL_FILE), JSON.stringify({ version: 1, snapshot, rows }));
}

/** Replaces result.json, then summary.json. Rejects where the folder cannot be written. */
export async function writeResult(folder: string, result: RunResult): Promise<void> {
  await writeAtomic(path.join(folder, RESULT_FILE), `${JSON.stringify(result, null, 2)}\n`);
  await writeSummary(folder, result, Date.now());
}

/** undefined where the run has not come to its end, or its file cannot be read. */
export async function readFinal(folder: string): Promise<Final | undefined> {
  try {
    return settled(finalSchema.parse(JSON.parse(await readFile(path.join(folder, FINAL_FILE), "utf8"))));
  } catch {
    return undefined;
  }
}

/**
 * Older versions wrote the record before the traffic had been closed: it says that echoes are still waited for, and
 * what each shard holds in that moment, which is nothing.
 */
function settled(final: Final): Final {
  const { traffic, outcome } = final.snapshot;
  if (!traffic || !outcome || traffic.part === "over") return final;
  const over = { ...traffic, part: "over" as const, remainingMs: 0, shards: [] };
  return { ...final, snapshot: { ...final.snapshot, traffic: over } };
}

/** The seconds of a run, without their histograms; those that cannot be read are left out. */
export async function readSamples(folder: string): Promise<Sample[]> {
  const text = await readFile(path.join(folder, SAMPLES_FILE), "utf8").catch(() => "");
  const shown = sampleSchema.omit({ histograms: true });
  return parseNdjson(text).flatMap((line) => shown.safeParse(line).data ?? []);
}
