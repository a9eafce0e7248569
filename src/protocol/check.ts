import * as z from "zod";
import { messageSchema } from "../text/schema.ts";

/** One thing that is looked at before a load. */
export const checkSchema = z.object({
  id: z.string(),
  label: messageSchema,
  /** `blocks`: the run is refused. */
  status: z.enum(["ok", "warning", "blocks"]),
  /** What was found, with its unit. */
  figure: messageSchema,
  /** How to mend it, in one sentence. */
  mend: messageSchema.optional(),
});
export type Check = z.infer<typeof checkSchema>;
