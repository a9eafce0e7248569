import * as z from "zod";
import { messageSchema } from "../text/schema.ts";
import { sampleSchema, snapshotSchema, workspaceRowSchema } from "./snapshot.ts";

/** What one step was asked for, as its flags say it. */
export const askedStepSchema = z.object({
  name: z.string(),
  workload: z.string(),
  settings: z.array(
    z.object({
      name: z.string(),
      value: z.string(),
      /** What holds where nobody says anything. */
      isDefault: z.boolean().optional(),
      /** It may be secret: its value is not written down. */
      withheld: z.boolean().optional(),
    }),
  ),
});

/** What a run was asked for, and how to ask for it again. */
export const askedSchema = z.object({
  /** Version of this product that ran it. */
  product: z.string(),
  steps: z.array(askedStepSchema),
  /** Of the run itself, besides those of its steps. */
  thresholds: z.array(z.string()),
  repeat: z
    .object({
      command: z.string(),
      /** What has to be in the file that the command names. */
      file: z.object({ name: z.string(), text: z.string() }).optional(),
      /** What the command does not hold. */
      left: z.array(messageSchema),
    })
    .optional(),
});
export type Asked = z.infer<typeof askedSchema>;

/** A run that has ended, in one page: what docs/report.md describes. */
export const reportDataSchema = z.object({
  format: z.literal("coder-scaletest-report"),
  version: z.literal(1),
  /** Absent where the run's own record does not have it. */
  asked: askedSchema.optional(),
  snapshot: snapshotSchema,
  /** By second, each in the order of the `series` of its step's description. */
  samples: z.array(sampleSchema),
  rows: z.array(workspaceRowSchema),
});
export type ReportData = z.infer<typeof reportDataSchema>;
