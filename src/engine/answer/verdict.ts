import type { Answer } from "../../protocol/answer.ts";
import { type Baseline, sayBaseline } from "../../protocol/baseline.ts";
import { formatDuration } from "../../protocol/duration.ts";
import { type Ending, endingOf } from "../../protocol/ending.ts";
import { EXIT } from "../../protocol/exit-codes.ts";
import { type Left, sayLeft, totalLeft } from "../../protocol/left.ts";
import { kindOfLimit, type LimitResult } from "../../protocol/limit.ts";
import { sayLimit } from "../../protocol/limit-words.ts";
import type { Outcome, RunEvent } from "../../protocol/snapshot.ts";
import type { ThresholdState } from "../../protocol/threshold.ts";
import { type Message, say, sayAll } from "../../text/message.ts";
import { sayBroken } from "../measuring/thresholds.ts";

export interface Findings {
  /** Somebody stopped the run. */
  stopped: boolean;
  /** Why one of several steps did not begin. */
  refused?: Message | undefined;
  /** Why the figures must not be trusted. */
  invalid: Message | undefined;
  /** How each threshold stands at the end. */
  thresholds: readonly ThresholdState[];
  /** The run beside an earlier one; absent where that was not asked for, or says nothing. */
  baseline?: Baseline | undefined;
  /** What a search for the largest load came to. */
  limit?: LimitResult | undefined;
  failed: number;
  /** The same by step, where there are several: what one is allowed to fail, others are not. */
  failedOf?: Readonly<Record<string, number>>;
  /** The first mistake of the product itself, in one line. */
  mistake: Message | undefined;
  /** null: not known, or not asked for. */
  orphans: number | null;
  /** The command that shows what is left, where the run should know that and does not. */
  unknownLeft: string | undefined;
  /** The same by kind, where that is known. */
  left?: Left;
  /** "998 succeeded, 2 failed: …" */
  summary: Message;
}

/** What a run that was begun comes to; what weighs most comes first. No answer about what is left is no pass. */
export function verdictOf(findings: Findings): Pick<Outcome, "verdict" | "exitCode" | "summary"> {
  const { stopped, refused, invalid, thresholds, baseline, mistake, orphans, unknownLeft } = findings;
  const isWorse = baseline?.state === "worse";
  const told = withBaseline(withLeft(withLimit(findings)), isWorse ? undefined : baseline);
  if (mistake)
    return { verdict: "failed", exitCode: EXIT.someFailed, summary: sayAll([mistake, told], "; ") };
  if (stopped) return { verdict: "interrupted", exitCode: EXIT.interrupted, summary: told };
  if (refused)
    return { verdict: "failed", exitCode: EXIT.someFailed, summary: sayAll([refused, told], "; ") };
  if (invalid) {
    const why = say("invalid: {0}", invalid);
    return { verdict: "invalid", exitCode: EXIT.invalid, summary: sayAll([why, told], "; ") };
  }
  const search = findings.limit && SEARCHES[kindOfLimit(findings.limit)];
  if (search && search !== "passed") return { ...OUTCOMES[search], summary: told };
  const broken = sayBroken(thresholds);
  const worse = isWorse ? sayBaseline(baseline) : undefined;
  const alarms = [broken, worse].filter((one) => one !== undefined);
  if (alarms.length > 0)
    return { verdict: "failed", exitCode: EXIT.threshold, summary: sayAll([...alarms, told], "; ") };
  const passed = hasOnlyAllowedFailures(findings) && !orphans && unknownLeft === undefined;
  return {
    verdict: passed ? "passed" : "failed",
    exitCode: passed ? EXIT.passed : EXIT.someFailed,
    summary: told,
  };
}

/** What a search comes to: a limit, or none below the ceiling, is an answer. */
const SEARCHES = {
  found: "passed",
  not_reached: "passed",
  smallest_breaks: "threshold",
  invalid: "invalid",
  so_far: "unanswered",
} as const;
const OUTCOMES = {
  threshold: { verdict: "failed", exitCode: EXIT.threshold },
  invalid: { verdict: "invalid", exitCode: EXIT.invalid },
  unanswered: { verdict: "failed", exitCode: EXIT.someFailed },
} as const;

function withLimit(findings: Findings): Findings {
  const { limit, summary } = findings;
  return limit ? { ...findings, summary: sayAll([sayLimit(limit), summary], "; ") } : findings;
}

/** A threshold on failures replaces the rule that none may fail. */
function hasOnlyAllowedFailures({ failed, failedOf, thresholds }: Findings): boolean {
  const words = thresholds.filter(({ expression }) => /^failures[.{]/.test(expression));
  if (!failedOf) return failed === 0 || words.length > 0;
  return Object.entries(failedOf).every(
    ([name, count]) => count === 0 || words.some(({ step }) => step === undefined || step === name),
  );
}

/** Better, as good, or not enough data: the summary says it, and no verdict changes. */
function withBaseline(summary: Message, baseline: Baseline | undefined): Message {
  return baseline ? sayAll([summary, sayBaseline(baseline)], "; ") : summary;
}

function withLeft({ summary, orphans, left, unknownLeft }: Findings): Message {
  if (orphans) {
    const what = left ? sayLeft(left) : orphans;
    return sayAll([summary, say("{0} left behind on the deployment", what)], "; ");
  }
  if (unknownLeft === undefined) return summary;
  return sayAll([summary, say("what is left behind is unknown; look with: {0}", unknownLeft)], "; ");
}

/** How a person finds out what a run has left. */
export function checkCommand(runId: string): string {
  return `coder-scaletest cleanup --run ${runId} --dry-run`;
}

/** Where no threshold says what has to hold, a run passes by its jobs alone: its answer may be that it does not hold. */
export function besideAnswer(outcome: Outcome, { holds }: Pick<Answer, "holds">): Outcome {
  return outcome.verdict === "passed" && holds === "no" ? { ...outcome, unjudged: true } : outcome;
}

const LEVELS: Readonly<Record<Ending, RunEvent["level"]>> = {
  ...{ passed: "info", ended: "warning", interrupted: "warning" },
  ...{ failed: "error", refused: "error", invalid: "error" },
};

/** Of the event that tells the outcome: to be stopped on purpose is no error. */
export function levelOf(outcome: Outcome): RunEvent["level"] {
  return LEVELS[endingOf(outcome)];
}

/** The summary of a run whose session was lost, and how to delete what it could not. */
export function sayLost(
  lost: Message,
  summary: Message,
  { runId, left }: { runId: string; left: Left },
): Message {
  if (totalLeft(left) === 0) return sayAll([lost, summary], "; ");
  const clean = `coder-scaletest runs clean ${runId}`;
  const rest = say("up to {0} left; delete them with: {1}", sayLeft(left), clean);
  return sayAll([lost, summary, rest], "; ");
}

export function sayStandstill(ms: number): Message {
  return say(
    "what needed the session waited {0} for a sign-in; only the elapsed time includes that",
    formatDuration(ms),
  );
}
