import * as z from "zod";

/** One thing that is looked at before a load. */
export const checkSchema = z.object({
  id: z.string(),
  label: z.string(),
  /** `blocks`: the run is refused. */
  status: z.enum(["ok", "warning", "blocks"]),
  /** What was found, with its unit. */
  figure: z.string(),
  /** How to mend it, in one sentence. */
  mend: z.string().optional(),
});
export type Check = z.infer<typeof checkSchema>;
