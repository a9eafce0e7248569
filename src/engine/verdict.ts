import { EXIT } from "../protocol/exit-codes.ts";
import type { Outcome } from "../protocol/snapshot.ts";
import { FAILURES, type ThresholdState } from "../protocol/threshold.ts";
import { brokenLine } from "./thresholds.ts";

export interface Findings {
  /** Somebody stopped the run. */
  stopped: boolean;
  /** Why the figures must not be trusted. */
  invalid: string | undefined;
  /** How each threshold stands at the end. */
  thresholds: readonly ThresholdState[];
  failed: number;
  /** null: not known, or not asked for. */
  orphans: number | null;
  /** The command that shows what is left, where the run should know that and does not. */
  unknownLeft: string | undefined;
  /** "998 succeeded, 2 failed: …" */
  summary: string;
}

/** What a run that was begun comes to; what weighs most comes first. No answer about what is left is no pass. */
export function verdictOf(findings: Findings): Pick<Outcome, "verdict" | "exitCode" | "summary"> {
  const { stopped, invalid, thresholds, failed, orphans, unknownLeft } = findings;
  const told = withLeft(findings);
  if (stopped) return { verdict: "interrupted", exitCode: EXIT.interrupted, summary: told };
  if (invalid) return { verdict: "invalid", exitCode: EXIT.invalid, summary: `invalid: ${invalid}; ${told}` };
  const broken = brokenLine(thresholds);
  if (broken) return { verdict: "failed", exitCode: EXIT.threshold, summary: `${broken}; ${told}` };
  // A run with a word on failures of its own is held to that.
  const tolerant = thresholds.some((one) => one.expression.startsWith(`${FAILURES.name}.`));
  const passed = (failed === 0 || tolerant) && !orphans && unknownLeft === undefined;
  return {
    verdict: passed ? "passed" : "failed",
    exitCode: passed ? EXIT.passed : EXIT.someFailed,
    summary: told,
  };
}

function withLeft({ summary, orphans, unknownLeft }: Findings): string {
  if (orphans) return `${summary}; ${orphans} left behind on the deployment`;
  if (unknownLeft === undefined) return summary;
  return `${summary}; what is left behind is not known, look with: ${unknownLeft}`;
}
