import * as z from "zod";

/** What keeps a load from hitting the wrong deployment, or from being larger than anybody meant. */
export const guardSchema = z.object({
  /** `staging`: no further question. */
  tag: z.enum(["staging", "production"]),
  /** The host as a person has typed it, to say that production is meant. */
  acknowledgedHost: z.string().optional(),
  /** Hard ceilings; absent is none. */
  limits: z
    .object({
      workspaces: z.number().int().min(1).optional(),
      connections: z.number().int().min(1).optional(),
      /** Of all connections together, each way. */
      bytesPerSecond: z.number().min(1).optional(),
    })
    .default({}),
});
export type Guard = z.infer<typeof guardSchema>;
