import * as z from "zod";
import { messageSchema } from "../text/schema.ts";
import { answerSchema } from "./answer.ts";
import { baselineSchema } from "./baseline.ts";
import { bottlenecksSchema } from "./bottlenecks.ts";
import { descriptionSchema, figuresSchema } from "./description.ts";
import { leftSchema, untouchedSchema } from "./left-schema.ts";
import { limitResultSchema } from "./limit.ts";
import { percentilesSchema } from "./percentile.ts";
import { deploymentSchema } from "./target.ts";
import { thresholdStateSchema } from "./threshold.ts";

/**
 * What a run says about itself, at most four times a second, bounded in size whatever the number of
 * workspaces. Everything per workspace is fetched by page (see messages.ts).
 * All times are milliseconds; `…At` are Unix milliseconds of the runner's clock.
 */

export const runStateSchema = z.enum([
  "starting",
  "running",
  "stopping",
  "cleaning",
  "finished",
  /** The runner is gone without having finished. Never sent by a runner; concluded by whoever watches. */
  "crashed",
]);
export type RunState = z.infer<typeof runStateSchema>;

export const runHeaderSchema = z.object({
  id: z.string(),
  /** The person's name for the run, or what it does: `create-workspaces 50 × kubernetes`. */
  title: z.string(),
  workload: z.string(),
  deployment: deploymentSchema,
  createdAt: z.number(),
  /** Where the load comes from: this machine's host name. */
  host: z.string(),
});
export type RunHeader = z.infer<typeof runHeaderSchema>;

export const stageSchema = z.object({
  id: z.string(),
  /** Of a run of several steps, the step that it is of; absent: of the run itself. */
  step: z.string().optional(),
  label: messageSchema,
  /** `stopped`: somebody ended it before it was through, and nothing in it has failed. */
  state: z.enum(["pending", "active", "done", "failed", "stopped", "skipped"]),
  done: z.number(),
  /** 0 where the stage has nothing to count. */
  total: z.number(),
});
export type Stage = z.infer<typeof stageSchema>;

/**
 * Where the run's jobs are now. Every job is in exactly one state; `total` is their sum. These states are those of every
 * run; the others are the workload's, as the description lists them.
 */
export const countsSchema = z
  .object({
    total: z.number(),
    /** Not begun: waiting for a place among the concurrent ones. */
    waiting: z.number(),
    /** All that was to be done is done; clean-up may be under way. */
    succeeded: z.number(),
    failed: z.number(),
    /** Neither: the run was stopped before it was through. */
    canceled: z.number(),
  })
  .catchall(z.number());
export type Counts = z.infer<typeof countsSchema>;

/** Percentiles of a duration over all workspaces that have it so far; the label is the description's. */
export const phaseSchema = percentilesSchema.extend({ name: z.string(), label: z.string() });
export type Phase = z.infer<typeof phaseSchema>;

const causeOf = <T extends z.ZodType>(text: T) =>
  z.object({
    /** Stable across runs, for scripts: `build_failed`, `agent_never_connected`. */
    id: z.string(),
    /** For people: "build failed: terraform apply, exit status 1". */
    cause: text,
    count: z.number(),
    /** When the first of them was, in milliseconds since the run began; absent in older versions. */
    firstAt: z.number().optional(),
    example: z.object({
      workspace: z.string(),
      message: text,
      requestId: z.string().optional(),
    }),
  });
export const causeSchema = causeOf(messageSchema);
/** As scripts read it, in English. */
export const englishCauseSchema = causeOf(z.string());
export type Cause = z.infer<typeof causeSchema>;

export const apiSchema = z.object({
  /** Every request to the deployment's API, WebSocket upgrades counted as one. */
  calls: z.number(),
  /** For one workspace and its user: the most, and the mean over those begun. */
  maxPerWorkspace: z.number(),
  meanPerWorkspace: z.number(),
  /** Made once for the run: sign-in, template, dry-run, list polls, the proof at the end. */
  runCalls: z.number(),
  rateLimited: z.number(),
  /** Time that requests waited here, so as not to be refused. */
  rateLimitWaitMs: z.number(),
});
export type Api = z.infer<typeof apiSchema>;

export const generatorSchema = z.object({
  /** How late the event loop ran in the last second. */
  latenessP99Ms: z.number(),
  /** Cores' worth of CPU in the last second. */
  cpu: z.number(),
  rssBytes: z.number(),
  /** `coder` processes alive, and jobs waiting for a place for one. */
  cliProcesses: z.number(),
  cliWaiting: z.number(),
});
export type Generator = z.infer<typeof generatorSchema>;

export const runEventSchema = z.object({
  /** Milliseconds since the run began. */
  t: z.number(),
  level: z.enum(["info", "warning", "error"]),
  text: messageSchema,
  workspace: z.string().optional(),
});
export type RunEvent = z.infer<typeof runEventSchema>;

/** `invalid`: the generator came to its own limits, so that the figures say nothing of the deployment. */
export const verdictSchema = z.enum(["passed", "failed", "refused", "interrupted", "invalid"]);
export type Verdict = z.infer<typeof verdictSchema>;

