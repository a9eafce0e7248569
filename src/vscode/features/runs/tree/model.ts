import { formatCount } from "../../../../l10n/figures.ts";
import { plural, t, wordsOf } from "../../../../l10n/text.ts";
import type { Cause, Stage, WorkspaceRow } from "../../../../protocol/snapshot.ts";
import { ownStages, type StepView } from "../../../../protocol/steps.ts";
import type { ThresholdState } from "../../../../protocol/threshold.ts";
import { english } from "../../../../text/message.ts";
import type { LineContext } from "../../../ids.ts";
import type { WatchedRun } from "../../../model/runs/watched-run.ts";
import {
  factsOf,
  isExpired,
  isPaused,
  keyFigure,
  progressText,
  shortProgress,
  signInBy,
  silentText,
  stateWord,
} from "../../../text.ts";
import { endingLook, LOOKS, type Look, THRESHOLD_LOOKS } from "../../../ui/looks.ts";
import { distinct, lineId } from "../../../ui/tree-ids.ts";
import { countNodes } from "./counts.ts";
import type { TreeNode } from "./node.ts";

/** What the model needs of a run. */
export type TreeRun = Pick<
  WatchedRun,
  "id" | "title" | "condition" | "active" | "snapshot" | "silentSince"
> & {
  file: { deployment: { host: string } };
};

/** Runs that go on, opened. */
export function treeOf(runs: readonly TreeRun[]): TreeNode[] {
  return distinct(runs.map(runNode));
}

function runNode(run: TreeRun): TreeNode {
  const { snapshot } = run;
  const silent = run.silentSince !== undefined ? silentText(run.silentSince) : undefined;
  const text = silent ?? (snapshot ? progressText(snapshot) : conditionText(run));
  const host = snapshot?.run.deployment.host || run.file.deployment.host;
  return {
    id: run.id,
    label: run.title,
    description: silent ? t("not answering") : snapshot ? withKey(shortProgress(snapshot), snapshot) : text,
    tooltip: t("{0} on {1}: {2}", run.title, host, text),
    spoken: `${run.title}, ${text}`,
    ...runLook(run),
    context: runContext(run),
    runId: run.id,
    expanded: true,
    children: snapshot ? childrenOf(run, snapshot) : [],
  };
}

function withKey(text: string, snapshot: StepView): string {
  const key = keyFigure(snapshot);
  return key ? `${text} · ${t("p95 {0}", key.p95)}` : text;
}

function conditionText({ condition }: TreeRun): string {
  return condition === "foreign" ? t("of another version: can only be stopped") : t("starting");
}

function runContext(run: TreeRun): LineContext {
  if (run.silentSince !== undefined) return "run.silent";
  if (run.snapshot && isExpired(run.snapshot)) return "run.expired";
  if (run.snapshot && isPaused(run.snapshot)) return "run.paused";
  const state = run.snapshot?.state;
  return state === "stopping" || state === "cleaning" ? "run.stopping" : "run.active";
}

function runLook({ snapshot, silentSince }: TreeRun): Look {
  if (silentSince !== undefined) return LOOKS.silent;
  if (snapshot && isExpired(snapshot)) return LOOKS.expired;
  if (snapshot && isPaused(snapshot)) return LOOKS.paused;
  return snapshot?.outcome ? endingLook(snapshot.outcome) : LOOKS.moving;
}

