import { formatCount, formatTime } from "../l10n/figures.ts";
import { leftWords } from "../l10n/left.ts";
import { formatShown, lineText } from "../l10n/shown.ts";
import { lookedUp, plural, t, wordsOf } from "../l10n/text.ts";
import type { FigureRef } from "../protocol/description.ts";
import { formatClock } from "../protocol/duration.ts";
import { type Ending, endingOf } from "../protocol/ending.ts";
import { figureKey } from "../protocol/figure-key.ts";
import { keyFigureOf } from "../protocol/key-figure.ts";
import { type Left, totalLeft } from "../protocol/left.ts";
import { becomesReady, readyIn } from "../protocol/ready.ts";
import type { Outcome, RunState, WaitsFor } from "../protocol/snapshot.ts";
import { allCounts, type StepView } from "../protocol/steps.ts";
import type { ThresholdState } from "../protocol/threshold.ts";

/** Words that tree, status bar and messages have in common. */

/** What one often counts, each by itself. */
export const workspacesText = (count: number) =>
  plural(count, { one: "{0} workspace", other: "{0} workspaces" });
export const usersText = (count: number) => plural(count, { one: "{0} user", other: "{0} users" });

const STATES: Record<RunState, () => string> = {
  starting: () => t("starting"),
  running: () => t("running"),
  stopping: () => t("stopping"),
  cleaning: () => t("cleaning up"),
  finished: () => t("finished"),
  crashed: () => t("crashed"),
};
const ENDINGS: Record<Ending, () => string> = {
  passed: () => t("passed"),
  failed: () => t("failed"),
  refused: () => t("refused"),
  interrupted: () => t("stopped"),
  invalid: () => t("invalid"),
  ended: () => t("ended"),
};

export function endingWord(outcome: Pick<Outcome, "verdict" | "unjudged">): string {
  return ENDINGS[endingOf(outcome)]();
}

export function stateWord(
  snapshot: Pick<StepView, "state" | "outcome" | "paused" | "sessionExpired">,
): string {
  if (isExpired(snapshot)) return t("session expired");
  if (isPaused(snapshot)) return t("paused");
  return snapshot.outcome ? endingWord(snapshot.outcome) : STATES[snapshot.state]();
}

export function isPaused(snapshot: Pick<StepView, "state" | "paused">): boolean {
  return snapshot.paused === true && snapshot.state === "running";
}

/** It waits for a sign-in. */
export function isExpired({
  sessionExpired,
  outcome,
}: Pick<StepView, "sessionExpired" | "outcome">): boolean {
  return sessionExpired !== undefined && outcome === null;
}

/** `sign in by 12:34` */
export function signInBy({ until }: NonNullable<StepView["sessionExpired"]>): string {
  return t("sign in by {0}", formatTime(until, "short"));
}

/** Of a run whose runner is gone, by what its journal still names. */
export function interruptedText(remains: Left | undefined): string {
  if (remains === undefined) return t("interrupted; what it created may still exist");
  if (totalLeft(remains) === 0) return t("interrupted; nothing left");
  return t("interrupted; {0} left", leftWords(remains));
}

/** Of a run whose runner keeps its socket and says nothing. */
export function silentText(since: number): string {
  return t(
    "the runner has not answered since {0}; its load may still be running",
    formatTime(since, "medium"),
  );
}

/** `about 2:10 left`; where there is no estimate, what is waited for; empty where there is neither. */
export function timeLeft(snapshot: StepView): string {
  if (snapshot.outcome) return "";
  const ms = snapshot.remainingMs ?? snapshot.part?.remainingMs ?? null;
  if (ms !== null && ms > 0) return t("about {0} left", formatClock(ms));
  return snapshot.waitsFor ? waitsForText(snapshot.waitsFor) : "";
}

/** `3 waiting for the agent, time limit in 08:56` */
function waitsForText({ count, doing, limitMs }: WaitsFor): string {
  const what = `${formatCount(count)} ${wordsOf(doing)}`;
  return limitMs === null
    ? t("{0}, without a time limit", what)
    : t("{0}, time limit in {1}", what, formatClock(limitMs));
}