const outcomeOf = <T extends z.ZodType>(text: T) =>
  z.object({
    verdict: verdictSchema,
    /** "998 succeeded, 2 failed: 1 agent never connected, 1 build failed: …" */
    summary: text,
    succeeded: z.number(),
    failed: z.number(),
    /** Users and workspaces of this run that the server still has; null where it could not be asked. */
    orphans: z.number().nullable(),
    /** Left on purpose (`--no-cleanup`, Stop and keep). */
    kept: z.number(),
    exitCode: z.number(),
    /** Why nothing was begun, in one line. */
    refusal: text.optional(),
    /** What `kept` or `orphans` counts, by kind: of a clean-up, what it was to delete and could not. Tokens count, too. */
    left: leftSchema.optional(),
    /** What it has deleted, by kind. */
    removed: leftSchema.optional(),
    /** What it has not touched. */
    untouched: untouchedSchema.optional(),
    /** Workspaces whose resources could not be destroyed: they can be deleted all the same, by `--orphan`. */
    destroyFailed: z.number().optional(),
    /** The command that goes on where something is left behind. */
    next: z.string().optional(),
    /** It passed for want of a threshold only: its own answer is that it does not hold. See endingOf. */
    unjudged: z.boolean().optional(),
  });
export const outcomeSchema = outcomeOf(messageSchema);
/** As scripts read it, in English. */
export const englishOutcomeSchema = outcomeOf(z.string());
export type Outcome = z.infer<typeof outcomeSchema>;

/** Where a load stands in its course. */
export const partSchema = z.object({
  id: z.string(),
  /** For people: "warming up". */
  label: messageSchema,
  /** Until the measured part ends; null before that is known. */
  remainingMs: z.number().nullable(),
  /** The measured part is over: its figures are final. */
  over: z.boolean(),
});
export type Part = z.infer<typeof partSchema>;

/** How many of the measured seconds count. */
export const validitySchema = z.object({
  measured: z.number(),
  valid: z.number(),
  /** The first that does not count, and why. */
  first: z.object({ second: z.number(), reason: messageSchema }).optional(),
  /** Too few of them count for the run to say anything of the deployment. */
  tooFew: z.boolean(),
});
export type Validity = z.infer<typeof validitySchema>;

/** Most of what is in progress waits for the same thing. */
export const waitsForSchema = z.object({
  /** "waiting for the agent" */
  doing: messageSchema,
  count: z.number(),
  /** Until the first of them is given up by its time limit; null: there is none. */
  limitMs: z.number().nullable(),
});
export type WaitsFor = z.infer<typeof waitsForSchema>;

/** How long jobs are usually at the same thing: the median of those that have been through it. */
export const usualTimeSchema = z.object({ doing: messageSchema, ms: z.number() });
export type UsualTime = z.infer<typeof usualTimeSchema>;

/** How much a step does at a time, where that can be changed while it runs. */
export const levelSchema = z.object({
  /** By which name it is set: `concurrency`, `connections`, `messages_per_second`. */
  of: z.string(),
  /** For people: "messages a second". */
  label: messageSchema,
  now: z.number(),
  /** The most that it can be set to; absent: there is no limit but the ceilings. */
  max: z.number().optional(),
});
export type Level = z.infer<typeof levelSchema>;

export const stepStateSchema = z.enum([
  /** It has not begun yet. */
  "pending",
  /** It is being prepared: nothing of it puts a load on the deployment yet. */
  "preparing",
  "active",
  "done",
  "failed",
  /** It was not begun because of what the deployment or the configuration is. */
  "refused",
  "stopped",
  /** The run ended before its turn, or what it waited for was refused. */
  "skipped",
]);
export type StepState = z.infer<typeof stepStateSchema>;

/** What a step was run with that its configuration does not say: the version of a template. */
export const factSchema = z.object({ label: messageSchema, value: z.string() });
export type Fact = z.infer<typeof factSchema>;

/** One step of a run: what it does, and what was measured of it. */
export const stepSchema = z.object({
  /** Of its own in the run; of a single command, the workload's. */
  name: z.string(),
  workload: z.string(),
  state: stepStateSchema,
  /** Milliseconds since the run began; absent before it has begun or ended. */
  begunAt: z.number().optional(),
  /** When its measured part began. */
  holdAt: z.number().optional(),
  endedAt: z.number().optional(),
  counts: countsSchema,
  phases: z.array(phaseSchema),
  /** Workspaces that have become ready so far; a failure after that takes none away. Older versions have none. */
  readyCount: z.number().optional(),
  /** From a workspace's begin until it could be used; absent before the first one is ready. */
  ready: percentilesSchema.optional(),
  causes: z.array(causeSchema),
  /** Causes beyond the most frequent ones that are listed. */
  causesOmitted: z.number(),
  /** What the step measures, and how it is put before people; empty until it has been prepared. */
  description: descriptionSchema,
  /** Of the description's figures, those that have been measured. */
  figures: figuresSchema,
  /** Where a load stands: opening, warming up, measuring. */
  part: partSchema.optional(),
  validity: validitySchema,
  facts: z.array(factSchema).optional(),
  /** Of what its jobs do, where enough of them have done it; absent in older versions. */
  usual: z.array(usualTimeSchema).optional(),
  /** What of it can be changed while it runs. */
  levels: z.array(levelSchema).optional(),
  /** What it comes to by itself; absent until it has ended. */
  verdict: verdictSchema.optional(),
  /** "12 succeeded, 1 failed: …", or why it was refused; absent until it has ended. */
  summary: messageSchema.optional(),
});
export type Step = z.infer<typeof stepSchema>;

