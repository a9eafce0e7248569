import { formatDuration } from "../protocol/duration.ts";
import type { Api, Cause, Outcome, Phase, WorkspaceRow } from "../protocol/snapshot.ts";
import type { ThresholdState } from "../protocol/threshold.ts";

/**
 * result.json, and what `--output json` prints: the fields of Coder's own tool (fact sheet §10; a passed
 * run's `error` is null here, not the string "<nil>") and ours.
 */
export interface RunResult {
  run_id: string;
  total_runs: number;
  total_pass: number;
  total_fail: number;
  elapsed: string;
  elapsed_ms: number;
  outcome: Outcome;
  /** Milliseconds. */
  phases: Record<string, { count: number; p50: number; p95: number; p99: number; max: number }>;
  /** Milliseconds from a workspace's begin until it could be used. */
  ready_ms: { count: number; p50: number; p95: number; p99: number; max: number };
  /** What the run was held to, and whether it kept to it. */
  thresholds: ThresholdState[];
  errors_by_cause: Cause[];
  api_calls: {
    total: number;
    /** Sign-in, template, dry-run, list polls, the proof at the end. */
    run: number;
    max_per_workspace: number;
    mean_per_workspace: number;
    rate_limited: number;
    rate_limit_wait_ms: number;
  };
  warnings: string[];
  /** Of workloads that put a steady load on the deployment. */
  traffic?: Record<string, unknown>;
  runs: Record<string, JobResult>;
}

interface JobResult {
  full_id: string;
  test_name: string;
  id: string;
  logs: string;
  error: string | null;
  started_at: string;
  duration: string;
  duration_ms: number;
  total_bytes_read: number;
  total_bytes_written: number;
  workspace: string;
  phases: Record<string, number>;
  prebuilt: boolean;
  api_calls: number;
}

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
  outcome: Outcome;
  phases: readonly Phase[];
  ready: RunResult["ready_ms"];
  thresholds: ThresholdState[];
  causes: Cause[];
  api: Api;
  warnings: string[];
  traffic: Record<string, unknown> | undefined;
  jobs: readonly FinishedJob[];
}): RunResult {
  const { api, outcome, jobs } = input;
  return {
    run_id: input.runId,
    total_runs: jobs.length,
    total_pass: outcome.succeeded,
    total_fail: jobs.length - outcome.succeeded,
    elapsed: formatDuration(input.elapsedMs),
    elapsed_ms: Math.round(input.elapsedMs),
    outcome,
    phases: Object.fromEntries(
      input.phases.map(({ name, count, p50, p95, p99, max }) => [name, { count, p50, p95, p99, max }]),
    ),
    ready_ms: input.ready,
    thresholds: input.thresholds,
    errors_by_cause: input.causes,
    api_calls: {
      total: api.calls,
      run: api.runCalls,
      max_per_workspace: api.maxPerWorkspace,
      mean_per_workspace: Math.round(api.meanPerWorkspace * 100) / 100,
      rate_limited: api.rateLimited,
      rate_limit_wait_ms: Math.round(api.rateLimitWaitMs),
    },
    warnings: input.warnings,
    ...(input.traffic ? { traffic: input.traffic } : {}),
    runs: Object.fromEntries(
      jobs.map((job) => [`${input.testName}/${job.row.index}`, jobResult(input.testName, job)]),
    ),
  };
}

function jobResult(testName: string, job: FinishedJob): JobResult {
  const { row } = job;
  return {
    full_id: `${testName}/${row.index}`,
    test_name: testName,
    id: String(row.index),
    logs: job.log.join("\n"),
    error: row.state === "succeeded" ? null : (row.error ?? row.state),
    started_at: job.startedAt > 0 ? new Date(job.startedAt).toISOString() : new Date(0).toISOString(),
    duration: formatDuration(job.durationMs),
    duration_ms: Math.round(job.durationMs),
    total_bytes_read: row.bytesRead ?? 0,
    total_bytes_written: row.bytesWritten ?? 0,
    workspace: row.name,
    phases: row.phases,
    prebuilt: row.prebuilt,
    api_calls: row.apiCalls,
  };
}
