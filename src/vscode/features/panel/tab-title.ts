import { formatTime } from "../../../l10n/figures.ts";
import { t } from "../../../l10n/text.ts";
import type { WatchedRun } from "../../model/runs/watched-run.ts";
import { endWords } from "../../run-end.ts";

/** Runs of one name are told apart: by how they ended, and by their time. */
export function tabTitle(run: Pick<WatchedRun, "title" | "file" | "condition" | "snapshot">): string {
  const outcome = run.snapshot?.outcome;
  const end = outcome
    ? endWords({ outcome }).outcome
    : run.condition === "lost"
      ? t("interrupted")
      : undefined;
  return [run.title, end, formatTime(run.file.createdAt, "short")].filter(Boolean).join(" · ");
}
