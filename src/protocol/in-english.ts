import { english } from "../text/message.ts";
import type { Baseline, EnglishBaseline } from "./baseline.ts";
import type { Check } from "./check.ts";
import type { RunResult } from "./result.ts";
import type { Cause, Outcome } from "./snapshot.ts";
import type { ThresholdState } from "./threshold.ts";

/** What a run says of itself as scripts read it: in English, under the same names. */

export function englishOutcome({ summary, refusal, ...rest }: Outcome): RunResult["outcome"] {
  return {
    ...rest,
    summary: english(summary),
    ...(refusal === undefined ? {} : { refusal: english(refusal) }),
  };
}

export function englishCause({ id, cause, count, example }: Cause): RunResult["errors_by_cause"][number] {
  const { message, ...where } = example;
  return { id, cause: english(cause), count, example: { ...where, message: english(message) } };
}

export function englishCheck({ id, label, status, figure, mend }: Check) {
  return {
    id,
    label: english(label),
    status,
    figure: english(figure),
    ...(mend ? { mend: english(mend) } : {}),
  };
}

export function englishBaseline({ figures, ...rest }: Baseline): EnglishBaseline {
  return { ...rest, figures: figures.map((one) => ({ ...one, label: english(one.label) })) };
}

export function englishThreshold(one: ThresholdState): RunResult["thresholds"][number] {
  const { label, limit, observed } = one;
  return {
    ...one,
    label: english(label),
    limit: english(limit),
    observed: observed && english(observed),
  };
}
