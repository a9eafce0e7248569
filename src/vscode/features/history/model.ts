import { formatDateTime, formatTime } from "../../../l10n/figures.ts";
import { leftWords } from "../../../l10n/left.ts";
import { language, t, wordsOf } from "../../../l10n/text.ts";
import { type Left, totalLeft } from "../../../protocol/left.ts";
import type { Outcome } from "../../../protocol/snapshot.ts";
import { isNewer } from "../../../runs/newer.ts";
import type { LineContext } from "../../ids.ts";
import { newerText, type PastRun } from "../../model/runs/run-list.ts";
import { verdictWord } from "../../text.ts";
import { LOOKS, VERDICT_LOOKS } from "../../ui/looks.ts";
import { distinct, lineId } from "../../ui/tree-ids.ts";
import type { TreeLine } from "../../ui/tree-line.ts";

/** A line of the history. It is also an argument of commands, which take the run from it. */
export interface HistoryNode extends TreeLine {
  runId: string;
}

/** Runs that have ended, or whose runner is gone. */
export function historyOf(entries: readonly PastRun[], filter: string, now = Date.now()): HistoryNode[] {
  const text = filter.trim().toLowerCase();
  // A folder that was copied has the id of the other.
  return distinct(
    entries.map((entry) => (isNewer(entry.file) ? newerNode(entry, now) : historyNode(entry, now))),
  ).filter(
    (node) => text === "" || `${node.label} ${node.description} ${node.tooltip}`.toLowerCase().includes(text),
  );
}

/** Of a run whose folder this version cannot read: there it is, and why nothing more is shown. */
function newerNode({ file }: PastRun, now: number): HistoryNode {
  const why = newerText(file);
  return {
    id: lineId(file.id),
    runId: file.id,
    label: file.title || file.id,
    description: `${t("made by a newer version")} · ${shortTime(file.createdAt, now)}`,
    tooltip: why,
    spoken: why,
    context: "newer",
    icon: "versions",
  };
}

function historyNode({ file, result, left }: PastRun, now: number): HistoryNode {
  const outcome = result?.outcome;
  const when = formatDateTime(file.createdAt);
  const figures = outcome
    ? outcome.refusal
      ? t("refused")
      : passedText(outcome, result?.total_runs)
    : t("no result");
  const where =
    typeof result?.elapsed === "string"
      ? t("{0} on {1}, {2} in {3}", file.title, file.deployment.host, when, result.elapsed)
      : t("{0} on {1}, {2}", file.title, file.deployment.host, when);
  const said = outcome ? wordsOf(outcome.refusal ?? outcome.summary) : t("it ended without a result");
  const summary = [said, leftSince(outcome, left)].filter(Boolean).join("; ");
  return {
    id: lineId(file.id),
    runId: file.id,
    label: file.title,
    description: `${figures} · ${shortTime(file.createdAt, now)}`,
    tooltip: `${where}\n${summary}`,
    spoken: `${file.title}, ${outcome ? verdictWord(outcome.verdict) : t("no result")}, ${when}, ${summary}`,
    context: contextOf(left),
    ...(outcome ? VERDICT_LOOKS[outcome.verdict] : LOOKS.lost),
  };
}

/** `4 of 8`: of those that were planned, stopped ones too; a run that never came to them says its verdict alone. */
function passedText({ succeeded, failed, verdict }: Outcome, planned: number | undefined): string {
  const total = planned ?? succeeded + failed;
  return total > 0 ? t("{0} of {1}", succeeded, total) : verdictWord(verdict);
}

/** What the run's record names now: it may have been cleaned up since its end. */
function leftSince(outcome: Outcome | undefined, left: Left): string {
  if (totalLeft(left) > 0) return t("{0} left on the server", leftWords(left));
  const hadLeft = !outcome || outcome.kept > 0 || (outcome.orphans ?? 0) > 0;
  return hadLeft ? t("nothing of it is left") : "";
}

/** Kept workspaces can have traffic; whatever is left can be cleaned up. */
function contextOf(left: Left): LineContext {
  if (left.workspaces > 0) return "history.kept";
  return totalLeft(left) > 0 ? "history.left" : "history.run";
}

/** Today by its time, before that by its day: the tooltip has both. */
function shortTime(at: number, now: number): string {
  const [then, today] = [new Date(at), new Date(now)];
  if (then.toDateString() === today.toDateString()) return formatTime(at, "short");
  const sameYear = then.getFullYear() === today.getFullYear();
  return then.toLocaleDateString(language(), {
    day: "numeric",
    month: "short",
    ...(sameYear ? {} : { year: "numeric" }),
  });
}
