import type { Workload } from "../../contract/workload.ts";

/**
 * The configuration as it is kept and started: what a request says twice, it says once. Throws UsageError where a run
 * could not begin with it, in the words of the command line.
 */
export function checkConfig(workload: Workload, config: Record<string, unknown>): Record<string, unknown> {
  const { thresholds } = workload.check(config).config;
  return config.thresholds === undefined ? config : { ...config, thresholds };
}
