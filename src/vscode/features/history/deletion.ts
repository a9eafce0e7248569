import { leftWords } from "../../../l10n/left.ts";
import { plural, t } from "../../../l10n/text.ts";
import { type Left, totalLeft } from "../../../protocol/left.ts";
import { hostOf } from "../../model/deployments/origin.ts";
import type { WatchedRun } from "../../model/runs/watched-run.ts";

export type RecordedRun = Pick<WatchedRun, "id" | "title" | "folder" | "active"> & {
  file: { deployment: { url: string } };
};

export interface DeletionParts {
  /** What the run's journal still names. */
  left(run: RecordedRun): Promise<Left>;
  /** A modal question; false where the person declines. */
  confirm(question: string, action: string): Promise<boolean>;
  /** Says why a record stays, and offers to clean up after its run. */
  refuse(text: string, run: RecordedRun): void;
  remove(run: RecordedRun): Promise<void>;
}

/**
 * Deletes the records of runs, after asking. One that still names users, workspaces or tokens stays: without its
 * journal nobody could tell what they are of.
 */
export async function deleteRecords(parts: DeletionParts, runs: readonly RecordedRun[]): Promise<void> {
  const ended = runs.filter((run) => !run.active);
  const known = await Promise.all(ended.map(async (run) => ({ run, left: await parts.left(run) })));
  const free = known.filter(({ left }) => totalLeft(left) === 0).map(({ run }) => run);
  const held = known.filter(({ left }) => totalLeft(left) > 0);
  const [first] = free;
  if (first && (await parts.confirm(question(first, free.length), t("Delete")))) {
    for (const run of free) await parts.remove(run);
  }
  const [one] = held;
  if (one) parts.refuse(refusal(one, held.length), one.run);
}

function question(first: RecordedRun, count: number): string {
  return count === 1
    ? t('Delete the record of "{0}"?', first.title)
    : plural(count, { one: "Delete the record of {0} run?", other: "Delete the records of {0} runs?" });
}

function refusal({ run, left }: { run: RecordedRun; left: Left }, count: number): string {
  const host = hostOf(run.file.deployment.url);
  const why = t(
    'The record of "{0}" is kept: it names {1} on {2}. Clean up first, here or by: coder-scaletest runs clean {3}',
    run.title,
    leftWords(left),
    host,
    run.id,
  );
  if (count === 1) return why;
  const more = plural(count - 1, {
    one: "{0} more record is kept for the same reason.",
    other: "{0} more records are kept for the same reason.",
  });
  return `${why}. ${more}`;
}
