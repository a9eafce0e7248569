import * as z from "zod";
import { causeSchema, outcomeSchema } from "./snapshot.ts";
import { thresholdStateSchema } from "./threshold.ts";
import { percentilesSchema, ticksSchema, trafficPartSchema } from "./traffic.ts";

/** One transport of a run's traffic, over its measured part. Times are milliseconds. */
export const resultPartSchema = z.object({
  offered_bytes_per_second: z.number(),
  achieved_bytes_per_second: z.number(),
  offered_messages_per_second: z.number(),
  achieved_messages_per_second: z.number(),
  round_trip_ms: percentilesSchema,
  ticks: ticksSchema,
  bytes: trafficPartSchema.shape.bytes,
  connections: trafficPartSchema.shape.connections,
  generator: z.object({ lateness_ms_p99: z.number(), cpu: z.number(), valid: z.boolean() }),
});
export type ResultPart = z.infer<typeof resultPartSchema>;

/** What `--output json` has under `traffic`. */
export const resultTrafficSchema = z.object({
  total: resultPartSchema,
  pty: resultPartSchema,
  ssh: resultPartSchema,
  app: resultPartSchema,
  measured_ms: z.number(),
  /** What each connection sends: one message of so many bytes in so many milliseconds. */
  message_bytes: z.number(),
  message_interval_ms: z.number(),
  drops: z.array(
    z.object({ code: z.string(), reason: z.string(), count: z.number(), after_ms_p50: z.number() }),
  ),
  reconnect_ms: percentilesSchema,
  shards: z.array(z.object({ shard: z.number(), alive: z.boolean() })),
  connections_lost_to_shards: z.number(),
  /** Why the measurement does not count; null where it does. */
  invalid: z.string().nullable(),
});
export type ResultTraffic = z.infer<typeof resultTrafficSchema>;

/** One job, with the fields of Coder's own tool first (fact sheet §10). A passed one's error is null, not "<nil>". */
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
  prebuilt: z.boolean(),
  api_calls: z.number(),
});
export type JobResult = z.infer<typeof jobResultSchema>;

/** result.json, and what `--output json` prints: the fields of Coder's own tool, and ours. Times are milliseconds. */
export const runResultSchema = z.object({
  run_id: z.string(),
  total_runs: z.number(),
  total_pass: z.number(),
  total_fail: z.number(),
  elapsed: z.string(),
  elapsed_ms: z.number(),
  /** Of that, how long the run stood still because its session had expired; absent where it did not. */
  standstill_ms: z.number().optional(),
  outcome: outcomeSchema,
  phases: z.record(z.string(), percentilesSchema),
  /** From a workspace's begin until it could be used. */
  ready_ms: percentilesSchema,
  /** What the run was held to, and whether it kept to it. */
  thresholds: z.array(thresholdStateSchema),
  errors_by_cause: z.array(causeSchema),
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
  /** Of workloads that put a steady load on the deployment. */
  traffic: resultTrafficSchema.optional(),
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
