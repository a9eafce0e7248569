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
  /** null: not known. */
  orphans: number | null;
  /** "998 succeeded, 2 failed: …" */
  summary: string;
}

/** What a run that was begun comes to; what weighs most is told. */
export function verdictOf(findings: Findings): Pick<Outcome, "verdict" | "exitCode" | "summary"> {
  const { stopped, invalid, thresholds, failed, orphans, summary } = findings;
  const told = orphans ? `${summary}; ${orphans} left behind on the deployment` : summary;
  if (stopped) return { verdict: "interrupted", exitCode: EXIT.interrupted, summary: told };
  if (invalid) return { verdict: "invalid", exitCode: EXIT.invalid, summary: `invalid: ${invalid}; ${told}` };
  const broken = brokenLine(thresholds);
  if (broken) return { verdict: "failed", exitCode: EXIT.threshold, summary: `${broken}; ${told}` };
  // A run with a word on failures of its own is held to that.
  const tolerant = thresholds.some((one) => one.expression.startsWith(`${FAILURES.name}.`));
  const passed = (failed === 0 || tolerant) && !orphans;
  return {
    verdict: passed ? "passed" : "failed",
    exitCode: passed ? EXIT.passed : EXIT.someFailed,
    summary: told,
  };
}