/** How far the run is: by what it says itself, else by jobs that are ready. */
export function progressOf(snapshot: StepView): {
  done: number;
  total: number;
  failed: number;
} {
  const { counts, outcome, description, figures, part } = snapshot;
  const { progress } = description.brief;
  const value = (ref: FigureRef | undefined) => ref && figures[figureKey(ref)]?.value;
  const total = value(progress?.total);
  const done = value(part?.over ? (progress?.over ?? progress?.done) : progress?.done);
  if (!outcome && total !== undefined) return { done: done ?? 0, total, failed: counts.failed };
  return {
    done: outcome ? outcome.succeeded : readyIn(snapshot),
    // What a run came to is of all its steps.
    total: outcome ? allCounts(snapshot).total : counts.total,
    failed: counts.failed,
  };
}

/** The one duration that says most of this run. */
export function keyFigure(snapshot: StepView): { label: string; p95: string } | undefined {
  const key = keyFigureOf(snapshot);
  return key && { label: lookedUp(key.label), p95: formatShown(key.figure) };
}

export function brokenThresholds({ thresholds }: Pick<StepView, "thresholds">): ThresholdState[] {
  return (thresholds ?? []).filter(({ state }) => state === "broken");
}

/** What the run does, in its own words: `495/s of 500/s · 1.98 MB/s of 2.00 MB/s`. */
export function briefLines({ description, figures }: StepView): string[] {
  return description.brief.lines.flatMap((line) => lineText(line, figures) ?? []);
}

/** What a run says of itself in little room: names and values. */
export function factsOf({
  description,
  figures,
  part,
  outcome,
}: StepView): { id: string; label: string; text: string; icon: string }[] {
  const isOver = outcome !== null || part?.over === true;
  return description.brief.facts.flatMap(({ id, label, line, live, icon }) => {
    const text = lineText(live && !isOver ? live : line, figures);
    return text === undefined ? [] : [{ id, label: lookedUp(label), text, icon }];
  });
}

/** `2 failed · 12 dropped`: jobs, and what the run counts of its own; empty where there is nothing. */
export function failedText(snapshot: StepView): string {
  return faultsText([snapshot]);
}

/** The same of several runs: what they count of their own is said of a single one only. */
export function faultsText(snapshots: readonly StepView[]): string {
  const failed = snapshots.reduce((sum, { counts }) => sum + counts.failed, 0);
  const [only] = snapshots;
  const own =
    snapshots.length === 1 && only
      ? only.description.brief.faults.flatMap((line) => lineText(line, only.figures) ?? [])
      : [];
  return [failed > 0 ? t("{0} failed", failed) : "", ...own].filter(Boolean).join(" · ");
}

/** Something has gone wrong in it. */
export function isAmiss(snapshot: StepView): boolean {
  return faultsText([snapshot]) !== "";
}

/** Empty while all is as it should be. */
function stateText(snapshot: StepView): string {
  const isPlain = snapshot.state === "running" && !isPaused(snapshot) && !isExpired(snapshot);
  return isPlain ? "" : stateWord(snapshot);
}

/** `105/200 · 2 failed`, for places with little room. */
export function shortProgress(snapshot: StepView): string {
  if (snapshot.counts.total === 0) return stateWord(snapshot);
  const { done, total } = progressOf(snapshot);
  const { outcome } = snapshot;
  // What was kept is what one wants to know of a run that has passed; that it has, its icon says.
  const kept = outcome?.verdict === "passed" && outcome.kept > 0;
  const state = kept ? t("kept") : stateText(snapshot);
  return [state, `${done}/${total}`, failedText(snapshot)].filter(Boolean).join(" · ");
}

/** `105 of 200 ready · 2 failed · about 00:41 left` */
export function progressText(snapshot: StepView): string {
  const { counts, outcome, description } = snapshot;
  if (outcome) return wordsOf(outcome.refusal ?? outcome.summary);
  if (counts.total === 0) return stateWord(snapshot);
  const { done, total } = progressOf(snapshot);
  const { progress, lines } = description.brief;
  const figure = lines.length > 0 ? keyFigure(snapshot) : undefined;
  return [
    stateText(snapshot),
    progress
      ? plural(total, progress, formatCount(done))
      : becomesReady(description)
        ? t("{0} of {1} ready", done, total)
        : t("{0} of {1} done", done, total),
    ...briefLines(snapshot),
    figure ? t("{0} p95 {1}", figure.label, figure.p95) : "",
    failedText(snapshot),
    timeLeft(snapshot),
  ]
    .filter(Boolean)
    .join(" · ");
}
