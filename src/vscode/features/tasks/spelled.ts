import { resolve } from "node:path";
import { type EarlierName, type Spelling, spellingsOf } from "../../../contract/fields/spellings.ts";
import type { Fields } from "../../../contract/fields/table.ts";
import { type Message, say } from "../../../text/message.ts";
import { SaidError } from "../../../text/said-error.ts";
import { configValues, valueUnder } from "../../ask/request-config.ts";

/**
 * The workload's configuration as a task says it: by any name of a field, by an earlier name, and under `config` by key.
 * Paths are relative to `folder`. Throws with one sentence where a value cannot be used, or is given twice.
 */
export function spelledConfig(
  task: Readonly<Record<string, unknown>>,
  { fields, earlierNames, folder }: { fields: Fields; earlierNames: readonly EarlierName[]; folder: string },
): Record<string, unknown> {
  const spellings = spellingsOf(fields);
  const config = configValues(fields, task.config, refuse);
  const given = new Map<string, string>();
  const files: Record<string, unknown> = {};
  for (const { name, spelling, value } of namesIn(task, spellings, earlierNames)) {
    const path = spelling.by === "file" && typeof value === "string" ? resolve(folder, value) : undefined;
    const read = valueUnder(name, spelling, path ?? value, refuse);
    if (spelling.by === "file") files[spelling.key] = read;
    else {
      const other = given.get(spelling.key);
      if (other !== undefined) refuse(name, say('says the same as "{0}"; leave one of them out', other));
      given.set(spelling.key, name);
      config[spelling.key] = read;
    }
  }
  // What is given one by one wins over a file.
  for (const [key, values] of Object.entries(files)) config[key] = Object.assign({}, values, config[key]);
  return config;
}

interface Named {
  name: string;
  spelling: Spelling;
  value: unknown;
}

function namesIn(
  task: Readonly<Record<string, unknown>>,
  spellings: readonly Spelling[],
  earlierNames: readonly EarlierName[],
): Named[] {
  const named = spellings.map((spelling) => ({ name: spelling.name, spelling, value: task[spelling.name] }));
  const old = earlierNames.flatMap(({ name, now, values }): Named[] => {
    const spelling = spellings.find((one) => one.name === now);
    const value = task[name];
    if (!spelling || value === undefined) return [];
    if (!values) return [{ name, spelling, value }];
    const known = values[String(value)];
    if (known === undefined)
      refuse(name, say('must be one of {0}, not "{1}"', Object.keys(values).join(", "), String(value)));
    return [{ name, spelling, value: known }];
  });
  return [...named, ...old].filter(({ value }) => value !== undefined && value !== null);
}

/** Throws what is wrong with a property, naming it. */
export function refuse(name: string, problem: Message): never {
  throw new SaidError(say("{0}: {1}: {2}", "tasks.json", name, problem));
}
