import { formatDuration } from "../protocol/duration.ts";
import { EXIT } from "../protocol/exit-codes.ts";
import { englishCause, englishOutcome, englishThreshold } from "../protocol/in-english.ts";
import type { JobResult, RunResult } from "../protocol/result.ts";
import { RESULT_SCHEMA } from "../protocol/result.ts";
import type { Api, Cause, Outcome, Phase, Validity, WorkspaceRow } from "../protocol/snapshot.ts";
import type { ThresholdState } from "../protocol/threshold.ts";
import { english, type Message } from "../text/message.ts";

export interface FinishedJob {
  row: WorkspaceRow;
  startedAt: number;
  durationMs: number;
  log: readonly string[];
}

export function runResult(input: {
  runId: string;
  testName: string;
  elapsedMs: number;
  standstillMs: number;
  outcome: Outcome;
  phases: readonly Phase[];
  ready: RunResult["ready_ms"] | undefined;
  thresholds: ThresholdState[];
  causes: Cause[];
  api: Api;
  warnings: readonly Message[];
  validity: Validity;
  metrics: RunResult["metrics"];
  /** What the workload adds. */
  sections: Readonly<Record<string, unknown>>;
  jobs: readonly FinishedJob[];
}): RunResult {
  const { api, outcome, jobs } = input;
  const { measured, valid, first, tooFew } = input.validity;
  return {
    schema: RESULT_SCHEMA,
    run_id: input.runId,
    total_runs: jobs.length,
    total_pass: outcome.succeeded,
    total_fail: jobs.length - outcome.succeeded,
    elapsed: formatDuration(input.elapsedMs),
    elapsed_ms: Math.round(input.elapsedMs),
    ...(input.standstillMs > 0 ? { standstill_ms: Math.round(input.standstillMs) } : {}),
    outcome: englishOutcome(outcome),
    phases: Object.fromEntries(
      input.phases.map(({ name, label: _label, ...percentiles }) => [name, percentiles]),
    ),
    ready_ms: input.ready ?? { count: 0, p50: 0, p95: 0, p99: 0, max: 0 },
    thresholds: input.thresholds.map(englishThreshold),
    errors_by_cause: input.causes.map(englishCause),
    api_calls: {
      total: api.calls,
      run: api.runCalls,
      max_per_workspace: api.maxPerWorkspace,
      mean_per_workspace: Math.round(api.meanPerWorkspace * 100) / 100,
      rate_limited: api.rateLimited,
      rate_limit_wait_ms: Math.round(api.rateLimitWaitMs),
    },
    warnings: input.warnings.map(english),
    validity: {
      measured_seconds: measured,
      valid_seconds: valid,
      ...(first ? { first_invalid: { ...first, reason: english(first.reason) } } : {}),
      too_few: tooFew,
    },
    metrics: input.metrics,
    ...input.sections,
    runs: Object.fromEntries(
      jobs.map((job) => [`${input.testName}/${job.row.index}`, jobResult(input.testName, job)]),
    ),
  };
}

/** Of a run that could not begin at all: nothing was asked of the deployment. */
export function refusedOutcome(refusal: Message): Outcome {
  return {
    verdict: "refused",
    summary: refusal,
    refusal,
    succeeded: 0,
    failed: 0,
    orphans: 0,
    kept: 0,
    exitCode: EXIT.refused,
  };
}

function jobResult(testName: string, job: FinishedJob): JobResult {
  const { row } = job;
  return {
    full_id: `${testName}/${row.index}`,
    test_name: testName,
    id: String(row.index),
    logs: job.log.join("\n"),
    error: row.state === "succeeded" ? null : row.error ? english(row.error) : row.state,
    started_at: job.startedAt > 0 ? new Date(job.startedAt).toISOString() : new Date(0).toISOString(),
    duration: formatDuration(job.durationMs),
    duration_ms: Math.round(job.durationMs),
    total_bytes_read: row.values?.bytes_read ?? 0,
    total_bytes_written: row.values?.bytes_written ?? 0,
    workspace: row.name,
    phases: row.phases,
    prebuilt: row.prebuilt,
    api_calls: row.apiCalls,
  };
}
