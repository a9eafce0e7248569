import type { Workload } from "../../contract/workload.ts";
import { parseDuration } from "../../protocol/duration.ts";
import type { LimitRequest } from "../../protocol/limit.ts";
import type { StepRequest } from "../../protocol/step-request.ts";
import { say } from "../../text/message.ts";
import { SaidError } from "../../text/said-error.ts";

/** What can be varied, by the words that people have for it, and the step's level that it is. */
const LEVELS: Readonly<Record<string, string>> = {
  connections: "connections",
  rate: "messages_per_second",
  concurrency: "concurrency",
  builds: "concurrency",
};
export const VARIED = Object.keys(LEVELS);

const DEFAULT_PRECISION = 0.05;
const DEFAULT_BUDGET_MS = 45 * 60_000;
/** A step goes on for longer than the search, which ends it. */
const SLACK_MS = 5 * 60_000;

/** As a person asks for it. */
export interface LimitAsked {
  /** `connections`, or `connections@terminals` where several steps have some. */
  vary?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
  precision?: string | undefined;
  budget?: string | undefined;
  pace?: string | undefined;
}

/** A search, and the steps as it needs them. Throws SaidError with one sentence. */
export function limitOf(
  asked: LimitAsked,
  steps: readonly StepRequest[],
  workloadOf: (name: string) => Workload,
): { limit: LimitRequest; steps: StepRequest[] } {
  if (asked.vary === undefined || asked.from === undefined || asked.to === undefined)
    throw new SaidError(say("a search needs {0}, {1} and {2}", "--vary", "--from", "--to"));
  const [word = "", name] = asked.vary.split("@");
  const vary = LEVELS[word];
  if (vary === undefined) throw new SaidError(say("--vary {0} is none of {1}", word, VARIED.join(", ")));
  const step = variedStep(name, vary, steps, workloadOf);
  const limit = {
    ...{ vary, step: step.name, from: whole("--from", asked.from), to: whole("--to", asked.to) },
    ...{ precision: precisionOf(asked.precision), budgetMs: budgetOf(asked.budget) },
    pace: asked.pace === "quick" ? ("quick" as const) : ("usual" as const),
  };
  if (limit.from >= limit.to)
    throw new SaidError(say("--from {0} is not below --to {1}", limit.from, limit.to));
  return {
    limit,
    steps: steps.map((one) => (one === step ? heldFor(one, limit.budgetMs, workloadOf(one.workload)) : one)),
  };
}

function variedStep(
  name: string | undefined,
  vary: string,
  steps: readonly StepRequest[],
  workloadOf: (name: string) => Workload,
): StepRequest {
  const fitting = steps.filter(({ workload }) => isHeld(workloadOf(workload)) === (vary !== "concurrency"));
  const named = name === undefined ? fitting : steps.filter((step) => step.name === name);
  const [step, ...more] = named;
  const names = (fitting.length > 0 ? fitting : steps).map((one) => one.name).join(", ");
  if (name !== undefined && !step)
    throw new SaidError(say('there is no step "{0}": there is {1}', name, names));
  if (!step) throw new SaidError(say("no step has {0} that could be varied: there is {1}", vary, names));
  if (more.length > 0) throw new SaidError(say("say which step, as {0}@STEP: {1}", vary, names));
  return step;
}

/** A load, which goes on for as long as its configuration says. */
function isHeld({ fields }: Workload): boolean {
  return holdKey(fields) !== undefined;
}

function holdKey(fields: Workload["fields"]): string | undefined {
  return Object.entries(fields).find(([, { profile }]) => profile === "hold")?.[0];
}

/** The search ends the step; until then nothing else does, and nothing else moves its level. */
function heldFor(
  { profile: _stages, ...step }: StepRequest,
  budgetMs: number,
  { fields }: Workload,
): StepRequest {
  const longestMs = budgetMs + SLACK_MS;
  const hold = holdKey(fields);
  const config = { ...step.config, ...(hold === undefined ? {} : { [hold]: longestMs }) };
  const { timeoutMs } = config;
  const isTooShort = typeof timeoutMs === "number" && timeoutMs > 0;
  return { ...step, config: { ...config, ...(isTooShort ? { timeoutMs: timeoutMs + longestMs } : {}) } };
}

function whole(flag: string, text: string): number {
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
  throw new SaidError(say("{0} {1} is not a whole number above 0", flag, text));
}

function precisionOf(text: string | undefined): number {
  if (text === undefined) return DEFAULT_PRECISION;
  const percent = /^(\d+(?:\.\d+)?)\s*%$/.exec(text)?.[1];
  if (percent !== undefined && Number(percent) > 0 && Number(percent) <= 100) return Number(percent) / 100;
  throw new SaidError(say("--precision {0} is not a share such as 5%", text));
}

function budgetOf(text: string | undefined): number {
  const ms = text === undefined ? DEFAULT_BUDGET_MS : parseDuration(text);
  if (ms !== undefined && ms >= 1_000) return ms;
  throw new SaidError(say("--budget {0} is not a duration such as 45m", text ?? ""));
}
