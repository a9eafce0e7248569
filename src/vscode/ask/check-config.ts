import { parseConfig } from "../../contract/fields/parse-config.ts";
import { type Started, TABLES } from "./tables.ts";

/**
 * The configuration as it is kept and started: what a request says twice, it says once. Throws UsageError where a run
 * could not begin with it, in the words of the command line.
 */
export function checkConfig(workload: Started, config: Record<string, unknown>): Record<string, unknown> {
  const { schema, fields } = TABLES[workload];
  const { thresholds } = parseConfig(schema, fields, config);
  return config.thresholds === undefined ? config : { ...config, thresholds };
}
