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
  /** What the deployment that is looked at has; absent: nobody knows. */
  has: messageSchema.optional(),
  /** It has less than that. */
  isShort: z.boolean(),
  because: messageSchema,
});
export type SizingRow = z.infer<typeof sizingRowSchema>;

export const toSizingPageSchema = z.discriminatedUnion("type", [
  /** What the boxes hold at first, and which deployments can be compared with. */
  z.object({
    type: z.literal("begin"),
    input: sizingInputSchema,
    deployments: z.array(z.object({ url: z.string(), host: z.string() })),
  }),
  z.object({
    type: z.literal("sizing"),
    /** Of the question that this answers. */
    request: z.number(),
    /** What is wrong, by field; then there are no rows. */
    problems: z.partialRecord(sizingInputSchema.keyof(), messageSchema),
    headline: messageSchema.optional(),
    rows: z.array(sizingRowSchema),
    notes: z.array(messageSchema),
    /** Why the deployment could not be compared with. */
    deployment: messageSchema.optional(),
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
  }),
]);
export type FromSizingPage = z.infer<typeof fromSizingPageSchema>;
