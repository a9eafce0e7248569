import * as z from "zod";
import { percentilesSchema } from "../../protocol/percentile.ts";

/** What version 1 wrote of traffic into its records. */

/**
 * What a run says about the traffic that it makes. Rates are bytes a second of payload, each way; times are
 * milliseconds. Optional parts of snapshots and samples: other workloads have none.
 */

/** What each connection sends: one message of so many bytes at every tick. Rates of bytes are of these. */
export const messageLoadSchema = z.object({ bytes: z.number(), intervalMs: z.number() });

/** Every tick that was due is sent or missed; every sent one is echoed, wrong, lost, or still under way. */
export const ticksSchema = z.object({
  due: z.number(),
  sent: z.number(),
  missed: z.number(),
  /** Of the missed ones: because the generator itself came too late. */
  skipped: z.number(),
  echoed: z.number(),
  /** Of the echoed ones: after the measured part was over, so that no rate counts them. Older versions have none. */
  trailing: z.number().optional(),
  wrong: z.number(),
  lost: z.number(),
});
export type Ticks = z.infer<typeof ticksSchema>;

/** The measured part, so far: after ramp and warm-up. */
export const trafficPartSchema = z.object({
  offeredBytesPerSecond: z.number(),
  achievedBytesPerSecond: z.number(),
  roundTrip: percentilesSchema,
  ticks: ticksSchema,
  bytes: z.object({ lost: z.number(), wrong: z.number(), extra: z.number() }),
  connections: z.object({
    opened: z.number(),
    failed: z.number(),
    dropped: z.number(),
    reconnected: z.number(),
  }),
});
export type TrafficPart = z.infer<typeof trafficPartSchema>;

/** Connections by where they are now; `planned` is all of them. */
export const connectionsSchema = z.object({
  planned: z.number(),
  opening: z.number(),
  active: z.number(),
  reconnecting: z.number(),
  /** Dropped or never opened, and not tried again. */
  down: z.number(),
});
export type Connections = z.infer<typeof connectionsSchema>;

export const trafficSchema = z.object({
  /** `opening` takes in the ramp; `draining`: nothing more is sent, echoes are waited for. */
  part: z.enum(["opening", "warm_up", "measuring", "draining", "over"]),
  /** Until the measured part ends; null before it is known. */
  remainingMs: z.number().nullable(),
  /** Of the last second. */
  now: z.object({
    offeredBytesPerSecond: z.number(),
    achievedBytesPerSecond: z.number(),
    roundTrip: percentilesSchema,
    /** Ticks sent and not yet back. */
    outstanding: z.number(),
  }),
  connections: connectionsSchema,
  /** Runs of older versions do not have it. */
  message: messageLoadSchema.optional(),
  total: trafficPartSchema,
  /** By transport: only those in use. */
  pty: trafficPartSchema.optional(),
  ssh: trafficPartSchema.optional(),
  app: trafficPartSchema.optional(),
  /** The most frequent first; at most 10. `afterMs`: how long they had been open, in the median. */
  drops: z.array(z.object({ code: z.string(), reason: z.string(), count: z.number(), afterMs: z.number() })),
  reconnect: percentilesSchema,
  /** Of the last second; when it is over, what each came to: the most connections, the measured part's pace. */
  shards: z.array(
    z.object({
      shard: z.number(),
      alive: z.boolean(),
      connections: z.number(),
      latenessP99Ms: z.number(),
      busy: z.number(),
      backlogBytes: z.number(),
    }),
  ),
  /** How late ticks may be sent (99th percentile): later for five seconds in a row, and the run is invalid. */
  lateLimitMs: z.number().optional(),
  /** Why the figures must not be trusted: the generator came to its limits. null where they may. */
  invalid: z.string().nullable(),
});
export type Traffic = z.infer<typeof trafficSchema>;

/** One second of traffic, of all shards together. */
export const trafficSampleSchema = z.object({
  offeredBytesPerSecond: z.number(),
  achievedBytesPerSecond: z.number(),
  /** Of the echoes that came in this second; all 0 where none came. */
  roundTrip: percentilesSchema,
  ticks: ticksSchema,
  connections: connectionsSchema,
  outstanding: z.number(),
  latenessP99Ms: z.number(),
});
export type TrafficSample = z.infer<typeof trafficSampleSchema>;
