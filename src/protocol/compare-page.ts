import * as z from "zod";
import { messageSchema } from "../text/schema.ts";
import { baselineStateSchema } from "./baseline.ts";
import { figureUnitSchema } from "./description.ts";
import { verdictSchema } from "./snapshot.ts";

/**
 * Messages between the editor and the page that compares runs. Lists of values are in the order of the runs; null: this
 * run does not have it.
 */

/** More runs than this cannot be told apart by colour, and nobody reads so many columns. */
export const MOST_COMPARED = 6;

/** As people read it: see endingOf. */
const endingSchema = z.enum([...verdictSchema.options, "ended"]);

const comparedRunSchema = z.object({
  id: z.string(),
  title: z.string(),
  /** Host of the deployment. */
  host: z.string(),
  createdAt: z.number(),
  /** null: it has not come to its end. */
  ending: endingSchema.nullable(),
  summary: messageSchema.nullable(),
  /** What the baseline comes to beside it; null for the baseline itself. */
  beside: z.object({ state: baselineStateSchema, text: messageSchema }).nullable(),
});
export type ComparedRun = z.infer<typeof comparedRunSchema>;

const configurationRowSchema = z.object({
  /** Absent: of the whole run, or there is only one step. */
  step: z.string().optional(),
  /** A flag's name, or what the run as a whole has. */
  label: messageSchema,
  values: z.array(messageSchema.nullable()),
  differs: z.boolean(),
});
export type ConfigurationRow = z.infer<typeof configurationRowSchema>;

const differenceSchema = z.object({
  /** "+12 %"; empty where nothing has changed. */
  change: z.string(),
  /** null: nobody is held to it. */
  state: baselineStateSchema.nullable(),
});
export type FigureDifference = z.infer<typeof differenceSchema>;

const figureRowSchema = z.object({
  step: z.string().optional(),
  label: messageSchema,
  unit: figureUnitSchema,
  values: z.array(z.number().nullable()),
  /** To the baseline; null for the baseline itself, and where one of the two does not have the figure. */
  differences: z.array(differenceSchema.nullable()),
  /** By which the trend knows it, and what it is measured in there: of counts, a share. Absent where no result has it. */
  trend: z.object({ key: z.string(), unit: figureUnitSchema }).optional(),
});
export type FigureRow = z.infer<typeof figureRowSchema>;

const curveSchema = z.object({
  /** Place of its run. */
  run: z.number(),
  xs: z.array(z.number()),
  ys: z.array(z.number().nullable()),
});
export type Curve = z.infer<typeof curveSchema>;

const overlaySchema = z.object({
  /** `distribution`: from milliseconds to the share of jobs. `course`: from seconds since the step began to a value. */
  kind: z.enum(["distribution", "course"]),
  step: z.string().optional(),
  title: messageSchema,
  note: messageSchema,
  /** Of what is drawn upwards. */
  unit: figureUnitSchema,
  curves: z.array(curveSchema),
});
export type Overlay = z.infer<typeof overlaySchema>;

export const comparisonSchema = z.object({
  type: z.literal("comparison"),
  /** The earliest first. */
  runs: z.array(comparedRunSchema).max(MOST_COMPARED),
  /** Place of the run that the others are held against. */
  baseline: z.number(),
  warnings: z.array(messageSchema),
  configuration: z.array(configurationRowSchema),
  figures: z.array(figureRowSchema),
  overlays: z.array(overlaySchema),
  /** The trend that says most. */
  trend: z.string().optional(),
});
export type Comparison = z.infer<typeof comparisonSchema>;

const trendPointSchema = z.object({
  id: z.string(),
  createdAt: z.number(),
  ending: endingSchema.nullable(),
  /** By the `trend` of a figure. */
  values: z.record(z.string(), z.number()),
});
export type TrendPoint = z.infer<typeof trendPointSchema>;

export const trendSchema = z.object({
  type: z.literal("trend"),
  /** The last runs of the newest run's test, the earliest first. */
  points: z.array(trendPointSchema),
});
export type Trend = z.infer<typeof trendSchema>;

export const toComparePageSchema = z.discriminatedUnion("type", [
  comparisonSchema,
  trendSchema,
  /** The text is in the clipboard. */
  z.object({ type: z.literal("copied") }),
]);
export type ToComparePage = z.infer<typeof toComparePageSchema>;

export const fromComparePageSchema = z.discriminatedUnion("type", [
  /** The page is drawn and empty. */
  z.object({ type: z.literal("ready") }),
  /** Hold the runs against this one. */
  z.object({ type: z.literal("baseline"), run: z.string() }),
  z.object({ type: z.literal("copy") }),
  /** Show the panel of this run. */
  z.object({ type: z.literal("open"), run: z.string() }),
]);
export type FromComparePage = z.infer<typeof fromComparePageSchema>;

/** What it takes to come back with the window. */
export const comparePageStateSchema = z.looseObject({
  runs: z.array(z.string()),
  baseline: z.string(),
  /** The figure whose trend is looked at. */
  trend: z.string().optional(),
});
export type ComparePageState = z.infer<typeof comparePageStateSchema>;
