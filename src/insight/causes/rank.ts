import type { Bottlenecks } from "../../protocol/bottlenecks.ts";
import { english } from "../../text/message.ts";
import type { Found, Rule, RunView, Symptom } from "./rule.ts";
import { RULES } from "./rules.ts";
import { symptomsOf } from "./symptoms.ts";

/** Fewer seconds of load than this are no ground for anything. */
const LEAST_LOAD_S = 3;
/** Below this, it is a guess. */
const LEAST_STRENGTH = 0.3;
const NOTHING: Bottlenecks = { named: [], cannot_tell: [], felt: [] };

/** Asks every rule, and puts what they find in order: the strongest first, of equals the one that began first. */
export function bottlenecksOf(view: RunView, rules: readonly Rule[] = RULES): Bottlenecks {
  if (view.loadS < LEAST_LOAD_S) return NOTHING;
  const felt = symptomsOf(view);
  if (felt.length === 0) return NOTHING;
  const named: Bottlenecks["named"] = [];
  const cannot: Bottlenecks["cannot_tell"] = [];
  for (const rule of rules) {
    const own = felt.filter(({ id }) => rule.felt.includes(id));
    if (own.length === 0) continue;
    const answer = rule.look(view, own);
    if (answer?.kind === "cannot_tell")
      cannot.push({ rule: rule.id, title: rule.title, without: answer.without });
    else if (answer && answer.strength >= LEAST_STRENGTH) named.push(bottleneck(rule, answer, own));
  }
  named.sort((a, b) => b.strength - a.strength || (a.since ?? Infinity) - (b.since ?? Infinity));
  return { named, cannot_tell: cannot, felt: felt.map(({ evidence }) => evidence) };
}

/** What users felt stands first, and then what the server says of it; nothing twice. */
function bottleneck(rule: Rule, answer: Found, own: readonly Symptom[]): Bottlenecks["named"][number] {
  const { id, title, remedy, source } = rule;
  const { strength, since, because, counter } = answer;
  const lines = new Map(
    [...own.map(({ evidence }) => evidence), ...because].map((one) => [english(one.text), one]),
  );
  return {
    rule: id,
    title,
    strength,
    since: since ?? null,
    because: [...lines.values()],
    counter,
    remedy,
    source,
  };
}
