import * as z from "zod";

/** A workspace as it is kept over restarts: its last build only. */
export const keptWorkspaceSchema = z.object({
  id: z.string(),
  name: z.string(),
  ownerId: z.string(),
  templateId: z.string(),
  createdAt: z.number(),
  parameters: z.record(z.string(), z.string()),
  build: z.object({
    number: z.number(),
    transition: z.enum(["start", "stop", "delete"]),
    /** False: it was under way, and begins anew. */
    over: z.boolean(),
    failed: z.boolean(),
  }),
  agents: z.array(z.object({ id: z.string(), name: z.string() })),
});
export type KeptWorkspace = z.output<typeof keptWorkspaceSchema>;
