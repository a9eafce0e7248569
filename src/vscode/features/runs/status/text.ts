import { formatDecimal, formatDuration } from "../../../../l10n/figures.ts";
import { lookedUp, plural, t, wordsOf } from "../../../../l10n/text.ts";
import { becomesReady, readyIn } from "../../../../protocol/ready.ts";
import type { StepView } from "../../../../protocol/steps.ts";
import type { ThresholdState } from "../../../../protocol/threshold.ts";
import { escapeMarkdown } from "../../../../text/markdown.ts";
import type { CommandId } from "../../../ids.ts";
import {
  briefLines,
  brokenThresholds,
  factsOf,
  faultsText,
  isAmiss,
  isExpired,
  isPaused,
  keyFigure,
  progressOf,
  progressText,
  shortProgress,
  silentText,
  stateWord,
  timeLeft,
} from "../../../text.ts";
import { endingLook, iconText, LOOKS, type Look, THRESHOLD_LOOKS } from "../../../ui/looks.ts";
import type { TreeRun } from "../tree/model.ts";

export interface StatusContent {
  text: string;
  /** What a screen reader says: no icon names. */
  spoken: string;
  background: "error" | "warning" | undefined;
  /** Markdown with command links. */
  tooltip: string;
}

/** What the status bar shows: one run by its figures, several by their sums, none: nothing. */
export function statusOf(runs: readonly TreeRun[]): StatusContent | undefined {
  const active = runs.filter((run) => run.active);
  if (active.length === 0) return undefined;
  const [only] = active;
  const text = active.length === 1 && only ? oneText(only) : severalText(active);
  return {
    text: `${iconText(lookOf(active))} ${text}`,
    spoken: t("Scale test: {0}", spokenOf(active)),
    background: backgroundOf(active),
    tooltip: tooltipOf(active),
  };
}

/** A spinner would say that something moves: not while paused, and not while nothing is heard. */
function lookOf(active: readonly TreeRun[]): Look {
  const snapshots = active.flatMap((run) => run.snapshot ?? []);
  if (active.some(isSilent)) return LOOKS.silent;
  if (snapshots.some(isExpired)) return LOOKS.expired;
  return snapshots.length > 0 && snapshots.every(isPaused) ? LOOKS.paused : LOOKS.moving;
}

function backgroundOf(active: readonly TreeRun[]): StatusContent["background"] {
  const snapshots = active.flatMap((run) => run.snapshot ?? []);
  if (active.some(isSilent) || snapshots.some((one) => brokenThresholds(one).length > 0)) return "error";
  return snapshots.some((one) => isAmiss(one) || isExpired(one)) ? "warning" : undefined;
}

function isSilent(run: TreeRun): boolean {
  return run.silentSince !== undefined;
}

/** What it shows for a while after a run's end. */
export function verdictStatus(run: TreeRun): StatusContent | undefined {
  const { snapshot } = run;
  const tooltip = tooltipOf([run]);
  if (run.condition === "lost") {
    const text = t("{0}: runner lost", run.title);
    return {
      text: `${iconText(LOOKS.lost)} ${text}`,
      spoken: t("Scale test: {0}", text),
      background: "error",
      tooltip,
    };
  }
  if (!snapshot?.outcome) return undefined;
  const { done, total } = progressOf(snapshot);
  const broken = brokenText(snapshot);
  const text = [stateWord(snapshot), `${done}/${total}`, broken].filter(Boolean).join(" · ");
  const look = endingLook(snapshot.outcome);
  return {
    text: `${iconText(look)} ${text}`,
    spoken: t("Scale test: {0}", text),
    background: look === LOOKS.bad ? "error" : look === LOOKS.doubtful ? "warning" : undefined,
    tooltip,
  };
}

function oneText(run: TreeRun): string {
  const { snapshot } = run;
  if (isSilent(run)) return t("not answering");
  if (!snapshot || snapshot.counts.total === 0) return t("starting");
  const figure = keyFigure(snapshot);
  return [
    shortProgress(snapshot),
    figure ? t("p95 {0}", figure.p95) : "",
    brokenText(snapshot),
    timeLeft(snapshot),
  ]
    .filter(Boolean)
    .join(" · ");
}

function brokenText(snapshot: StepView): string {
  return brokenCount(brokenThresholds(snapshot).length);
}

function brokenCount(broken: number): string {
  return broken > 0 ? plural(broken, { one: "{0} threshold failed", other: "{0} thresholds failed" }) : "";
}

function severalText(active: readonly TreeRun[]): string {
  const snapshots = active.flatMap((run) => run.snapshot ?? []);
  const progress = snapshots.map(progressOf);
  const broken = sum(snapshots, (one) => brokenThresholds(one).length);
  const silent = active.filter(isSilent).length;
  return [
    plural(active.length, { one: "{0} test", other: "{0} tests" }),
    `${sum(progress, (one) => one.done)}/${sum(progress, (one) => one.total)}`,
    faultsText(snapshots),
    brokenCount(broken),
    silent > 0 ? t("{0} not answering", silent) : "",
    snapshots.some(isExpired) ? t("session expired") : "",
    longestLeft(snapshots),
  ]
    .filter(Boolean)
    .join(" · ");
}

