import * as z from "zod";

/**
 * What a run has on the deployment, by kind: "16 users and workspaces" is no number of anything. Tokens are those of
 * other users: a user's own go with it.
 */
export const leftSchema = z.object({ users: z.number(), workspaces: z.number(), tokens: z.number() });
export type Left = z.infer<typeof leftSchema>;

/** What a run has not touched: of other runs, or its own subject, which it only used. */
export const untouchedSchema = z.object({
  users: z.number(),
  workspaces: z.number(),
  /** Ids of the runs that made it, as far as names tell; the first few. */
  runs: z.array(z.string()),
  /** The run has put its load on it. */
  used: z.boolean(),
});
export type Untouched = z.infer<typeof untouchedSchema>;
