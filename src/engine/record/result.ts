import { type Answer, englishAnswer } from "../../protocol/answer.ts";
import type { Baseline } from "../../protocol/baseline.ts";
import { type Bottlenecks, englishBottlenecks } from "../../protocol/bottlenecks.ts";
import { formatDuration } from "../../protocol/duration.ts";
import { EXIT } from "../../protocol/exit-codes.ts";
import {
  englishBaseline,
  englishCause,
  englishOutcome,
  englishThreshold,
} from "../../protocol/in-english.ts";
import type { LimitResult } from "../../protocol/limit.ts";
import type { JobResult, RunResult, TestResult } from "../../protocol/result.ts";
import { RESULT_SCHEMA } from "../../protocol/result.ts";
import type { Api, Outcome } from "../../protocol/snapshot.ts";
import type { ThresholdState } from "../../protocol/threshold.ts";
import { verdictLine } from "../../protocol/verdict-line.ts";
import { english, foreign, type Message } from "../../text/message.ts";
import type { Mistakes } from "../mistakes.ts";
import type { JobRun } from "../steps/job.ts";
import type { StepRun } from "../steps/step.ts";

export interface ResultInput {
  runId: string;
  elapsedMs: number;
  standstillMs: number;
  outcome: Outcome;
  thresholds: ThresholdState[];
  baseline: Baseline | undefined;
  limit: LimitResult | undefined;
  bottlenecks: Bottlenecks | undefined;
  answer: Answer;
  test: TestResult | undefined;
  api: Api;
  warnings: readonly Message[];
  steps: readonly StepRun[];
  /** Somebody stopped the run. */
  stopped: boolean;
  mistakes: Mistakes;
}

/** Of a run of one step, its figures are the run's; of several, each has its own under `steps`. */
export function runResult(input: ResultInput): RunResult {
  const { api, outcome, steps } = input;
  const jobs = steps.flatMap((step) => step.jobs);
  const figures = steps.map((step) => figuresOf(step, input.mistakes));
  const [only] = figures;
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
    verdict_line: english(verdictLine(input.answer)),
    answer: englishAnswer(input.answer),
    thresholds: input.thresholds.map(englishThreshold),
    api_calls: {
      total: api.calls,
      run: api.runCalls,
      max_per_workspace: api.maxPerWorkspace,
      mean_per_workspace: Math.round(api.meanPerWorkspace * 100) / 100,
      rate_limited: api.rateLimited,
      rate_limit_wait_ms: Math.round(api.rateLimitWaitMs),
    },
    warnings: input.warnings.map(english),
    ...(input.baseline ? { baseline: englishBaseline(input.baseline) } : {}),
    ...(input.limit ? { limit: input.limit } : {}),
    ...(input.bottlenecks ? { causes: englishBottlenecks(input.bottlenecks) } : {}),
    ...(input.test ? { test: input.test } : {}),
    ...(only && steps.length === 1 ? only : { ...NO_FIGURES, steps: stepResults(input, figures) }),
    runs: Object.assign({}, ...steps.map((step) => jobResults(step, steps.length > 1))),
  };
}

type StepFigures = Pick<RunResult, "phases" | "ready_ms" | "errors_by_cause" | "validity" | "metrics">;

const NO_FIGURES: StepFigures = {
  phases: {},
  ready_ms: { count: 0, p50: 0, p95: 0, p99: 0, max: 0 },
  errors_by_cause: [],
};

function figuresOf(step: StepRun, mistakes: Mistakes): StepFigures {
  const { measuring, board, plan } = step;
  const { measurements } = measuring;
  const { measured, valid, first, tooFew } = measurements.validity;
  return {
    phases: Object.fromEntries(
      measuring.phases().map(({ name, label: _label, ...percentiles }) => [name, percentiles]),
    ),
    ready_ms: measuring.ready() ?? NO_FIGURES.ready_ms,
    errors_by_cause: board.causes.list().map(englishCause),
    validity: {
      measured_seconds: measured,
      valid_seconds: valid,
      ...(first ? { first_invalid: { ...first, reason: english(first.reason) } } : {}),
      too_few: tooFew,
    },
    metrics: measurements.everything(),
    ...mistakes.ask(() => plan?.sections?.(measuring.part(board.counts.failed))),
  };
}

function stepResults(
  { steps, thresholds, stopped }: ResultInput,
  figures: readonly StepFigures[],
): RunResult["steps"] {
  return Object.fromEntries(
    steps.map((step, at) => {
      const { verdict, summary } =
        step.hasBegun || step.refusal ? step.verdict(stopped, thresholds) : SKIPPED;
      const { succeeded, failed } = step.board.counts;
      const { begunAt, endedAt } = step;
      return [
        step.name,
        {
          workload: step.workload,
          state: step.state,
          verdict,
          summary: english(summary),
          begun_ms: begunAt === undefined ? null : Math.round(begunAt),
          ended_ms: endedAt === undefined ? null : Math.round(endedAt),
          total_runs: step.jobs.length,
          total_pass: succeeded,
          total_fail: failed,
          thresholds: thresholds.filter((one) => one.step === step.name).map(englishThreshold),
          ...(figures[at] ?? NO_FIGURES),
        },
      ];
    }),
  );
}

const SKIPPED = { verdict: null, summary: foreign("") };

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

/** By the names that Coder's own tool gives them; of several steps, with the step's name before. */
function jobResults({ name, plan, workload, jobs }: StepRun, namesStep: boolean): RunResult["runs"] {
  const testName = plan?.testName ?? workload;
  const of = namesStep ? `${name}/${testName}` : testName;
  return Object.fromEntries(jobs.map((job) => [`${of}/${job.row.index}`, jobResult(testName, of, job)]));
}

function jobResult(testName: string, of: string, job: JobRun): JobResult {
  const { row } = job;
  return {
    full_id: `${of}/${row.index}`,
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
    ...(row.readyMs === undefined ? {} : { ready_ms: row.readyMs }),
    prebuilt: row.prebuilt,
    api_calls: row.apiCalls,
  };
}

/** Before a run has come to one. */
export const UNKNOWN_OUTCOME: Outcome = {
  verdict: "passed",
  summary: foreign(""),
  succeeded: 0,
  failed: 0,
  orphans: null,
  kept: 0,
  exitCode: EXIT.passed,
};
