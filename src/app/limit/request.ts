import type { Workload } from "../../contract/workload.ts";
import { type LimitRequest, partsOfLimit } from "../../protocol/limit.ts";
import type { StepRequest } from "../../protocol/step-request.ts";
import { profileField } from "../../scenario/kinds.ts";
import { type SearchAsked, type SearchKey, searchOf } from "../../scenario/search.ts";
import { say } from "../../text/message.ts";
import { SaidError } from "../../text/said-error.ts";

/** A step goes on for longer than the search, which ends it. */
const SLACK_MS = 5 * 60_000;

/** As a person asks for it. */
export interface LimitAsked extends SearchAsked {
  /** `quick` is for tests of this tool. */
  pace?: string | undefined;
}

/**
 * A search, and the steps as it needs them. `spell`: a key as the person has written it. Throws SaidError with one
 * sentence.
 */
export function limitOf(
  asked: LimitAsked,
  steps: readonly StepRequest[],
  workloadOf: (name: string) => Workload,
  spell = (key: SearchKey): string => `--${key}`,
): { limit: LimitRequest; steps: StepRequest[] } {
  const missing = () =>
    new SaidError(say("a search needs {0}, {1} and {2}", spell("vary"), spell("from"), spell("to")));
  if (asked.vary === undefined || asked.from === undefined || asked.to === undefined) throw missing();
  const found = searchOf(
    asked,
    steps.map(({ name, workload, config }) => ({ name, workload: workloadOf(workload), config })),
    (_key, said) => {
      throw new SaidError(said);
    },
    spell,
  );
  if (!found) throw missing();
  const limit = { ...found, pace: asked.pace === "quick" ? ("quick" as const) : found.pace };
  const varied = new Set(partsOfLimit(limit).map(({ step }) => step));
  return {
    limit,
    steps: steps.map((step) =>
      varied.has(step.name) ? heldFor(step, limit.budgetMs, workloadOf(step.workload)) : step,
    ),
  };
}

/** The search ends the step; until then nothing else does, and nothing else moves its level. */
function heldFor(
  { profile: _stages, ...step }: StepRequest,
  budgetMs: number,
  workload: Workload,
): StepRequest {
  const longestMs = budgetMs + SLACK_MS;
  const hold = profileField(workload, "hold")?.key;
  const config = { ...step.config, ...(hold === undefined ? {} : { [hold]: longestMs }) };
  const { timeoutMs } = config;
  const isTooShort = typeof timeoutMs === "number" && timeoutMs > 0;
  return { ...step, config: { ...config, ...(isTooShort ? { timeoutMs: timeoutMs + longestMs } : {}) } };
}

/** The other way: steps as they were asked for, without what a search has made of them. */
export function askedSteps<S extends StepRequest>(
  steps: readonly S[],
  limit: LimitRequest,
  workloadOf: (name: string) => Workload,
): S[] {
  const varied = new Set(partsOfLimit(limit).map(({ step }) => step));
  const longestMs = limit.budgetMs + SLACK_MS;
  return steps.map((step) => {
    if (!varied.has(step.name)) return step;
    const hold = profileField(workloadOf(step.workload), "hold")?.key;
    const { [hold ?? ""]: _held, ...config } = step.config;
    const { timeoutMs } = config;
    const isLonger = typeof timeoutMs === "number" && timeoutMs > longestMs;
    return { ...step, config: { ...config, ...(isLonger ? { timeoutMs: timeoutMs - longestMs } : {}) } };
  });
}
