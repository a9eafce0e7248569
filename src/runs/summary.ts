import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import * as z from "zod";
import { type KeyFigure, keyFigureSchema } from "../protocol/key-figure.ts";
import { leftSchema } from "../protocol/left-schema.ts";
import { type RunResult, resultHeadSchema } from "../protocol/result.ts";
import type { Outcome } from "../protocol/snapshot.ts";
import { readTop } from "./json-top.ts";
import { readLeft } from "./left.ts";
import { RUN_VERSION } from "./newer.ts";
import { Remembered } from "./remembered.ts";
import { JOURNAL_FILE, RESULT_FILE, readRunFile, SUMMARY_FILE } from "./run-file.ts";
import { writeAtomic } from "./write-atomic.ts";

/** What lists of runs need of one that has ended, so that nobody reads its whole result for a line. */
export const summarySchema = z.object({
  version: z.number(),
  id: z.string(),
  state: z.literal("ended"),
  workload: z.string(),
  template: z.string().optional(),
  /** Version of the product that made the run. */
  product: z.string(),
  /** Unix milliseconds. */
  createdAt: z.number(),
  finishedAt: z.number(),
  elapsed: z.string(),
  counts: z.object({ total: z.number(), succeeded: z.number(), failed: z.number() }),
  outcome: resultHeadSchema.shape.outcome,
  /** Absent in those of older versions, and where nothing was measured. */
  key: keyFigureSchema.optional(),
  /** What the journal named when it had `journalBytes`; a clean-up may have added to it since. */
  left: leftSchema,
  journalBytes: z.number(),
});
export type Summary = z.infer<typeof summarySchema>;

/** The end of a run, for a line of a list. */
export type RunEnd = z.infer<typeof resultHeadSchema> & { key?: KeyFigure | undefined };

/**
 * Writes summary.json beside the result. Rejects where the folder cannot be written; without a run.json, which lists
 * go by, there is nothing to write.
 */
export async function writeSummary(
  folder: string,
  result: RunResult,
  outcome: Outcome,
  { finishedAt, key }: { finishedAt: number; key?: KeyFigure | undefined },
): Promise<void> {
  const file = await readRunFile(folder).catch(() => undefined);
  if (!file) return;
  const { id, workload, steps, product, createdAt } = file;
  const template = steps.map(({ config }) => config.template).find((one) => typeof one === "string");
  const summary: Summary = {
    version: RUN_VERSION,
    id,
    state: "ended",
    workload,
    ...(typeof template === "string" ? { template } : {}),
    product,
    createdAt,
    finishedAt,
    elapsed: result.elapsed,
    counts: { total: result.total_runs, succeeded: result.total_pass, failed: result.total_fail },
    outcome,
    ...(key ? { key } : {}),
    journalBytes: await sizeOf(path.join(folder, JOURNAL_FILE)),
    left: await readLeft(folder),
  };
  await writeAtomic(path.join(folder, SUMMARY_FILE), `${JSON.stringify(summary, null, 2)}\n`);
}

async function sizeOf(file: string): Promise<number> {
  return (await stat(file).catch(() => undefined))?.size ?? 0;
}

/** undefined where there is none, or none that can be read. */
export async function readSummary(folder: string): Promise<Summary | undefined> {
  try {
    return summarySchema.parse(JSON.parse(await readFile(path.join(folder, SUMMARY_FILE), "utf8")));
  } catch {
    return undefined;
  }
}

/** How a run has ended; undefined where it goes on, or ended without a result. */
export async function readEnd(folder: string): Promise<RunEnd | undefined> {
  const summary = await readSummary(folder);
  return summary ? endOf(summary) : older.of(path.join(folder, RESULT_FILE));
}

function endOf({ id, counts, elapsed, outcome, key }: Summary): RunEnd {
  return { run_id: id, total_runs: counts.total, elapsed, outcome, ...(key ? { key } : {}) };
}

/** Runs of version 1 have no summary: what a list needs stands at the beginning of their result. */
const older = new Remembered(async (file) => {
  const head = await readTop(file, ["run_id", "total_runs", "elapsed", "outcome"]);
  return resultHeadSchema.safeParse(head).data;
});