/** What a run says of itself: its stages, figures, thresholds, and the causes of its errors. */
export function childrenOf(
  run: Pick<TreeRun, "id" | "active" | "condition" | "silentSince">,
  snapshot: StepView,
): TreeNode[] {
  const runId = run.id;
  // Nothing is known to move while nothing is heard, and nothing does while a sign-in is waited for.
  const waits = run.active && snapshot.sessionExpired !== undefined && !snapshot.part;
  const still = run.silentSince !== undefined || run.condition === "lost" || waits;
  const jobs = jobStage(ownStages(snapshot));
  const stages = snapshot.stages.map((stage) =>
    stageNode(runId, stage, stage === jobs ? snapshot : undefined, still),
  );
  return [
    ...(run.active && snapshot.sessionExpired ? [expiredNode(runId, snapshot.sessionExpired)] : []),
    ...stages,
    ...figuresNode(runId, snapshot),
    ...(snapshot.thresholds?.length ? [thresholdsNode(runId, snapshot.thresholds)] : []),
    ...(snapshot.causes.length > 0 ? [errorsNode(runId, snapshot)] : []),
  ];
}

/** A line to act on: by a click, or by its button. */
function expiredNode(runId: string, expired: NonNullable<StepView["sessionExpired"]>): TreeNode {
  const node = plainNode(
    lineId(runId, "expired"),
    runId,
    t("Session expired"),
    signInBy(expired),
    "key",
    "expired",
  );
  return { ...node, ...LOOKS.expired, command: "scaletest.signInAgain" };
}

/** What the run says of itself in little room; none for one that says nothing. */
function figuresNode(runId: string, snapshot: StepView): TreeNode[] {
  const facts = factsOf(snapshot);
  if (facts.length === 0) return [];
  return [
    {
      ...plainNode(lineId(runId, "figures"), runId, t("Figures"), "", "pulse", "figures"),
      expanded: true,
      children: facts.map(({ id, label, text, icon }) =>
        plainNode(lineId(runId, "figures", id), runId, label, text, icon, "figure"),
      ),
    },
  ];
}

const THRESHOLD_STATES: Record<ThresholdState["state"], () => string> = {
  pending: () => t("no data yet"),
  met: () => t("met"),
  broken: () => t("failed"),
};
function thresholdsNode(runId: string, thresholds: readonly ThresholdState[]): TreeNode {
  const broken = thresholds.filter(({ state }) => state === "broken").length;
  const description = broken > 0 ? t("{0} of {1} failed", broken, thresholds.length) : "";
  return {
    ...plainNode(lineId(runId, "thresholds"), runId, t("Thresholds"), description, "law", "thresholds"),
    ...(broken > 0 ? { colour: LOOKS.bad.colour } : {}),
    expanded: broken > 0,
    // A record of an older version may have the same one twice.
    children: distinct(
      thresholds.map(({ expression, label, limit, observed, state }) => ({
        ...plainNode(
          lineId(runId, "threshold", expression),
          runId,
          `${wordsOf(label)} ${wordsOf(limit)}`,
          observed ? wordsOf(observed) : t("no data yet"),
          "law",
          "threshold",
        ),
        ...THRESHOLD_LOOKS[state],
        spoken: `${wordsOf(label)} ${wordsOf(limit)}, ${observed ? wordsOf(observed) : ""}, ${THRESHOLD_STATES[state]()}`,
      })),
    ),
  };
}

function plainNode(
  id: string,
  runId: string,
  label: string,
  description: string,
  icon: string,
  context: LineContext,
): TreeNode {
  const text = [label, description].filter(Boolean).join(", ");
  return { id, label, description, tooltip: text, spoken: text, icon, context, runId, children: [] };
}

/** The stage whose workspaces the counts are about: the first that has something to count. */
function jobStage(stages: readonly Stage[]): Stage | undefined {
  return stages.find((stage) => stage.total > 0);
}

const STAGE_STATES: Record<Stage["state"], () => string> = {
  pending: () => t("pending"),
  active: () => t("running"),
  done: () => t("done"),
  failed: () => t("failed"),
  stopped: () => t("stopped"),
  skipped: () => t("skipped"),
};
const STAGE_LOOKS: Record<Stage["state"], Look> = {
  pending: LOOKS.pending,
  active: LOOKS.moving,
  done: LOOKS.good,
  failed: LOOKS.bad,
  stopped: LOOKS.stopped,
  skipped: LOOKS.skipped,
};

