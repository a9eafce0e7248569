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

/** Hard ceilings; absent is none. */
export type Limits = Guard["limits"];
export const LIMITS = ["workspaces", "connections", "bytesPerSecond"] as const satisfies (keyof Limits)[];

/** The lower ceiling of each kind. */
export function stricter(one: Limits, other: Limits): Limits {
  const limits: Limits = {};
  for (const key of LIMITS) {
    const known = [one[key], other[key]].filter((limit) => limit !== undefined);
    if (known.length > 0) limits[key] = Math.min(...known);
  }
  return limits;
}
