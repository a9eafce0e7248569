import type { Workload } from "../contract/workload.ts";
import { parseDuration, writeDuration } from "../protocol/duration.ts";
import type { LimitPart, LimitRequest } from "../protocol/limit.ts";
import { type Message, say, words } from "../text/message.ts";
import { profileField } from "./kinds.ts";
import { andOf, andText, secondOffer } from "./search-and.ts";

/** What a search says, in a file by these keys and on the command line by flags of the same names. */
export const SEARCH_KEYS = {
  vary: words(
    "What is searched: connections, rate, concurrency, builds or users; of which step, as connections@terminals",
  ),
  from: words("The smallest level, which the search begins at"),
  to: words("The ceiling: a larger level is never tried"),
  and: words(
    "A second number with its values, such as rate=1,2,5,10 (messages a second of each connection): a search for each",
  ),
  precision: words("How near the largest passing level and the smallest failing one come; 5% by default"),
  budget: words("How long the search may take; 45m by default"),
} as const;
export type SearchKey = keyof typeof SEARCH_KEYS;

/** As a person asks for it, each key in the words of the file or of the flag. */
export type SearchAsked = { [K in SearchKey]?: string | undefined };

/** What can be varied, by the words that people have for it, and the step's level that it is. */
const LEVELS: Readonly<Record<string, string>> = {
  connections: "connections",
  rate: "messages_per_second",
  concurrency: "concurrency",
  builds: "concurrency",
  users: "users",
};
export const VARIED = Object.keys(LEVELS);
/** Several steps together: each has its share of the users. */
const USERS = "users";

export const DEFAULT_PRECISION = "5%";
export const DEFAULT_BUDGET = "45m";
const LEAST_BUDGET_MS = 1_000;

/** A step that may be varied. */
export interface VariableStep {
  name: string;
  workload: Workload;
  config: Readonly<Record<string, unknown>>;
}

/** Tells what is wrong with the value of a key. */
export type Fault = (key: SearchKey, said: Message) => void;

/**
 * The search that somebody asks for; undefined where something is wrong with it, of which `fault` is told.
 * `spell`: a key as the person has written it, such as `--from`.
 */
export function searchOf(
  asked: SearchAsked,
  steps: readonly VariableStep[],
  fault: Fault,
  spell = (key: SearchKey): string => key,
): LimitRequest | undefined {
  const [from, to] = [wholeOf(asked, "from", fault, spell), wholeOf(asked, "to", fault, spell)];
  const precision = precisionOf(asked.precision ?? DEFAULT_PRECISION);
  if (precision === undefined)
    fault("precision", say('{0} "{1}" is not a share such as 5%', spell("precision"), asked.precision ?? ""));
  const budgetMs = parseDuration(asked.budget ?? DEFAULT_BUDGET) ?? 0;
  const isLong = budgetMs >= LEAST_BUDGET_MS;
  if (!isLong)
    fault("budget", say('{0} "{1}" is not a duration such as 45m', spell("budget"), asked.budget ?? ""));
  const isRange = from !== undefined && to !== undefined && from < to;
  if (from !== undefined && to !== undefined && !isRange)
    fault("to", say("{0} {1} is not above {2} {3}", spell("to"), to, spell("from"), from));
  const parts = partsOf(asked.vary, steps, fault, spell);
  const [first] = parts ?? [];
  const and =
    first && asked.and !== undefined
      ? andOf(asked.and, first.vary, (said) => fault("and", said), spell("and"))
      : undefined;
  const isAnd = asked.and === undefined || and !== undefined;
  if (!isRange || precision === undefined || !isLong || !parts || !first || !isAnd) return undefined;
  const isOfUsers = parts.length > 1 || asked.vary === USERS;
  return {
    ...{ vary: isOfUsers ? USERS : first.vary, step: first.step, from, to, precision, budgetMs },
    ...(isOfUsers ? { parts } : {}),
    ...(and ? { and } : {}),
    pace: "usual",
  };
}

/** The other way: a search as it would be asked for, of a run of so many steps. */
export function askedOf(
  { vary, step, parts, and, from, to, precision, budgetMs }: LimitRequest,
  steps: number,
): SearchAsked {
  const word = VARIED.find((one) => LEVELS[one] === vary) ?? vary;
  return {
    vary: steps === 1 || parts ? word : `${word}@${step}`,
    from: String(from),
    to: String(to),
    ...(and ? { and: andText(and) } : {}),
    precision: `${Number((precision * 100).toPrecision(6))}%`,
    budget: writeDuration(budgetMs),
  };
}

