import * as z from "zod";

/** What is on a deployment because of a run, by kind. Tokens are those of others' users: a user's own go with it. */
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

export const NOTHING_LEFT: Left = { users: 0, workspaces: 0, tokens: 0 };

export function totalLeft({ users, workspaces, tokens }: Left): number {
  return users + workspaces + tokens;
}
