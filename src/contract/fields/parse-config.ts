import type * as z from "zod";
import type { Fields } from "./table.ts";
import { UsageError } from "./usage-error.ts";

/** What is wrong with a configuration: a rule that goes behind the name of the field, "must be 1 or more". */
export interface ConfigProblem {
  /** Of the field; undefined where it is about none. */
  key: string | undefined;
  rule: string;
}

/** All that is wrong with a configuration. */
export function problemsOf(schema: z.ZodType, config: unknown): ConfigProblem[] {
  const { error } = schema.safeParse(config);
  return (error?.issues ?? []).map(({ path: [key], message }) => ({
    key: key === undefined ? undefined : String(key),
    rule: message,
  }));
}

/**
 * Checks a whole configuration. Throws UsageError with the first problem, naming the flag where the
 * problem's key belongs to one.
 */
export function parseConfig<S extends z.ZodType>(schema: S, fields: Fields, config: unknown): z.output<S> {
  const parsed = schema.safeParse(config);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const key = String(issue?.path[0] ?? "");
  const flag = fields[key]?.flag;
  const name = flag ? `--${flag}` : key || "the configuration";
  throw new UsageError(`${name} ${issue?.message ?? "is not valid"}`);
}
