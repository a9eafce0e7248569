import * as z from "zod";

/** An error that stood in the deployment's own log while the run went on. */
export const serverErrorSchema = z.object({
  /** Without what is of one request, user or machine alone. */
  text: z.string(),
  count: z.number(),
  /** Whole seconds since the run began. */
  first: z.number(),
  last: z.number(),
});
export type ServerError = z.infer<typeof serverErrorSchema>;
