import { readFile } from "node:fs/promises";
import path from "node:path";
import { englishAnswer } from "../../protocol/answer.ts";
import { bareResult } from "../../protocol/bare-result.ts";
import { formatDuration } from "../../protocol/duration.ts";
import { englishCause, englishThreshold } from "../../protocol/in-english.ts";
import type { Asked } from "../../protocol/report-page.ts";
import { type RunResult, runResultSchema } from "../../protocol/result.ts";
import type { Outcome, Snapshot, Step } from "../../protocol/snapshot.ts";
import { allCounts } from "../../protocol/steps.ts";
import { verdictLine } from "../../protocol/verdict-line.ts";
import type { Final } from "../../runs/final.ts";
import { RESULT_FILE } from "../../runs/run-file.ts";
import { english, say } from "../../text/message.ts";
import { workloads } from "../../workloads/index.ts";
import { readAsked } from "../report/asked.ts";
import { readRecord } from "./record.ts";

/** All that there is to report of a run that is over. */
export interface RunReport {
  result: RunResult;
  /** As JSON: result.json as it is, where the run came to its end. */
  json: string;
  /** undefined where the run has come to nothing that could be drawn. */
  record: Final | undefined;
  /** What was asked for; undefined where the run's own record does not say. */
  asked?: Asked | undefined;
}

/**
 * From the run's folder; of a run whose runner died, what it had measured until then. undefined where there is
 * neither a result nor a record.
 */
export async function readReport(folder: string): Promise<RunReport | undefined> {
  const [json, record, asked] = await Promise.all([
    readFile(path.join(folder, RESULT_FILE), "utf8").catch(() => undefined),
    readRecord(folder),
    readAsked(folder, workloads),
  ]);
  if (json !== undefined) return { result: runResultSchema.parse(JSON.parse(json)), json, record, asked };
  return record && { ...lostReport(record), asked };
}

/** Of a run whose runner died: what is left nobody has asked. */
export function lostReport(record: Final, summary = LOST): RunReport {
  const { succeeded, failed } = allCounts(record.snapshot);
  const result = resultOf(record.snapshot, {
    verdict: "failed",
    summary,
    succeeded,
    failed,
    orphans: null,
    kept: 0,
    exitCode: 1,
  });
  return { result, json: `${JSON.stringify(result, null, 2)}\n`, record };
}

const LOST = say("the runner died before the run's end");

function resultOf(snapshot: Snapshot, outcome: Outcome): RunResult {
  const { steps, thresholds = [], warnings, api, elapsedMs, run, limit, answer } = snapshot;
  const { total } = allCounts(snapshot);
  const [only, ...more] = steps;
  return {
    ...bareResult(run.id, outcome),
    total_runs: total,
    total_fail: total - outcome.succeeded,
    elapsed: formatDuration(elapsedMs),
    elapsed_ms: Math.round(elapsedMs),
    thresholds: thresholds.map(englishThreshold),
    warnings: warnings.map(english),
    ...(answer ? { verdict_line: english(verdictLine(answer)), answer: englishAnswer(answer) } : {}),
    ...(limit ? { limit } : {}),
    api_calls: {
      total: api.calls,
      run: api.runCalls,
      max_per_workspace: api.maxPerWorkspace,
      mean_per_workspace: api.meanPerWorkspace,
      rate_limited: api.rateLimited,
      rate_limit_wait_ms: Math.round(api.rateLimitWaitMs),
    },
    ...(only && more.length === 0
      ? figuresOf(only)
      : { steps: Object.fromEntries(steps.map((step) => [step.name, stepResult(step, snapshot)])) }),
  };
}

function figuresOf({ phases, ready, causes, validity: { measured, valid, first, tooFew } }: Step) {
  return {
    phases: Object.fromEntries(phases.map(({ name, label: _label, ...percentiles }) => [name, percentiles])),
    ready_ms: ready ?? { count: 0, p50: 0, p95: 0, p99: 0, max: 0 },
    errors_by_cause: causes.map(englishCause),
    validity: {
      measured_seconds: measured,
      valid_seconds: valid,
      ...(first ? { first_invalid: { ...first, reason: english(first.reason) } } : {}),
      too_few: tooFew,
    },
  };
}

function stepResult(step: Step, { thresholds = [] }: Snapshot): NonNullable<RunResult["steps"]>[string] {
  const { workload, state, verdict = null, summary, begunAt, endedAt, counts } = step;
  return {
    ...figuresOf(step),
    workload,
    state,
    verdict,
    summary: summary ? english(summary) : "",
    begun_ms: begunAt ?? null,
    ended_ms: endedAt ?? null,
    total_runs: counts.total,
    total_pass: counts.succeeded,
    total_fail: counts.failed,
    thresholds: thresholds.filter((one) => one.step === step.name).map(englishThreshold),
  };
}
