import * as z from "zod";
import type { Field, Unsupported } from "./field.ts";
import { flagName } from "./names.ts";

/** Everything that a workload can be told, by its key in the configuration, in the order of the help. */
export type Fields = Readonly<Record<string, Field>>;

type Shape<F extends Fields> = {
  -readonly [K in keyof F as F[K] extends Unsupported ? never : K]: F[K]["schema"];
};

/** Schema of the configuration: these keys and no others. */
export type ConfigSchema<F extends Fields> = z.ZodObject<
  { -readonly [P in keyof Shape<F>]: Shape<F>[P] },
  z.core.$strict
>;

/**
 * The table of a workload. Throws where two fields would be written alike (one flag, one letter, one environment
 * variable, or one name in a task), or where a flag says the opposite without "no-".
 */
export function fieldTable<F extends Fields>(fields: F): F {
  const taken = new Map<string, string>();
  const take = (spelling: string, key: string) => {
    const other = taken.get(spelling);
    if (other !== undefined && other !== key) throw new Error(`${other} and ${key} both have ${spelling}`);
    taken.set(spelling, key);
  };
  for (const [key, field] of Object.entries(fields)) {
    if (field.negated && !field.flag?.startsWith("no-"))
      throw new Error(`${key} is negated, so its flag has to begin with no-`);
    take(`the name ${key}`, key);
    for (const spelled of [field, ...(field.file ? [field.file] : [])]) {
      const owner = spelled === field ? key : `the file of ${key}`;
      if (spelled.flag) {
        take(`the flag --${spelled.flag}`, owner);
        take(`the name ${flagName(spelled.flag)}`, owner);
      }
      if (spelled.env) take(`the environment variable ${spelled.env}`, owner);
    }
    if (field.short) take(`the flag -${field.short}`, key);
  }
  return fields;
}

/** The configuration's schema, without the rules that hold between several fields. */
export function schemaOf<F extends Fields>(fields: F): ConfigSchema<F> {
  const shape = Object.entries(fields)
    .filter(([, field]) => field.unsupported === undefined)
    .map(([key, field]) => [key, field.schema] as const);
  return z.strictObject(Object.fromEntries(shape) as Shape<F>);
}
