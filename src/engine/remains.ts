import { TimeLimit } from "../contract/ends.ts";
import type { Plan, Remains } from "../contract/plan.ts";
import { type Left, NOTHING_LEFT, totalLeft, type Untouched } from "../protocol/left.ts";
import type { Outcome } from "../protocol/snapshot.ts";
import type { JournalState } from "../runs/journal-state.ts";
import { leftOf } from "../runs/left.ts";
import { type Message, say } from "../text/message.ts";
import { saidOf } from "../text/said-error.ts";
import { type Standstill, withLimit } from "./time.ts";

const ANSWER_LIMIT_MS = 60_000;

/** What is left at a run's end, and whether on purpose. */
export interface Leaving {
  kept: number;
  /** What is kept on purpose, by kind. */
  named: Left;
  /** undefined: not known, or kept on purpose. */
  remains: Remains | undefined;
  /** It should be known, and the deployment did not answer. */
  isUnknown: boolean;
}

/**
 * Asks the deployment what it still has of the run; where it cannot be asked, what the journal names is all we know.
 * `keep`: somebody wants what was made to stay. `isLost`: nobody is signed in any more.
 */
export async function leavingOf(
  plans: readonly Plan[],
  journal: JournalState,
  { keep, isLost, signal, still, warn }: AskParts & { keep: boolean; isLost: boolean },
): Promise<Leaving> {
  const named = leftOf(journal);
  const isKept = plans.some((plan) => makes(plan) && (keep || !plan.cleanup));
  const kept = isKept ? named.users + named.workspaces : 0;
  const known = { kept, named, isUnknown: false };
  if (kept > 0) return { ...known, remains: undefined };
  // Who makes nothing is not asked for: its journal says that.
  const askers = plans.flatMap(({ countLeft }) => countLeft ?? []);
  if (isLost || askers.length === 0) return { ...known, remains: { left: named } };
  const remains = await ask((limited) => countAll(askers, limited), named, { signal, still, warn });
  return { ...known, remains, isUnknown: remains === undefined };
}

/** What a step leaves that makes nothing, another has made; what one leaves that was to delete it is left behind. */
function makes({ removes, countLeft }: Plan): boolean {
  return !removes && countLeft !== undefined;
}

/** Of all steps together. */
async function countAll(
  askers: readonly NonNullable<Plan["countLeft"]>[],
  signal: AbortSignal,
): Promise<Remains> {
  const all = await Promise.all(askers.map((ask) => ask(signal)));
  const left = { ...NOTHING_LEFT };
  for (const one of all)
    for (const kind of ["users", "workspaces", "tokens"] as const) left[kind] += one.left[kind];
  const untouched = all.find((one) => one.untouched)?.untouched;
  return { left, ...(untouched ? { untouched } : {}) };
}

interface AskParts {
  signal: AbortSignal;
  still: Standstill;
  warn: (what: Message) => void;
}

async function ask(
  countLeft: NonNullable<Plan["countLeft"]>,
  named: Left,
  { signal, still, warn }: AskParts,
): Promise<Remains | undefined> {
  const late = () => new TimeLimit("cleanup", say("no answer within a minute"));
  const limit = withLimit(signal, ANSWER_LIMIT_MS, still, late);
  try {
    return await countLeft(limit.signal).finally(limit.done);
  } catch (error) {
    warn(say("the deployment could not be asked what is left: {0}", saidOf(error)));
    return totalLeft(named) > 0 ? { left: named } : undefined;
  }
}

export interface LeftParts {
  removed: Left;
  destroyFailed: number;
  /** Workspaces of other runs that it has only used. */
  used: Untouched | undefined;
  /** The command that goes on. */
  next: string;
}

/** What the outcome says of that, beside its number. */
export function leftOver(
  { remains, kept, named }: Leaving,
  { removed, destroyFailed, used, next }: LeftParts,
): Partial<Outcome> {
  const { left = NOTHING_LEFT, untouched = used } = remains ?? {};
  const by = destroyFailed > 0 ? " --orphan" : "";
  return {
    ...(remains ? { left } : kept > 0 ? { left: named } : {}),
    ...(totalLeft(removed) > 0 ? { removed } : {}),
    ...(untouched ? { untouched } : {}),
    ...(destroyFailed > 0 ? { destroyFailed } : {}),
    ...(totalLeft(left) > 0 ? { next: `${next}${by}` } : {}),
  };
}
