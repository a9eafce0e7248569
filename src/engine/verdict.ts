import { formatDuration } from "../protocol/duration.ts";
import { EXIT } from "../protocol/exit-codes.ts";
import { type Left, leftText, totalLeft } from "../protocol/left.ts";
import type { Outcome, RunEvent } from "../protocol/snapshot.ts";
import type { ThresholdState } from "../protocol/threshold.ts";
import { brokenLine } from "./thresholds.ts";

export interface Findings {
  /** Somebody stopped the run. */
  stopped: boolean;
  /** Why one of several steps did not begin. */
  refused?: string | undefined;
  /** Why the figures must not be trusted. */
  invalid: string | undefined;
  /** How each threshold stands at the end. */
  thresholds: readonly ThresholdState[];
  failed: number;
  /** The same by step, where there are several: what one is allowed to fail, others are not. */
  failedOf?: Readonly<Record<string, number>>;
  /** The first mistake of the product itself, in one line. */
  mistake: string | undefined;
  /** null: not known, or not asked for. */
  orphans: number | null;
  /** The command that shows what is left, where the run should know that and does not. */
  unknownLeft: string | undefined;
  /** The same by kind, where that is known. */
  left?: Left;
  /** "998 succeeded, 2 failed: …" */
  summary: string;
}

/** What a run that was begun comes to; what weighs most comes first. No answer about what is left is no pass. */
export function verdictOf(findings: Findings): Pick<Outcome, "verdict" | "exitCode" | "summary"> {
  const { stopped, refused, invalid, thresholds, mistake, orphans, unknownLeft } = findings;
  const told = withLeft(findings);
  if (mistake) return { verdict: "failed", exitCode: EXIT.someFailed, summary: `${mistake}; ${told}` };
  if (stopped) return { verdict: "interrupted", exitCode: EXIT.interrupted, summary: told };
  if (refused) return { verdict: "failed", exitCode: EXIT.someFailed, summary: `${refused}; ${told}` };
  if (invalid) return { verdict: "invalid", exitCode: EXIT.invalid, summary: `invalid: ${invalid}; ${told}` };
  const broken = brokenLine(thresholds);
  if (broken) return { verdict: "failed", exitCode: EXIT.threshold, summary: `${broken}; ${told}` };
  const passed = hasOnlyAllowedFailures(findings) && !orphans && unknownLeft === undefined;
  return {
    verdict: passed ? "passed" : "failed",
    exitCode: passed ? EXIT.passed : EXIT.someFailed,
    summary: told,
  };
}

/** Where something is said on failures, that is what they are held to. */
function hasOnlyAllowedFailures({ failed, failedOf, thresholds }: Findings): boolean {
  const words = thresholds.filter(({ expression }) => /^failures[.{]/.test(expression));
  if (!failedOf) return failed === 0 || words.length > 0;
  return Object.entries(failedOf).every(
    ([name, count]) => count === 0 || words.some(({ step }) => step === undefined || step === name),
  );
}

function withLeft({ summary, orphans, left, unknownLeft }: Findings): string {
  if (orphans) return `${summary}; ${left ? leftText(left) : orphans} left behind on the deployment`;
  if (unknownLeft === undefined) return summary;
  return `${summary}; what is left behind is not known, look with: ${unknownLeft}`;
}

/** How a person finds out what a run has left. */
export function checkCommand(runId: string): string {
  return `coder-scaletest cleanup --run ${runId} --dry-run`;
}

/** Of the event that tells the outcome: to be stopped on purpose is no error. */
export function levelOf(verdict: Outcome["verdict"]): RunEvent["level"] {
  return verdict === "passed" ? "info" : verdict === "interrupted" ? "warning" : "error";
}

/** The summary of a run whose session was lost, and how to delete what it could not. */
export function lostText(
  lost: string,
  summary: string,
  { runId, left }: { runId: string; left: Left },
): string {
  const told = `${lost}; ${summary}`;
  if (totalLeft(left) === 0) return told;
  return `${told}; up to ${leftText(left)} left; delete them with: coder-scaletest runs clean ${runId}`;
}

export function standstillText(ms: number): string {
  return `what needed the session waited ${formatDuration(ms)} for a sign-in; of all times that are told, only the elapsed one has that in it`;
}
