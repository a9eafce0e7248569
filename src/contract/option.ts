import type * as z from "zod";
import { UsageError } from "./failures.ts";

/**
 * What a workload can be told, described once: the command line makes its flags and help of it, the editor
 * its steps and the completion of its tasks.
 */
export interface Option {
  /** Key in the workload's configuration. */
  key: string;
  /** Long flag without dashes: `run-command`. */
  flag: string;
  /** One letter. */
  short?: string;
  /** Environment variable read where the flag is not given; Coder's own name where it has one. */
  env?: string;
  kind: OptionKind;
  /** As it would be typed. */
  default?: string;
  /** For kind `choice`. */
  choices?: readonly string[];
  /** What stands in the help for the value; by default the kind. */
  placeholder?: string;
  description: string;
  /** Left out of help and editor. */
  hidden?: boolean;
  /** Left out of the help's ordinary list: accepted only to be refused with a reason. */
  unsupported?: string;
}

export type OptionKind = "integer" | "string" | "duration" | "boolean" | "choice" | "list";

/**
 * Checks a whole configuration. Throws UsageError with the first problem, naming the flag where the
 * problem's key belongs to one.
 */
export function parseConfig<S extends z.ZodType>(
  schema: S,
  options: readonly Option[],
  config: unknown,
): z.output<S> {
  const parsed = schema.safeParse(config);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const key = String(issue?.path[0] ?? "");
  const flag = options.find((option) => option.key === key)?.flag;
  const name = flag ? `--${flag}` : key || "the configuration";
  throw new UsageError(`${name} ${issue?.message ?? "is not valid"}`);
}
