import { parseConfig } from "../../contract/fields/parse-config.ts";
import { type Started, TABLES } from "./tables.ts";

/** Throws UsageError where a run could not begin with it, in the words of the command line. */
export function checkConfig(workload: Started, config: Record<string, unknown>): void {
  const { schema, fields } = TABLES[workload];
  parseConfig(schema, fields, config);
}
