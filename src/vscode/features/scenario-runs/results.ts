import { localFigure } from "../../../l10n/figures.ts";
import { t, wordsOf } from "../../../l10n/text.ts";
import { EXIT } from "../../../protocol/exit-codes.ts";
import type { PanelPlace } from "../../../protocol/panel.ts";
import type { Outcome, Snapshot, Step } from "../../../protocol/snapshot.ts";
import type { ThresholdState } from "../../../protocol/threshold.ts";
import type { HeldTo } from "../../../scenario/model.ts";

/** What a test of a run comes to. */
export type TestResult =
  | { kind: "passed" }
  | { kind: "skipped" }
  /** It could not be found out. */
  | { kind: "errored"; text: string }
  | { kind: "failed"; text: string; at?: PanelPlace }
  /** Its children say why. */
  | { kind: "failed_by_children" };

/** A run that has ended, as a test: the file itself, and its thresholds in their order. */
export interface ScenarioResults {
  file: TestResult;
  thresholds: TestResult[];
}

/** `snapshot`: the last one; undefined where the run's runner is gone. */
export function resultsOf(snapshot: Snapshot | undefined, heldTo: readonly HeldTo[]): ScenarioResults {
  const outcome = snapshot?.outcome;
  const none = () => heldTo.map((): TestResult => ({ kind: "skipped" }));
  if (!snapshot || !outcome)
    return { file: { kind: "errored", text: t("the run's runner is gone") }, thresholds: none() };
  const summary = wordsOf(outcome.refusal ?? outcome.summary);
  switch (outcome.verdict) {
    case "refused":
    case "invalid":
      return { file: { kind: "errored", text: summary }, thresholds: none() };
    case "interrupted":
      return { file: { kind: "skipped" }, thresholds: none() };
    case "passed":
    case "failed": {
      const thresholds = heldTo.map((held) => resultOf(snapshot, held));
      if (outcome.verdict === "passed") return { file: { kind: "passed" }, thresholds };
      const isToldByThem =
        outcome.exitCode === EXIT.threshold && thresholds.some(({ kind }) => kind === "failed");
      const isAll = isToldByThem && !failsByItself(outcome, heldTo);
      return { file: isAll ? { kind: "failed_by_children" } : { kind: "failed", text: summary }, thresholds };
    }
  }
}

/** Something is left, or jobs have failed and no threshold says how many may. */
function failsByItself({ failed, orphans }: Outcome, heldTo: readonly HeldTo[]): boolean {
  const isAllowed = heldTo.some(({ expression }) => /^failures[.{]/.test(expression));
  return orphans !== 0 || (failed > 0 && !isAllowed);
}

function resultOf(snapshot: Snapshot, held: HeldTo): TestResult {
  const state = stateOf(snapshot, held);
  if (!state || state.state === "pending") return { kind: "skipped" };
  if (state.state === "met") return { kind: "passed" };
  const actual = state.observed ? localFigure(wordsOf(state.observed)) : t("not measured");
  const expected = localFigure(wordsOf(state.limit));
  const at = placeOf(snapshot, state);
  return {
    kind: "failed",
    // What was expected first: the end of a long line may be cut off.
    text: t("{0}: expected {1}, was {2}", wordsOf(state.label), expected, actual),
    ...(at ? { at } : {}),
  };
}

/** A run of one step does not name it. What a file says twice, a run says once: then there is none. */
function stateOf({ thresholds = [], steps }: Snapshot, held: HeldTo): ThresholdState | undefined {
  const isOfSeveral = steps.length > 1;
  const own = isOfSeveral && held.step !== undefined ? held.step : undefined;
  return thresholds.find(
    ({ expression, step }) => expression === held.expression && (own === undefined || step === own),
  );
}

/** The worst window; of a threshold without windows, what was measured of its step. */
function placeOf({ steps }: Snapshot, { worst, step: name }: ThresholdState): PanelPlace | undefined {
  const step = name ?? (steps.length === 1 ? steps[0]?.name : undefined);
  const of = step === undefined ? {} : { step };
  if (worst) return { ...of, ...worst };
  const measured = spanOf(steps.find((one) => one.name === step));
  return measured && { ...of, ...measured };
}

function spanOf(step: Step | undefined): { from: number; until: number } | undefined {
  const from = step?.holdAt ?? step?.begunAt;
  const until = step?.endedAt;
  return from === undefined || until === undefined ? undefined : { from: from / 1_000, until: until / 1_000 };
}
