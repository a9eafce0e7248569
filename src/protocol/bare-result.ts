import { formatDuration } from "./duration.ts";
import { englishOutcome } from "./in-english.ts";
import type { RunResult } from "./result.ts";
import type { Outcome } from "./snapshot.ts";

/** The result of what has come to a verdict without a run, or without its figures. */
export function bareResult(runId: string, outcome: Outcome): RunResult {
  return {
    run_id: runId,
    total_runs: 0,
    total_pass: outcome.succeeded,
    total_fail: outcome.failed,
    elapsed: formatDuration(0),
    elapsed_ms: 0,
    outcome: englishOutcome(outcome),
    phases: {},
    ready_ms: { count: 0, p50: 0, p95: 0, p99: 0, max: 0 },
    thresholds: [],
    errors_by_cause: [],
    api_calls: {
      total: 0,
      run: 0,
      max_per_workspace: 0,
      mean_per_workspace: 0,
      rate_limited: 0,
      rate_limit_wait_ms: 0,
    },
    warnings: [],
    runs: {},
  };
}
