import * as z from "zod";
import { messageSchema } from "../text/schema.ts";

/**
 * The picture of a scenario's plan, and the messages between the editor and the page that shows it. Places on the line of
 * time are shares of the whole picture: a step whose length nobody knows is drawn as long as is easy to see.
 */
const share = z.number().min(0).max(1);

const laneSchema = z.object({
  /** The step's own name. */
  name: z.string(),
  /** The word for its kind, as files have it. */
  kind: z.string(),
  from: share,
  until: share,
  /** From here on it goes on as long as its work takes. */
  unknownFrom: share.optional(),
  /** Between two points the load changes evenly. Of a load whose size the file does not say, shares of it. */
  points: z.array(z.object({ at: share, load: z.number() })),
  /** The most that it asks for at a time; absent where the file does not say it. */
  load: z
    .object({ value: z.number(), unit: z.enum(["connections", "workspaces"]), said: messageSchema })
    .optional(),
  /** It puts a load on the deployment; otherwise it waits, or works on the user's own machine. */
  isLoad: z.boolean(),
  /** It counts from another step's measured part. */
  isMarked: z.boolean(),
  /** When it begins, and how long it takes. */
  sentence: messageSchema,
});
export type PlanLane = z.infer<typeof laneSchema>;

const tickSchema = z.object({
  at: share,
  said: messageSchema,
  /** Time is counted from here: the run's begin, and the ends of steps of unknown length that others follow. */
  base: z.object({ step: z.string().optional() }).optional(),
});

export const planPictureSchema = z.object({
  lanes: z.array(laneSchema),
  /** What the whole width stands for. */
  totalMs: z.number().positive(),
  /** Those that matter most come first. */
  ticks: z.array(tickSchema),
  /** When the last step ends. */
  end: messageSchema.optional(),
});
export type PlanPicture = z.infer<typeof planPictureSchema>;

export const toPlanPageSchema = z.object({
  type: z.literal("plan"),
  /** Of the file. */
  uri: z.string(),
  title: z.string(),
  picture: planPictureSchema,
  /** How many mistakes keep parts of the file from being read. */
  errors: z.number(),
});
export type ToPlanPage = z.infer<typeof toPlanPageSchema>;

export const fromPlanPageSchema = z.discriminatedUnion("type", [
  /** The page is drawn and empty. */
  z.object({ type: z.literal("ready") }),
  /** Show where the step stands in the file. */
  z.object({ type: z.literal("reveal"), step: z.string() }),
  /** Show what is wrong with the file. */
  z.object({ type: z.literal("showProblems") }),
]);
export type FromPlanPage = z.infer<typeof fromPlanPageSchema>;