/** Of the run that takes longest; empty where that is not known of all. */
function longestLeft(snapshots: readonly StepView[]): string {
  const [longest] = [...snapshots].sort((a, b) => leftMs(b) - leftMs(a));
  return longest ? timeLeft(longest) : "";
}

function leftMs({ remainingMs, part }: StepView): number {
  return remainingMs ?? part?.remainingMs ?? Number.POSITIVE_INFINITY;
}

/** The same in words: `105/200` is not read well. */
function spokenOf(active: readonly TreeRun[]): string {
  return active
    .map((run) => {
      if (run.silentSince !== undefined) return `${run.title}, ${silentText(run.silentSince)}`;
      if (!run.snapshot) return `${run.title}, ${t("starting")}`;
      const figure = keyFigure(run.snapshot);
      return [
        run.title,
        progressText(run.snapshot).replaceAll(" · ", ", "),
        figure && briefLines(run.snapshot).length === 0 ? t("{0} p95 {1}", figure.label, figure.p95) : "",
        brokenText(run.snapshot),
      ]
        .filter(Boolean)
        .join(", ");
    })
    .join("; ");
}

function tooltipOf(runs: readonly TreeRun[]): string {
  return runs.map(runTooltip).join("\n\n---\n\n");
}

function runTooltip(run: TreeRun): string {
  const { snapshot } = run;
  const heading = `**${escapeMarkdown(run.title)}**`;
  const table = snapshot && snapshot.counts.total > 0 ? figuresTable(snapshot) : "";
  return [heading, escapeMarkdown(headline(run)), table, linksOf(run).join(" · ")]
    .filter(Boolean)
    .join("\n\n");
}

function headline(run: TreeRun): string {
  if (run.silentSince !== undefined) return silentText(run.silentSince);
  return run.snapshot ? progressText(run.snapshot) : t("starting");
}

function linksOf(run: TreeRun): string[] {
  const links = [link(t("Show panel"), "scaletest.showPanel", run.id)];
  if (!run.active) return links;
  const signs =
    run.snapshot && isExpired(run.snapshot)
      ? [link(t("Sign in again"), "scaletest.signInAgain", run.id)]
      : [];
  const ends = run.silentSince === undefined ? [] : [link(t("Force-stop…"), "scaletest.endRunner", run.id)];
  return [
    ...signs,
    ...links,
    link(t("Stop"), "scaletest.stop", run.id),
    link(t("Stop and keep"), "scaletest.stopAndKeep", run.id),
    ...ends,
  ];
}

function figuresTable(snapshot: StepView): string {
  const own = ownRows(snapshot);
  const rows = [
    ...(own.length > 0 ? own : jobRows(snapshot)),
    ...(snapshot.thresholds ?? []).map(thresholdRow),
  ];
  return ["| | |", "|:--|--:|", ...rows.map(([name, value]) => `| ${name} | ${value} |`)].join("\n");
}

type Row = readonly [string, string];

/** What the run says of itself in little room. */
function ownRows(snapshot: StepView): Row[] {
  return factsOf(snapshot).map(({ label, text }) => [label, text]);
}

function jobRows(snapshot: StepView): Row[] {
  const { counts, phases, api, description } = snapshot;
  const slowest = [...phases].sort((a, b) => b.p95 - a.p95)[0];
  const { total, failed } = snapshot.outcome ? counts : progressOf(snapshot);
  const figure = keyFigure(snapshot);
  const busy = description.states.filter(({ id, kind }) => kind === "busy" && (counts[id] ?? 0) > 0);
  return [
    [becomesReady(description) ? t("ready") : t("done"), t("{0} of {1}", readyIn(snapshot), total)],
    [t("failed"), String(failed)],
    ...busy.map(({ id, label }): Row => [lookedUp(label), String(counts[id] ?? 0)]),
    ...(figure ? [[t("{0}, p95", figure.label), figure.p95] as const] : []),
    ...(slowest
      ? [
          [
            t("slowest phase, p95"),
            `${escapeMarkdown(lookedUp(slowest.label))} ${formatDuration(slowest.p95)}`,
          ] as const,
        ]
      : []),
    [
      t("API calls per workspace"),
      t("{0}, at most {1}", formatDecimal(api.meanPerWorkspace, 1), api.maxPerWorkspace),
    ],
  ];
}

function thresholdRow({ label, limit, observed, state }: ThresholdState): Row {
  const name = `${iconText(THRESHOLD_LOOKS[state])} ${escapeMarkdown(wordsOf(label))} ${escapeMarkdown(wordsOf(limit))}`;
  return [name, observed === null ? "–" : escapeMarkdown(wordsOf(observed))];
}

function link(text: string, command: CommandId, runId: string): string {
  return `[${text}](command:${command}?${encodeURIComponent(JSON.stringify([runId]))})`;
}

function sum<T>(all: readonly T[], value: (one: T) => number): number {
  return all.reduce((total, one) => total + value(one), 0);
}