/** `ofJobs`: what the run says of its jobs, for the stage that they are in. */
function stageNode(runId: string, stage: Stage, ofJobs: StepView | undefined, still: boolean): TreeNode {
  const counted = stage.total > 0 && stage.state !== "pending" && stage.state !== "skipped";
  const description = counted
    ? t("{0} of {1}", formatCount(stage.done), formatCount(stage.total))
    : stage.state === "skipped"
      ? t("skipped")
      : "";
  const what = wordsOf(stage.label);
  const label = stage.step === undefined ? what : t("{0}: {1}", stage.step, what);
  // Of one that is left out, the description says so already.
  const state = stage.state === "skipped" ? "" : STAGE_STATES[stage.state]();
  const text = [label, state, description].filter(Boolean).join(", ");
  return {
    id: lineId(runId, "stage", ...(stage.step === undefined ? [] : [stage.step]), stage.id),
    label,
    description,
    tooltip: text,
    spoken: text,
    ...(still && stage.state === "active" ? { icon: "circle-large-outline" } : STAGE_LOOKS[stage.state]),
    context: "stage",
    runId,
    expanded: stage.state === "active",
    children: ofJobs ? countNodes(runId, ofJobs) : [],
  };
}

function errorsNode(runId: string, { causes, causesOmitted }: StepView): TreeNode {
  const total = causes.reduce((sum, cause) => sum + cause.count, 0);
  const text = plural(total, { one: "{0} error by cause", other: "{0} errors by cause" });
  return {
    id: lineId(runId, "errors"),
    label: t("Errors"),
    description: plural(causes.length + causesOmitted, { one: "{0} cause", other: "{0} causes" }),
    tooltip: text,
    spoken: text,
    ...LOOKS.bad,
    context: "errors",
    runId,
    expanded: true,
    children: causes.map((cause) => causeNode(runId, cause)),
  };
}

function causeNode(runId: string, { id, cause, count, example }: Cause): TreeNode {
  return {
    id: lineId(runId, "cause", id, english(cause)),
    // The number first: a narrow side bar cuts the end of a line.
    label: `${formatCount(count)}× ${wordsOf(cause)}`,
    description: "",
    tooltip: `${wordsOf(cause)}\n${example.workspace}: ${wordsOf(example.message)}`,
    spoken: plural(
      count,
      { one: "{1}, {0} time, for example {2}", other: "{1}, {0} times, for example {2}" },
      wordsOf(cause),
      example.workspace,
    ),
    icon: "circle-filled",
    colour: LOOKS.bad.colour,
    context: "cause",
    runId,
    hit: { cause, count },
    target: { failure: english(cause) },
    children: [],
  };
}

/** The first of the workspaces that a cause hit, as lines under it, and how many more of `total` there are. */
export function hitNodes(cause: TreeNode, rows: readonly WorkspaceRow[], total: number): TreeNode[] {
  const nodes = rows.map((row) => ({
    ...plainNode(`${cause.id}/${row.index}`, cause.runId, row.name, wordsOf(row.doing), "vm", "workspace"),
    target: { step: row.step, workspace: row.name },
    tooltip: row.error ? `${row.name}: ${wordsOf(row.error)}` : row.name,
    spoken: row.error ? `${row.name}, ${wordsOf(row.error)}` : row.name,
  }));
  if (total <= rows.length) return nodes;
  const more = t("{0} more in the panel", formatCount(total - rows.length));
  return [...nodes, plainNode(`${cause.id}/more`, cause.runId, more, "", "ellipsis", "more")];
}

/** For the view's badge and description. */
export function summaryOf(runs: readonly TreeRun[]): { active: number; text: string } {
  const active = runs.filter((run) => run.active);
  const [only] = active;
  const text = active.length === 1 && only?.snapshot ? stateWord(only.snapshot) : "";
  return { active: active.length, text };
}
