import * as z from "zod";
import { limitBottleneckSchema } from "./bottlenecks.ts";

/**
 * What a search for the largest load came to: data without language, for the result, scripts and front ends. Seconds are
 * whole ones since the run began; figures are in the unit of their threshold.
 */

/** How one objective stood in one look at a level. */
export const limitObjectiveSchema = z.object({
  /** As it was asked for, in one spelling. */
  expression: z.string(),
  /** Of all that was measured in the look; null where nothing was. */
  value: z.number().nullable(),
  unit: z.string(),
  /** In that unit; `below`: the figure has to be below it. Absent in results of before there were pictures. */
  limit: z.number().optional(),
  below: z.boolean().optional(),
  /** Windows of the look that broke it. */
  broken_windows: z.number(),
});
export type LimitObjective = z.infer<typeof limitObjectiveSchema>;

/** One stay at a level: the windows that were tested, after it had settled. */
export const limitLookSchema = z.object({
  /** Of the first second that was tested; `until` is not in it. */
  from: z.number(),
  until: z.number(),
  /** `invalid`: the generator was at its limits, and the look says nothing of the target. */
  verdict: z.enum(["passes", "breaks", "invalid"]),
  /** Why a level breaks: an objective is broken, or it drifts there and never settles. */
  because: z.enum(["broken", "drifts"]).optional(),
  windows: z.number(),
  /** The share of what was offered that came back; null where that is not measured. */
  achieved: z.number().nullable(),
  /** Of what the first objective on a duration is about, what ended in a second; absent where none is on one. */
  throughput: z.number().optional(),
  objectives: z.array(limitObjectiveSchema),
});
export type LimitLook = z.infer<typeof limitLookSchema>;

/** A level with all looks at it, in their order. */
export const limitLevelSchema = z.object({
  level: z.number(),
  /** By most of its looks. */
  verdict: z.enum(["passes", "breaks", "invalid"]),
  looks: z.array(limitLookSchema),
});
export type LimitLevel = z.infer<typeof limitLevelSchema>;

/** A curve through what the levels came to; there is none where none fits. */
export const limitCurveSchema = z.object({
  of: z.enum(["throughput", "latency"]),
  /** `scalability`: Gunther's universal law. `queueing`: waiting before a server that is in use for so much of the time. */
  kind: z.enum(["scalability", "queueing"]),
  /** By their names in docs/limit.md. */
  parameters: z.record(z.string(), z.number()),
  /** How far the levels are from it, as the root of the mean square in parts of it: 0.03 is 3 %. */
  error: z.number(),
  /** Levels with their values, to be drawn. */
  points: z.array(z.tuple([z.number(), z.number()])),
});
export type LimitCurve = z.infer<typeof limitCurveSchema>;

/** One side of the limit, and how sure it is. */
export const limitSideSchema = z.object({
  level: z.number(),
  looks: z.number(),
  /** Looks that came to what the level came to. */
  agreeing: z.number(),
  /** How far the objective that decides is from its limit, in standard errors of its windows. */
  distance: z.number(),
  /** From 0 to 1: the share of looks that agree, times the probability that the figure is on its side of the limit. */
  confidence: z.number(),
});
export type LimitSide = z.infer<typeof limitSideSchema>;

/** How a search ended. No level stands without its confidence. */
export const limitEndSchema = z.discriminatedUnion("kind", [
  /** The limit is between the two. */
  z.object({
    kind: z.literal("found"),
    passing: limitSideSchema,
    failing: limitSideSchema,
    /** The objective that breaks first at the smallest failing level. */
    first_broken: z.string(),
    /** Of both sides together. */
    confidence: z.number(),
    /** How far the sides are apart: 0.04 is 4 %. More than was asked for where there were no levels left. */
    precision: z.number(),
  }),
  /** The ceiling was passed. */
  z.object({ kind: z.literal("not_reached"), ceiling: limitSideSchema }),
  z.object({ kind: z.literal("smallest_breaks"), failing: limitSideSchema, first_broken: z.string() }),
  /** The generator was the limit at this level; `passing` is what the target was seen to carry. */
  z.object({
    kind: z.literal("invalid"),
    level: z.number(),
    reason: z.string().optional(),
    passing: limitSideSchema.optional(),
  }),
  /** It ended before its time, with what was known by then. */
  z.object({
    kind: z.literal("so_far"),
    /** `step_over`: the step had nothing more to do; `not_set`: its level could not be set; `running`: it goes on. */
    why: z.enum(["budget", "stopped", "not_recovered", "step_over", "not_set", "running"]),
    passing: limitSideSchema.optional(),
    failing: limitSideSchema.optional(),
    first_broken: z.string().optional(),
  }),
]);
export type LimitEnd = z.infer<typeof limitEndSchema>;

/** A step of a search that varies several, and how much of a level it has. */
export const limitPartSchema = z.object({
  step: z.string(),
  /** One of its levels. */
  vary: z.string(),
  /** Of 1. */
  share: z.number().positive().max(1),
});
export type LimitPart = z.infer<typeof limitPartSchema>;

