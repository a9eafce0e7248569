import { formatDateTime } from "../../../../l10n/figures.ts";
import { leftWords } from "../../../../l10n/left.ts";
import { formatShown } from "../../../../l10n/shown.ts";
import { language, lookedUp, t, wordsOf } from "../../../../l10n/text.ts";
import { type Left, totalLeft } from "../../../../protocol/left.ts";
import type { Outcome } from "../../../../protocol/snapshot.ts";
import { isNewer } from "../../../../runs/newer.ts";
import type { LineContext } from "../../../ids.ts";
import type { Again } from "../../../model/runs/asked.ts";
import { newerText, type PastRun } from "../../../model/runs/run-list.ts";
import { endWords } from "../../../run-end.ts";
import { endingWord, workspacesText } from "../../../text.ts";
import { endingLook, LOOKS } from "../../../ui/looks.ts";
import { lineId } from "../../../ui/tree-ids.ts";
import type { TreeLine } from "../../../ui/tree-line.ts";

/** A run that has ended, or whose runner is gone. Its own lines are read when somebody opens it. */
export interface EndedNode extends TreeLine {
  runId: string;
  at: number;
  needsCleanUp: boolean;
  canOpen: boolean;
}

/** What the run came to, or has left, stands first. */
export function endedNode(run: PastRun, now: number, again: Again): EndedNode {
  if (isNewer(run.file)) return newerNode(run, now);
  const { file, result, left } = run;
  const outcome = result?.outcome;
  const needsCleanUp = totalLeft(left) > 0;
  const key = result?.key;
  const { outcome: ended, figure } = result ? endWords(result) : { outcome: t("interrupted"), figure: "" };
  const name = file.title || file.id;
  // The outcome, the time, the name: a narrow side bar cuts the end, and has to tell runs of one outcome apart.
  const [label, rest] = needsCleanUp
    ? [leftShort(left), [shortTime(file.createdAt, now), name, ended]]
    : [ended, [clockText(file.createdAt), name, figure]];
  const summary = [
    outcome ? wordsOf(outcome.refusal ?? outcome.summary) : t("it ended without a result"),
    leftSince(run),
  ]
    .filter(Boolean)
    .join("; ");
  return {
    id: lineId(file.id),
    runId: file.id,
    at: file.createdAt,
    needsCleanUp,
    canOpen: true,
    label,
    description: rest.filter(Boolean).join(" · "),
    tooltip: [
      name,
      whereText(run),
      summary,
      key ? t("{0} p95 {1}", lookedUp(key.label), formatShown(key.figure)) : "",
    ]
      .filter(Boolean)
      .join("\n"),
    spoken: [
      name,
      outcome ? endingWord(outcome) : t("interrupted"),
      ...(figure ? [figure] : []),
      formatDateTime(file.createdAt),
      summary,
    ].join(", "),
    context: contextOf(run, again),
    ...(outcome ? endingLook(outcome) : LOOKS.lost),
  };
}

/** Of a run whose folder this version cannot read: there it is, and why nothing more is shown. */
function newerNode({ file }: PastRun, now: number): EndedNode {
  const why = newerText(file);
  return {
    id: lineId(file.id),
    runId: file.id,
    at: file.createdAt,
    needsCleanUp: false,
    canOpen: false,
    label: file.title || file.id,
    description: `${t("made by a newer version")} · ${shortTime(file.createdAt, now)}`,
    tooltip: why,
    spoken: why,
    context: "newer",
    icon: "versions",
  };
}

function whereText({ file, result }: PastRun): string {
  const when = formatDateTime(file.createdAt);
  return typeof result?.elapsed === "string"
    ? t("on {0}, {1} in {2}", file.deployment.host, when, result.elapsed)
    : t("on {0}, {1}", file.deployment.host, when);
}

/** Workspaces are what costs something: their users go with them. */
function leftShort(left: Left): string {
  return left.workspaces > 0 ? workspacesText(left.workspaces) : leftWords(left);
}

/** What the run's record names now: it may have been cleaned up since its end. */
function leftSince({ result, left }: PastRun): string {
  if (totalLeft(left) > 0) return t("{0} left on the server", leftWords(left));
  const outcome: Outcome | undefined = result?.outcome;
  const hadLeft = !outcome || outcome.kept > 0 || (outcome.orphans ?? 0) > 0;
  return hadLeft ? t("nothing of it is left") : "";
}

/** Kept workspaces can have traffic; whatever is left can be cleaned up; what was lost can be put away. */
function contextOf({ result, left }: PastRun, again: Again): LineContext {
  if (totalLeft(left) > 0 && !result) return "run.lost";
  if (left.workspaces > 0) return "run.kept";
  if (totalLeft(left) > 0) return "run.left";
  if (!result) return "run.gone";
  return again === "none" ? "run.done" : again === "failed" ? "run.failed" : "run.ended";
}

/** Today by its time, before that by its day: the tooltip has both. */
function shortTime(at: number, now: number): string {
  return isSameDay(at, now) ? clockText(at) : dayText(at, now);
}

/** `02:07`, for all languages: the words of half a day would take the place of what tells runs apart. */
function clockText(at: number): string {
  return new Date(at).toLocaleTimeString(language(), {
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
}

export function isSameDay(at: number, other: number): boolean {
  return new Date(at).toDateString() === new Date(other).toDateString();
}

/** `5 Nov`, with its year where it is another. */
export function dayText(at: number, now: number): string {
  const then = new Date(at);
  const sameYear = then.getFullYear() === new Date(now).getFullYear();
  return then.toLocaleDateString(language(), {
    day: "numeric",
    month: "short",
    ...(sameYear ? {} : { year: "numeric" }),
  });
}
