import {
  formatCount,
  formatDuration,
  formatMessages,
  formatPerSecond,
  formatRate,
  formatTime,
} from "../l10n/figures.ts";
import { leftWords } from "../l10n/left.ts";
import { runText } from "../l10n/run-text.ts";
import { plural, t } from "../l10n/text.ts";
import { formatClock } from "../protocol/duration.ts";
import { type Left, totalLeft } from "../protocol/left.ts";
import { isObserved, percentileText } from "../protocol/percentile.ts";
import { readyIn } from "../protocol/ready.ts";
import type { RunState, Snapshot, Verdict, WaitsFor } from "../protocol/snapshot.ts";
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
const VERDICTS: Record<Verdict, () => string> = {
  passed: () => t("passed"),
  failed: () => t("failed"),
  refused: () => t("refused"),
  interrupted: () => t("stopped"),
  invalid: () => t("invalid"),
};

export function verdictWord(verdict: Verdict): string {
  return VERDICTS[verdict]();
}

export function stateWord(
  snapshot: Pick<Snapshot, "state" | "outcome" | "paused" | "sessionExpired">,
): string {
  if (isExpired(snapshot)) return t("session expired");
  if (isPaused(snapshot)) return t("paused");
  return snapshot.outcome ? verdictWord(snapshot.outcome.verdict) : STATES[snapshot.state]();
}

export function isPaused(snapshot: Pick<Snapshot, "state" | "paused">): boolean {
  return snapshot.paused === true && snapshot.state === "running";
}

/** It waits for a sign-in. */
export function isExpired({
  sessionExpired,
  outcome,
}: Pick<Snapshot, "sessionExpired" | "outcome">): boolean {
  return sessionExpired !== undefined && outcome === null;
}

/** `sign in by 12:34` */
export function signInBy({ until }: NonNullable<Snapshot["sessionExpired"]>): string {
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
  return t("the runner has not answered since {0}; its load may be going on", formatTime(since, "medium"));
}

/** `about 2:10 left`; where there is no estimate, what is waited for; empty where there is neither. */
export function timeLeft(snapshot: Snapshot): string {
  if (snapshot.outcome) return "";
  const ms = snapshot.remainingMs ?? snapshot.traffic?.remainingMs ?? null;
  if (ms !== null && ms > 0) return t("about {0} left", formatClock(ms));
  return snapshot.waitsFor ? waitsForText(snapshot.waitsFor) : "";
}

/** `3 waiting for the agent, time limit in 08:56` */
function waitsForText({ count, doing, limitMs }: WaitsFor): string {
  const what = `${formatCount(count)} ${runText(doing)}`;
  return limitMs === null
    ? t("{0}, without a time limit", what)
    : t("{0}, time limit in {1}", what, formatClock(limitMs));
}

/** What the run is about: connections where it sends traffic, else workspaces. */
export function progressOf(snapshot: Snapshot): {
  done: number;
  total: number;
  failed: number;
  /** Connections that ended before their time. */
  dropped: number;
} {
  const { counts, traffic, outcome } = snapshot;
  if (traffic && !outcome) {
    const { active, planned } = traffic.connections;
    const { opened, failed, dropped } = traffic.total.connections;
    return { done: traffic.part === "over" ? opened : active, total: planned, failed, dropped };
  }
  const done = outcome ? outcome.succeeded : readyIn(snapshot);
  return { done, total: counts.total, failed: counts.failed, dropped: 0 };
}

/** The one duration that says most: of echoes where there is traffic, else until a workspace could be used. */
export function keyFigure({ traffic, ready: toReady }: Snapshot): { label: string; p95: string } | undefined {
  if (traffic) {
    const { roundTrip } = isObserved(traffic.total.roundTrip) ? traffic.total : traffic.now;
    return isObserved(roundTrip)
      ? { label: t("round trip"), p95: percentileText(roundTrip, "p95", formatDuration) }
      : undefined;
  }
  return toReady && isObserved(toReady)
    ? { label: t("time to ready"), p95: percentileText(toReady, "p95", formatDuration) }
    : undefined;
}

export function brokenThresholds({ thresholds }: Pick<Snapshot, "thresholds">): ThresholdState[] {
  return (thresholds ?? []).filter(({ state }) => state === "broken");
}

/** `495 of 500 messages/s · 1.98 MB/s of 2.00 MB/s`: what came back of what was asked for. */
export function throughputText(traffic: NonNullable<Snapshot["traffic"]>): string {
  const { offeredBytesPerSecond: offered, achievedBytesPerSecond: achieved } =
    traffic.total.offeredBytesPerSecond > 0 ? traffic.total : traffic.now;
  if (offered === 0) return "–";
  return [
    messagesText(traffic, achieved, offered),
    t("{0} of {1}", formatRate(achieved), formatRate(offered)),
  ]
    .filter(Boolean)
    .join(" · ");
}

/** `495 of 500 messages/s`; empty for a run of an older version, whose messages are not known. */
function messagesText(
  { message }: Pick<NonNullable<Snapshot["traffic"]>, "message">,
  achieved: number,
  offered: number,
): string {
  if (!message) return "";
  return t("{0} of {1}", formatPerSecond(achieved / message.bytes), formatMessages(offered / message.bytes));
}

/** `2 failed · 12 dropped`; empty where there is neither. */
export function failedText({ failed, dropped }: { failed: number; dropped: number }): string {
  return [failed > 0 ? t("{0} failed", failed) : "", dropped > 0 ? t("{0} dropped", dropped) : ""]
    .filter(Boolean)
    .join(" · ");
}

/** Empty while all is as it should be. */
function stateText(snapshot: Snapshot): string {
  const isPlain = snapshot.state === "running" && !isPaused(snapshot) && !isExpired(snapshot);
  return isPlain ? "" : stateWord(snapshot);
}

/** `105/200 · 2 failed`, for places with little room. */
export function shortProgress(snapshot: Snapshot): string {
  if (snapshot.counts.total === 0) return stateWord(snapshot);
  const { done, total } = progressOf(snapshot);
  const { outcome } = snapshot;
  // What was kept is what one wants to know of a run that has passed; that it has, its icon says.
  const kept = outcome?.verdict === "passed" && outcome.kept > 0;
  const state = kept ? t("kept") : stateText(snapshot);
  return [state, `${done}/${total}`, failedText(progressOf(snapshot))].filter(Boolean).join(" · ");
}

/** `105 of 200 ready · 2 failed · about 00:41 left` */
export function progressText(snapshot: Snapshot): string {
  const { counts, outcome, traffic } = snapshot;
  if (outcome) return runText(outcome.refusal ?? outcome.summary);
  if (counts.total === 0) return stateWord(snapshot);
  const { done, total } = progressOf(snapshot);
  const figure = keyFigure(snapshot);
  return [
    stateText(snapshot),
    traffic
      ? plural(total, { one: "{1} of {0} connection", other: "{1} of {0} connections" }, done)
      : t("{0} of {1} ready", done, total),
    traffic ? throughputText(traffic) : "",
    figure && traffic ? t("{0} p95 {1}", figure.label, figure.p95) : "",
    failedText(progressOf(snapshot)),
    timeLeft(snapshot),
  ]
    .filter(Boolean)
    .join(" · ");
}