/** The step that `connections@terminals` names, or those that users have together. */
function partsOf(
  vary: string | undefined,
  steps: readonly VariableStep[],
  fault: Fault,
  spell: (key: SearchKey) => string,
): LimitPart[] | undefined {
  if (vary === undefined) return undefined;
  const [word = "", ...rest] = vary.split("@");
  const name = rest.length > 0 ? rest.join("@") : undefined;
  const level = LEVELS[word];
  if (level === undefined) {
    fault("vary", say('{0} "{1}" is none of {2}', spell("vary"), word, VARIED.join(", ")));
    return undefined;
  }
  if (level === USERS && name === undefined) return usersOf(steps, fault, spell);
  if (level === USERS) {
    fault("vary", say("{0} {1} is of all loads together: it names no step", spell("vary"), USERS));
    return undefined;
  }
  const step = stepOf(word, name, level, steps, (said) => fault("vary", said));
  return step && [{ step: step.name, vary: level, share: 1 }];
}

/** All that can be varied of these steps, as it would be written. */
export function varyOffers(steps: readonly VariableStep[]): string[] {
  const loads = steps.filter(({ workload }) => isLoad(workload));
  const words = ["connections", "rate", "concurrency"].flatMap((word) => {
    const fitting = steps.filter(({ workload }) => hasLevel(workload, LEVELS[word] ?? ""));
    return fitting.length === 1 ? [word] : fitting.map(({ name }) => `${word}@${name}`);
  });
  return [...words, ...(loads.length > 1 ? [USERS] : [])];
}

/** The second number that can stand beside what is varied, with values such as people write; undefined: none can. */
export function andOffer(vary: string): { word: string; values: string } | undefined {
  const [word = ""] = vary.split("@");
  return secondOffer(LEVELS[word] ?? "");
}

function stepOf(
  word: string,
  name: string | undefined,
  level: string,
  steps: readonly VariableStep[],
  fault: (said: Message) => void,
): VariableStep | undefined {
  const fitting = steps.filter(({ workload }) => hasLevel(workload, level));
  const named = name === undefined ? fitting : steps.filter((step) => step.name === name);
  const [step, ...more] = named;
  const names = (fitting.length > 0 ? fitting : steps).map((one) => one.name).join(", ");
  if (name !== undefined && !step) fault(say('there is no step "{0}": there is {1}', name, names));
  else if (!step) fault(say("no step has {0} that could be varied: there is {1}", word, names));
  else if (!hasLevel(step.workload, level))
    fault(
      fitting.length > 0
        ? say('step "{0}" has no {1} that could be varied: {2} has', step.name, word, names)
        : say('step "{0}" has no {1} that could be varied', step.name, word),
    );
  else if (more.length > 0) fault(say("say which step, as {0}@STEP: {1}", word, names));
  else return step;
  return undefined;
}

/** Each load has as many connections as its share of the users; one that takes all workspaces is what every user does. */
function usersOf(
  steps: readonly VariableStep[],
  fault: Fault,
  spell: (key: SearchKey) => string,
): LimitPart[] | undefined {
  const loads = steps.filter(({ workload }) => isLoad(workload));
  if (loads.length === 0) {
    fault("vary", say("no step has {0} that could be varied", USERS));
    return undefined;
  }
  const parts: LimitPart[] = [];
  for (const load of loads) {
    const share = shareOf(load);
    if (share === undefined)
      fault(
        "vary",
        say('{0} {1}: step "{2}" needs a share such as 60%, not a range', spell("vary"), USERS, load.name),
      );
    else parts.push({ step: load.name, vary: "connections", share });
  }
  return parts.length === loads.length ? parts : undefined;
}

/** Of the workspaces, by the field that says which a step takes: `0%:60%`. */
function shareOf({ workload, config }: VariableStep): number | undefined {
  const key = profileField(workload, "share")?.key;
  const text = key === undefined ? undefined : config[key];
  if (typeof text !== "string") return 1;
  const [, start, end] = /^\s*(\d+(?:\.\d+)?)%:(\d+(?:\.\d+)?)%\s*$/.exec(text) ?? [];
  if (start === undefined || end === undefined) return undefined;
  return Number(((Number(end) - Number(start)) / 100).toFixed(6));
}

/** Loads have connections and their rate; other steps of a deployment have jobs. */
function hasLevel(workload: Workload, level: string): boolean {
  if (level === "concurrency") return !isLoad(workload) && workload.hasPreflight;
  return isLoad(workload);
}

/** A load goes on for as long as its configuration says, on the deployment. */
export function isLoad(workload: Workload): boolean {
  return workload.hasPreflight && profileField(workload, "hold") !== undefined;
}

function wholeOf(
  asked: SearchAsked,
  key: "from" | "to",
  fault: Fault,
  spell: (key: SearchKey) => string,
): number | undefined {
  const text = asked[key];
  if (text === undefined) return undefined;
  if (/^[1-9]\d{0,6}$/.test(text.trim())) return Number(text);
  fault(key, say('{0} "{1}" is not a whole number from 1 to 9999999', spell(key), text));
  return undefined;
}

function precisionOf(text: string): number | undefined {
  const percent = Number(/^\s*(\d+(?:\.\d+)?)\s*%\s*$/.exec(text)?.[1]);
  return percent > 0 && percent <= 100 ? percent / 100 : undefined;
}
