import { formatShown } from "../l10n/shown.ts";
import { t } from "../l10n/text.ts";
import { EXIT } from "../protocol/exit-codes.ts";
import type { RunEnd } from "../runs/summary.ts";
import { endingWord } from "./text.ts";

/** How a run ended, in the fewest words: what lists show of it. */
export interface EndWords {
  /** `3 failed`, `stopped, 4 of 8`, `8 passed`; a run that never came to its jobs says its verdict alone. */
  outcome: string;
  /** `p95 9.4s`; empty where nothing was measured. */
  figure: string;
}

export function endWords(end: Pick<RunEnd, "outcome" | "total_runs" | "key">): EndWords {
  const { key } = end;
  return { outcome: outcomeText(end), figure: key ? t("p95 {0}", formatShown(key.figure)) : "" };
}

function outcomeText({ outcome, total_runs: planned }: Pick<RunEnd, "outcome" | "total_runs">): string {
  const { verdict, succeeded, failed, refusal, unjudged, exitCode } = outcome;
  if (refusal) return t("refused");
  if (verdict === "failed" && failed > 0) return t("{0} failed", failed);
  if (verdict === "passed" && succeeded > 0)
    return unjudged ? t("{0} ended", succeeded) : t("{0} passed", succeeded);
  // No job failed: a threshold is broken, or an earlier run was better.
  if (verdict === "failed" && exitCode === EXIT.threshold) return t("does not hold");
  const total = planned ?? succeeded + failed;
  return verdict === "interrupted" && total > 0
    ? t("stopped, {0} of {1}", succeeded, total)
    : endingWord(outcome);
}
