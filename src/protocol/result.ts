import * as z from "zod";
import { englishBaselineSchema } from "./baseline.ts";
import { englishBottlenecksSchema } from "./bottlenecks.ts";
import { limitResultSchema } from "./limit.ts";
import { percentilesSchema } from "./percentile.ts";
import { englishCauseSchema, englishOutcomeSchema, outcomeSchema, verdictSchema } from "./snapshot.ts";
import { stepRequestSchema } from "./step-request.ts";
import { englishThresholdStateSchema } from "./threshold.ts";

/**
 * Raised where a figure of the same name has come to mean something else: 2 leaves out the seconds that do not count, and
 * what is achieved is what came back within the measured part.
 */
export const RESULT_SCHEMA = 2;

/** A metric's figures: of all its series together, where it has several, and of each. */
export const metricResultSchema = z.object({
  kind: z.string(),
  unit: z.string(),
  better: z.string(),
  series: z.array(z.looseObject({ labels: z.record(z.string(), z.string()) })),
});

/**
 * One job, with the fields of Coder's own tool first (docs/coder-api.md, Coder's own load tool). A passed one's error
 * is null, not "<nil>".
 */
export const jobResultSchema = z.object({
  full_id: z.string(),
  test_name: z.string(),
  id: z.string(),
  logs: z.string(),
  error: z.string().nullable(),
  started_at: z.string(),
  duration: z.string(),
  duration_ms: z.number(),
  total_bytes_read: z.number(),
  total_bytes_written: z.number(),
  workspace: z.string(),
  phases: z.record(z.string(), z.number()),
  /** From its begin until it could be used; absent where it could not, and in results of older versions. */
  ready_ms: z.number().optional(),
  prebuilt: z.boolean(),
  api_calls: z.number(),
});
export type JobResult = z.infer<typeof jobResultSchema>;

const validityResultSchema = z.object({
  measured_seconds: z.number(),
  valid_seconds: z.number(),
  first_invalid: z.object({ second: z.number(), reason: z.string() }).optional(),
  too_few: z.boolean(),
});

/** What a step measured. A workload may add sections of its own. */
const figuresResultSchema = z.looseObject({
  phases: z.record(z.string(), percentilesSchema),
  /** From a workspace's begin until it could be used. */
  ready_ms: percentilesSchema,
  errors_by_cause: z.array(englishCauseSchema),
  /** How many of the measured seconds count. */
  validity: validityResultSchema.optional(),
  /** By the metric's name. Durations are milliseconds. */
  metrics: z.record(z.string(), metricResultSchema).optional(),
});

/** One of several steps of a run. */
export const stepResultSchema = figuresResultSchema.extend({
  workload: z.string(),
  state: z.string(),
  /** What the step comes to by itself; null where it was not begun. */
  verdict: verdictSchema.nullable(),
  summary: z.string(),
  /** Milliseconds since the run began; null where it was not begun, or has not ended. */
  begun_ms: z.number().nullable(),
  ended_ms: z.number().nullable(),
  total_runs: z.number(),
  total_pass: z.number(),
  total_fail: z.number(),
  thresholds: z.array(englishThresholdStateSchema),
});

/** What has to be the same in two runs for a comparison. */
export const testSchema = z.object({
  url: z.string(),
  sandbox: z.boolean(),
  steps: z.array(
    stepRequestSchema.extend({
      /** Of maps in `config`, the names whose values are not written down. */
      withheld: z.record(z.string(), z.array(z.string())).optional(),
    }),
  ),
});
export type TestResult = z.infer<typeof testSchema>;

/** result.json, and what `--output json` prints: the fields of Coder's own tool, and ours. Times are milliseconds. */
export const runResultSchema = figuresResultSchema.extend({
  /** Absent in results of version 1. */
  schema: z.number().optional(),
  run_id: z.string(),
  total_runs: z.number(),
  total_pass: z.number(),
  total_fail: z.number(),
  elapsed: z.string(),
  elapsed_ms: z.number(),
  /** Of that, how long the run stood still because its session had expired; absent where it did not. */
  standstill_ms: z.number().optional(),
  outcome: englishOutcomeSchema,
  /** What the run was held to, and whether it kept to it. */
  thresholds: z.array(englishThresholdStateSchema),
  api_calls: z.object({
    total: z.number(),
    /** Sign-in, template, dry-run, list polls, the proof at the end. */
    run: z.number(),
    max_per_workspace: z.number(),
    mean_per_workspace: z.number(),
    rate_limited: z.number(),
    rate_limit_wait_ms: z.number(),
  }),
  warnings: z.array(z.string()),
  /** The run beside an earlier one; absent where none was asked for, or the run did not come to that. */
  baseline: englishBaselineSchema.optional(),
  /** Of a search for the largest load. */
  limit: limitResultSchema.optional(),
  /** What breaks first, by what users felt and what the deployment says of itself; absent in older results. */
  causes: englishBottlenecksSchema.optional(),
  /** What it was a test of, without secrets; absent in results of older versions. */
  test: testSchema.optional(),
  /** Of a run of several steps, each by its name: what they measured is in these, and not above. */
  steps: z.record(z.string(), stepResultSchema).optional(),
  runs: z.record(z.string(), jobResultSchema),
});
export type RunResult = z.infer<typeof runResultSchema>;

/** Enough of it to list a run without reading more; of older versions' results, too. */
export const resultHeadSchema = z.looseObject({
  run_id: z.string(),
  total_runs: z.number().optional(),
  elapsed: z.string().optional(),
  outcome: outcomeSchema,
});
