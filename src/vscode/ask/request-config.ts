import { readSpelled, type Spelling, spellingsOf } from "../../contract/fields/spellings.ts";
import type { Fields } from "../../contract/fields/table.ts";
import { type Message, say } from "../../text/message.ts";
import { SaidError } from "../../text/said-error.ts";

/** Throws what is wrong with a value, naming it in the way of whoever wrote it. */
export type Refuse = (name: string, problem: Message) => never;

/**
 * Options by their keys, as a run's run.json has them, each read and checked by its field. What there is no field for
 * is refused: it would be dropped in silence otherwise.
 */
export function configValues(fields: Fields, config: unknown, refuse: Refuse): Record<string, unknown> {
  if (config === undefined || config === null) return {};
  if (typeof config !== "object" || Array.isArray(config)) refuse("config", say("must be an object"));
  const spellings = spellingsOf(fields).filter(({ by }) => by === "key");
  const given = Object.entries(config).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    given.map(([key, value]) => {
      const spelling = spellings.find(({ name }) => name === key);
      if (!spelling) return refuse(`config.${key}`, say("is no option of this workload"));
      return [key, valueUnder(`config.${key}`, spelling, value, refuse)];
    }),
  );
}

export function valueUnder(name: string, spelling: Spelling, value: unknown, refuse: Refuse): unknown {
  const reading = readSpelled(spelling, value);
  return "problem" in reading ? refuse(name, reading.problem) : reading.value;
}

/** Those that are not undefined. */
export function given<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined> };
}

/** For requests of commands and of other extensions. */
export function refuseRequest(name: string, problem: Message): never {
  throw new SaidError(say("{0}: {1}", name, problem));
}