export const snapshotSchema = z.object({
  run: runHeaderSchema,
  state: runStateSchema,
  /** Nothing new is begun until it is resumed, and where the run can hold what is under way, that stands still. */
  paused: z.boolean().optional(),
  /** The session has expired: what needs it stands still until somebody signs in. Unix milliseconds. */
  sessionExpired: z.object({ since: z.number(), until: z.number(), user: z.string() }).optional(),
  /** How long the run has stood still for that, in all; it is in no time that is told but the elapsed one. */
  standstillMs: z.number().optional(),
  elapsedMs: z.number(),
  /** null where there is no ground for an estimate yet, or where the last one has proved wrong. */
  remainingMs: z.number().nullable(),
  /** Told instead of an estimate where nothing has ended for a while: what is waited for, and for how long at most. */
  waitsFor: waitsForSchema.optional(),
  stages: z.array(stageSchema),
  /** Users and workspaces that exist (or may exist) on the deployment because of this run. */
  existing: z.object({
    users: z.number(),
    workspaces: z.number(),
    /** Those of other users; absent in older versions. */
    tokens: z.number().optional(),
  }),
  /** What the run is held to; absent where nothing was asked for. */
  thresholds: z.array(thresholdStateSchema).optional(),
  /** Whether it holds, and what limits it; absent in older versions. */
  answer: answerSchema.optional(),
  /** The run beside an earlier one, once it has ended; absent where that was not asked for. */
  baseline: baselineSchema.optional(),
  /** Of a search for the largest load: the levels so far, and what they come to. */
  limit: limitResultSchema.optional(),
  /** What breaks first; absent in older versions, and where nothing asks for it. */
  bottlenecks: bottlenecksSchema.optional(),
  api: apiSchema,
  generator: generatorSchema,
  warnings: z.array(messageSchema),
  /** The newest last; at most 30. */
  events: z.array(runEventSchema),
  outcome: outcomeSchema.nullable(),
  /** In the order in which they were asked for; a single command is one step. */
  steps: z.array(stepSchema),
});
export type Snapshot = z.infer<typeof snapshotSchema>;

/** One second of a step: what the charts draw. */
export const sampleSchema = z.object({
  /** Whole seconds since the run began; a run's pauses and a step of the wall clock move none. */
  second: z.number(),
  paused: z.literal(true).optional(),
  /** No part of what is measured: a ramp, the warm-up, what comes after. */
  outside: z.literal(true).optional(),
  /** Why this second says nothing of the deployment. */
  invalid: messageSchema.optional(),
  /** The name of its step. */
  step: z.string(),
  /** In the order of the `series` of its step's description; null where nothing was measured. */
  values: z.array(z.number().nullable()),
});
export type Sample = z.infer<typeof sampleSchema>;

/** One row of the table of workspaces. */
export const workspaceRowSchema = z.object({
  /** The name of its step. */
  step: z.string(),
  /** From 0 in its step. */
  index: z.number(),
  /** Name of the workspace, and of its user. */
  name: z.string(),
  owner: z.string(),
  workspaceId: z.string().optional(),
  /** A key of counts other than `total`. */
  state: z.string(),
  /** What it is doing now, for people: "connecting by SSH", "deleting", "gone". */
  doing: messageSchema,
  /** Since when it does that, in milliseconds after the run's begin; absent in older versions, and where it has failed. */
  since: z.number().optional(),
  /** Milliseconds after the run's begin at which it was begun; absent while waiting. */
  startedAt: z.number().optional(),
  /** It is given up so long after its begin; absent where there is no limit. */
  limitMs: z.number().optional(),
  /** From its begin until it was ready to be used. */
  readyMs: z.number().optional(),
  /** A prebuilt workspace was claimed: its phases are not those of a creation. */
  prebuilt: z.boolean(),
  phases: z.record(z.string(), z.number()),
  /** When each phase began, in milliseconds after the run's begin; runs of older versions have none. */
  begins: z.record(z.string(), z.number()).optional(),
  /** Numbers of the description's columns. */
  values: z.record(z.string(), z.number()).optional(),
  apiCalls: z.number(),
  cause: messageSchema.optional(),
  error: messageSchema.optional(),
  /** The number of the workspace's build that failed. */
  build: z.number().optional(),
  /** The last lines of the failed build's log, or of the command's output; plain text. */
  log: z.string().optional(),
});
export type WorkspaceRow = z.infer<typeof workspaceRowSchema>;
