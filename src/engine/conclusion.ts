import type { Baseline } from "../protocol/baseline.ts";
import { totalLeft } from "../protocol/left.ts";
import type { LimitResult } from "../protocol/limit.ts";
import type { Outcome } from "../protocol/snapshot.ts";
import type { JournalState } from "../runs/journal-state.ts";
import { leftOf } from "../runs/left.ts";
import { type Message, say, sayAll } from "../text/message.ts";
import { checkCommand, sayLost, sayStandstill, verdictOf } from "./answer/verdict.ts";
import type { Measuring } from "./measuring/measuring.ts";
import type { Mistakes } from "./mistakes.ts";
import { leavingOf, leftOver } from "./remains.ts";
import type { StepRun } from "./steps/step.ts";
import type { Standstill } from "./time.ts";

export interface Concluding {
  runId: string;
  steps: readonly StepRun[];
  measuring: Measuring;
  journal: JournalState;
  mistakes: Mistakes;
  still: Standstill;
  /** Somebody stopped the run. */
  stopped: boolean;
  /** A threshold that ends the run has ended it before its time. */
  aborted: boolean;
  /** Holds what was measured against an earlier run; undefined where that was not asked for. */
  compare(): Baseline | undefined;
  /** What a search for the largest load came to. */
  limit: LimitResult | undefined;
  /** What exists is to stay. */
  keep: boolean;
  /** Why the session was lost. */
  lost: Message | undefined;
  signal: AbortSignal;
  warn(what: Message): void;
}

/** What a run comes to whose steps are over and cleaned up after: asks the deployment what is left. Never rejects. */
export async function conclude(of: Concluding): Promise<Outcome> {
  const { steps, journal, mistakes, lost, still, warn } = of;
  const plans = steps.flatMap(({ plan }) => plan ?? []);
  const leaving = await leavingOf(plans, journal, { ...of, isLost: lost !== undefined });
  const { kept, remains } = leaving;
  const orphans = remains ? totalLeft(remains.left) : null;
  if (still.ms > 0) warn(sayStandstill(still.ms));
  for (const plan of plans) for (const remark of mistakes.ask(() => plan.remarks?.()) ?? []) warn(remark);
  // What is asked for from here on is of all that was measured.
  of.measuring.end();
  const [succeeded, failed] = [total(steps, "succeeded"), total(steps, "failed")];
  const [refused, invalid] = [refusalOf(steps), invalidOf(steps)];
  const verdict = verdictOf({
    stopped: of.stopped,
    limit: of.limit,
    refused,
    invalid,
    baseline: isWhole(of, refused ?? invalid) ? mistakes.ask(() => of.compare()) : undefined,
    thresholds: of.measuring.thresholds(true),
    failed: failed - failedInSearch(of),
    ...(steps.length > 1 ? { failedOf: failedOf(of) } : {}),
    mistake: mistakes.first,
    // Without a session nobody can be asked.
    orphans: lost ? null : orphans,
    unknownLeft: leaving.isUnknown ? checkCommand(of.runId) : undefined,
    ...(remains ? { left: remains.left } : {}),
    summary: summaryOf(steps),
  });
  const summary = lost
    ? sayLost(lost, verdict.summary, { runId: of.runId, left: leftOf(journal) })
    : verdict.summary;
  const told = leftOver(leaving, {
    removed: journal.removed,
    destroyFailed: steps.flatMap(({ jobs }) => jobs).filter((one) => one.destroyFailed).length,
    used: plans.find(({ untouched }) => untouched)?.untouched,
    next: plans.find(({ next }) => next)?.next ?? `coder-scaletest runs clean ${of.runId}`,
  });
  return { ...verdict, summary, succeeded, failed, orphans, kept, ...told };
}

/** A part of a test, and figures that must not be trusted, are no other test's equal. */
function isWhole({ stopped, aborted, lost, mistakes }: Concluding, problem: Message | undefined): boolean {
  return !stopped && !aborted && !lost && !mistakes.first && problem === undefined;
}

/** Of several steps, each with its name: "create: 20 succeeded, 0 failed; terminals: …" */
function summaryOf(steps: readonly StepRun[]): Message {
  const [only, ...more] = steps;
  if (only && more.length === 0) return only.summary;
  const begun = steps.filter(({ hasBegun }) => hasBegun);
  return sayAll(
    begun.map(({ name, summary }) => say("{0}: {1}", name, summary)),
    "; ",
  );
}

/** Why the figures of a step must not be trusted; undefined where all can be. */
function invalidOf(steps: readonly StepRun[]): Message | undefined {
  for (const step of steps) {
    const reason = step.hasBegun ? step.invalid : undefined;
    if (reason !== undefined) return steps.length > 1 ? say("{0}: {1}", step.name, reason) : reason;
  }
  return undefined;
}

function refusalOf(steps: readonly StepRun[]): Message | undefined {
  for (const { name, refusal } of steps)
    if (refusal !== undefined) return say('step "{0}" did not begin: {1}', name, refusal);
  return undefined;
}

function failedOf({ steps, limit }: Pick<Concluding, "steps" | "limit">): Record<string, number> {
  const others = steps.filter(({ name }) => name !== limit?.step);
  return Object.fromEntries(others.map(({ name, board }) => [name, board.counts.failed]));
}

/** What fails at a level that is too much is what was looked for. */
function failedInSearch({ steps, limit }: Pick<Concluding, "steps" | "limit">): number {
  return limit
    ? total(
        steps.filter(({ name }) => name === limit.step),
        "failed",
      )
    : 0;
}

/** Jobs of all steps that came to that. */
export function total(steps: readonly StepRun[], state: "succeeded" | "failed"): number {
  return steps.reduce((sum, { board }) => sum + board.counts[state], 0);
}
