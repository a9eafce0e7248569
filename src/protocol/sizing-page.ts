import * as z from "zod";
import { messageSchema } from "../text/schema.ts";

/** Messages between the editor and the page that says what a deployment needs. */

/** What a person types, as it stands in the page's boxes: nothing is checked yet. */
export const sizingInputSchema = z.object({
  users: z.string(),
  webShare: z.string(),
  /** Empty: as many as the rules have. */
  builds: z.string(),
  starts: z.string(),
  window: z.string(),
  /** Empty: as the run says that the plan is calibrated by, else the command line's default. */
  buildP50: z.string(),
  buildP95: z.string(),
  provisioners: z.enum(["external", "integrated"]),
  rules: z.enum(["2026", "2023"]),
  workspaceCores: z.string(),
  workspaceMemory: z.string(),
  nodeCores: z.string(),
  nodeMemory: z.string(),
});
export type SizingInput = z.infer<typeof sizingInputSchema>;
export type SizingField = keyof SizingInput;

const sizingRowSchema = z.object({
  what: messageSchema,
  needs: messageSchema,
  /** The same by what a run has measured; absent: it says nothing of it. */
  measured: messageSchema.optional(),
  /** What the deployment that is looked at has; absent: nobody knows. */
  has: messageSchema.optional(),
  /** It has less than that. */
  isShort: z.boolean(),
  because: messageSchema,
});
export type SizingRow = z.infer<typeof sizingRowSchema>;

/** A run that a plan can be calibrated by. */
const measuredRunSchema = z.object({ id: z.string(), label: z.string() });
export type MeasuredChoice = z.infer<typeof measuredRunSchema>;

export const toSizingPageSchema = z.discriminatedUnion("type", [
  /** What the boxes hold at first, and which deployments can be compared with. */
  z.object({
    type: z.literal("begin"),
    input: sizingInputSchema,
    deployments: z.array(
      z.object({
        url: z.string(),
        host: z.string(),
        /** A Prometheus server is connected for it, which has the peak of the week. */
        hasPeak: z.boolean(),
      }),
    ),
  }),
  /** The run that a person plans from, and its deployment. */
  z.object({ type: z.literal("from"), run: measuredRunSchema, url: z.string() }),
  z.object({
    type: z.literal("sizing"),
    /** Of the question that this answers. */
    request: z.number(),
    /** What is wrong, by field; then there are no rows. */
    problems: z.partialRecord(sizingInputSchema.keyof(), messageSchema),
    headline: messageSchema.optional(),
    rows: z.array(sizingRowSchema),
    notes: z.array(messageSchema),
    /** Why the deployment could not be compared with, its week not be read, or a run not be used. */
    deployment: messageSchema.optional(),
    peakProblem: messageSchema.optional(),
    measuredProblem: messageSchema.optional(),
    /** Runs of the deployment that a plan can be calibrated by. */
    runs: z.array(measuredRunSchema),
    /** The highest of the last seven days. */
    peak: z
      .object({
        /** Active users at the peak, which the plan is for. */
        users: z.string().optional(),
        lines: z.array(messageSchema),
      })
      .optional(),
  }),
]);
export type ToSizingPage = z.infer<typeof toSizingPageSchema>;
export type Sizing = Extract<ToSizingPage, { type: "sizing" }>;

export const fromSizingPageSchema = z.discriminatedUnion("type", [
  /** The page is drawn and empty. */
  z.object({ type: z.literal("ready") }),
  z.object({
    type: z.literal("input"),
    request: z.number(),
    input: sizingInputSchema,
    /** Of the deployment to compare with. */
    url: z.string().optional(),
    /** The id of the run to calibrate by. */
    measured: z.string().optional(),
    /** The peak of the week is wanted, and its users are what is planned for. */
    peak: z.boolean().optional(),
  }),
]);
export type FromSizingPage = z.infer<typeof fromSizingPageSchema>;