/** A second number of the steps that are varied: for each of its values there is a search of its own. */
export const limitAndSchema = z.object({
  /** One of the levels of each of these steps. */
  vary: z.string(),
  /** Each once, in ascending order. */
  values: z.array(z.number().positive()).min(1),
});
export type LimitAnd = z.infer<typeof limitAndSchema>;

/** What is searched for: the largest level of a step for which the run's thresholds hold. */
export const limitRequestSchema = z.object({
  /** One of the levels of the step: `connections`, `messages_per_second`, `concurrency`; `users` of several steps. */
  vary: z.string(),
  step: z.string(),
  /** The steps that have users together; absent: it is the level of one step. */
  parts: z.array(limitPartSchema).optional(),
  and: limitAndSchema.optional(),
  from: z.number().int().positive(),
  to: z.number().int().positive(),
  precision: z.number().positive().max(1),
  budgetMs: z.number().positive(),
  /** `quick` is for tests of this tool: levels of a few seconds. */
  pace: z.enum(["usual", "quick"]).default("usual"),
});
export type LimitRequest = z.infer<typeof limitRequestSchema>;

/** What one search has come to. */
const searchedSchema = z.object({
  end: limitEndSchema,
  /** What breaks first at the smallest failing level; absent where there is none, and in older results. */
  bottleneck: limitBottleneckSchema.optional(),
  /** By level. */
  levels: z.array(limitLevelSchema),
  /** The level with the most throughput for its latency; absent where too little is known. */
  knee: z.number().optional(),
  curves: z.array(limitCurveSchema).optional(),
});

/** The search at one value of the second number. */
export const limitRowSchema = searchedSchema.extend({ value: z.number() });
export type LimitRow = z.infer<typeof limitRowSchema>;

/** Why searches were not begun: as one before them ended, or `smallest_breaks`: the smallest level broke at less. */
export const limitSkippedSchema = z.enum([
  "budget",
  "stopped",
  "not_recovered",
  "step_over",
  "not_set",
  "running",
  "generator",
  "smallest_breaks",
]);
export type LimitSkipped = z.infer<typeof limitSkippedSchema>;

/** A search for each value of a second number. */
export const limitGridSchema = z.object({
  vary: z.string(),
  /** By value, those that were begun. */
  rows: z.array(limitRowSchema),
  /** Values whose search was not begun. */
  not_reached: z.array(z.number()),
  why: limitSkippedSchema.optional(),
  /** Neighbours of which the larger value was seen to carry more than the smaller: the frontier is not monotone. */
  rises: z.array(z.object({ from: z.number(), to: z.number() })),
});
export type LimitGrid = z.infer<typeof limitGridSchema>;

/** Of a grid, `end`, `levels` and what follows from them are those of the search that was begun last. */
export const limitResultSchema = searchedSchema.extend({
  /** Which level of which step was searched. */
  vary: z.string(),
  step: z.string(),
  /** The steps that have users together. */
  parts: z.array(limitPartSchema).optional(),
  from: z.number(),
  to: z.number(),
  /** As it was asked for: 0.05 is 5 %. */
  precision: z.number(),
  grid: limitGridSchema.optional(),
});
export type LimitResult = z.infer<typeof limitResultSchema>;

/** The steps of a search: one that has all of the level, or several with a share of it. */
export function partsOfLimit({
  vary,
  step,
  parts,
}: Pick<LimitRequest, "vary" | "step" | "parts">): readonly LimitPart[] {
  return parts ?? [{ step, vary, share: 1 }];
}

/** What a step is set to where the whole search is at a level. */
export function levelOfPart(level: number, { share }: Pick<LimitPart, "share">): number {
  return Math.max(1, Math.round(level * share));
}

/** What a search comes to in all. Of a grid: what is not known weighs most, and one level that passes is an answer. */
export function kindOfLimit({ end, grid }: Pick<LimitResult, "end" | "grid">): LimitEnd["kind"] {
  if (!grid) return end.kind;
  const kinds = grid.rows.map((row) => row.end.kind);
  const isWhole = grid.not_reached.length === 0 || grid.why === "smallest_breaks";
  if (kinds.includes("so_far") || !isWhole) return grid.why === "generator" ? "invalid" : "so_far";
  if (kinds.includes("invalid")) return "invalid";
  if (kinds.every((kind) => kind === "smallest_breaks")) return "smallest_breaks";
  return kinds.every((kind) => kind === "not_reached") ? "not_reached" : "found";
}

/** The largest level that was seen to pass, of a search that has one. */
export function passingSide(end: LimitEnd): LimitSide | undefined {
  if (end.kind === "not_reached") return end.ceiling;
  return "passing" in end ? end.passing : undefined;
}

/** The smallest level that breaks, and the metric by which it does; undefined where none is known. */
export function failingSide({
  end,
}: Pick<LimitResult, "end">): { level: number; metric: string | undefined } | undefined {
  if (!("failing" in end) || !end.failing) return undefined;
  return { level: end.failing.level, metric: /^\w+/.exec(end.first_broken ?? "")?.[0] };
}
