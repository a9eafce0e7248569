import * as z from "zod";
import { foreign } from "../text/message.ts";
import { messageSchema } from "../text/schema.ts";
import { baselineRequestSchema } from "./baseline.ts";
import { guardSchema } from "./guard.ts";
import { limitRequestSchema } from "./limit.ts";
import { serverMetricsSchema } from "./server-source.ts";
import { sampleSchema, snapshotSchema, stepSchema, workspaceRowSchema } from "./snapshot.ts";
import { stepRequestSchema } from "./step-request.ts";
import { targetSchema } from "./target.ts";
import { telemetrySchema } from "./telemetry.ts";

/** How often a runner says that it is alive; three in a row missing, and it hangs or is gone. */
export const HEARTBEAT_MS = 500;
export const SILENCE_MS = 4 * HEARTBEAT_MS;

/**
 * Messages between a runner and those who watch it: JSON-RPC over a local socket.
 *
 * The core (`core/…`) is frozen: every version, older or newer, speaks it, so that a load can always be
 * stopped by whoever finds it. The rest belongs to PROTOCOL_VERSION, and is refused, with a sentence, to a
 * watcher of another version. 3: texts are messages (src/text), not English. 4: news of a run leave out the
 * descriptions of steps that have not changed.
 */
export const PROTOCOL_VERSION = 4;

export const coreHelloParams = z.object({ token: z.string(), protocol: z.number(), client: z.string() });
export const coreHelloResult = z.object({
  protocol: z.number(),
  runId: z.string(),
  /** False: only the core may be used on this connection. */
  compatible: z.boolean(),
  /** Why not, for people. */
  message: z.string().optional(),
});
export const coreStatusResult = z.object({ state: z.string(), summary: z.string() });

export const startParams = z.object({
  /** What is asked for. Not in run.json before: some of it may be secret. Without it, run.json has it. */
  steps: z.array(stepRequestSchema).min(1).optional(),
  /** What the run is held to besides what its steps are. */
  thresholds: z.array(z.string()).default([]),
  /** An earlier run, with which this one is compared at its end. */
  baseline: baselineRequestSchema.optional(),
  /** A search for the largest load: what the run would be held to are its objectives. */
  limit: limitRequestSchema.optional(),
  target: targetSchema,
  /** Without one, any deployment but a sandbox is refused. */
  guard: guardSchema.default({ tag: "production", limits: {} }),
  /** Steps may run programs on this machine. */
  allowRun: z.boolean().default(false),
  /** Where the run reads the deployment's own figures; absent: it does not. */
  serverMetrics: serverMetricsSchema.optional(),
  /** Where traces and figures go besides; absent: nowhere. */
  telemetry: telemetrySchema.optional(),
  /** Stop and clean up when the connection that started the run closes. */
  endWithClient: z.boolean(),
});
export const workspacesParams = z.object({
  /** Of this step only; absent: of all. */
  step: z.string().optional(),
  offset: z.number().int().min(0),
  limit: z.number().int().min(1).max(500),
  /** A field of the row, or `values.` and one of the description's columns. */
  sort: z.string().default("index"),
  descending: z.boolean().default(false),
  /** Part of the name or of the error, in English. */
  filter: z.string().default(""),
  state: workspaceRowSchema.shape.state.optional(),
  /** Those that failed for this very cause, by its English. */
  cause: z.string().optional(),
});
export type WorkspacesQuery = z.input<typeof workspacesParams>;
export const workspacesResult = z.object({ rows: z.array(workspaceRowSchema), total: z.number() });
export type WorkspacesPage = z.infer<typeof workspacesResult>;

export const seriesParams = z.object({
  /** Seconds later than this; at most `limit`, the newest. */
  after: z.number().default(-1),
  limit: z.number().int().min(1).max(3_600).default(3_600),
});
export const seriesResult = z.object({ samples: z.array(sampleSchema) });

/** The whole log of a workspace's newest start build, asked of the deployment at this moment. */
export const buildLogParams = z.object({ step: z.string(), index: z.number().int().min(0) });
/** What log it is, and the log as the deployment has it. */
export const buildLogResult = z.object({ head: messageSchema, text: z.string() });
export type BuildLog = z.infer<typeof buildLogResult>;

/** Changes how much a running step does; what runs already is not connected again. */
export const levelParams = z.object({
  step: z.string(),
  /** One of the step's levels. */
  of: z.string(),
  value: z.number().nonnegative(),
});

/** Requests by method: the shapes of parameters and of the result. */
export const requests = {
  "core/hello": { params: coreHelloParams, result: coreHelloResult },
  "core/status": { params: z.object({}), result: coreStatusResult },
  "core/stop": { params: z.object({}), result: z.object({}) },
  "core/stopAndKeep": { params: z.object({}), result: z.object({}) },
  "run/start": { params: startParams, result: z.object({}) },
  /** Both are answered with one sentence for people. */
  "run/pause": { params: z.object({}), result: z.object({ message: messageSchema.default(foreign("")) }) },
  "run/resume": { params: z.object({}), result: z.object({ message: messageSchema.default(foreign("")) }) },
  /** Answered with one sentence for people. */
  "run/level": { params: levelParams, result: z.object({ message: messageSchema }) },
  /** Another session token of the run's deployment; answered with one sentence for people. */
  "run/token": { params: z.object({ token: z.string() }), result: z.object({ message: messageSchema }) },
  "run/snapshot": { params: z.object({}), result: snapshotSchema },
  "run/workspaces": { params: workspacesParams, result: workspacesResult },
  "run/series": { params: seriesParams, result: seriesResult },
  "run/buildLog": { params: buildLogParams, result: buildLogResult },
} as const;
export type RequestMethod = keyof typeof requests;

/**
 * A snapshot as it is sent to all who watch, several times a second. A step's description, which is most of it, is left
 * out until it is another one: a request for a snapshot gets all.
 */
export const newsSchema = snapshotSchema.extend({
  steps: z.array(stepSchema.partial({ description: true })),
});
export type News = z.infer<typeof newsSchema>;

/** Notifications from the runner. */
export const notifications = {
  "run/snapshot": newsSchema,
  "run/sample": sampleSchema,
  /** Proof of life, every HEARTBEAT_MS, whatever else there is to say. */
  "run/heartbeat": z.object({ t: z.number() }),
} as const;
export type NotificationMethod = keyof typeof notifications;
