import type * as z from "zod";
import { say } from "../../text/message.ts";
import { problemIn } from "./problem.ts";
import type { Fields } from "./table.ts";
import { UsageError } from "./usage-error.ts";

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
  const name = flag ? `--${flag}` : key || say("the configuration");
  throw new UsageError(say("{0} {1}", name, problemIn(issue)));
}
