import * as z from "zod";

/** When a step begins. Times stand still while the run is paused or waits for a sign-in. */
export const beginSchema = z.discriminatedUnion("kind", [
  /** When that step has ended. */
  z.object({ kind: z.literal("after"), step: z.string() }),
  /** So many milliseconds after the run's begin. */
  z.object({ kind: z.literal("at"), ms: z.number().nonnegative() }),
  /** When that step begins; it ends with that step, too. */
  z.object({ kind: z.literal("with"), step: z.string() }),
  /** So many milliseconds after that step's measured part has begun. */
  z.object({ kind: z.literal("hold"), step: z.string(), ms: z.number().nonnegative() }),
]);
export type Begin = z.infer<typeof beginSchema>;

/** A level goes evenly to `to` within `forMs` milliseconds. */
export const stageSchema = z.object({ forMs: z.number().nonnegative(), to: z.number().nonnegative() });
export type Stage = z.infer<typeof stageSchema>;

/** How much a step does in the course of its measured part. */
export const profileSchema = z.object({
  /** One of the step's levels; absent: its first. */
  level: z.string().optional(),
  /** Where it begins; absent: where the level is. */
  from: z.number().nonnegative().optional(),
  stages: z.array(stageSchema).min(1),
});
export type Profile = z.infer<typeof profileSchema>;

/** One step of a run, as it is asked for. */
export const stepRequestSchema = z.object({
  /** Of its own in the run. */
  name: z.string().min(1).max(64),
  workload: z.string(),
  /** As given; the workload's own schema says what it may hold. */
  config: z.record(z.string(), z.unknown()),
  /** Absent: it follows the step above it; the first begins at once. */
  begin: beginSchema.optional(),
  /** Absent: it does as much as its configuration says, from its begin to its end. */
  profile: profileSchema.optional(),
});
export type StepRequest = z.infer<typeof stepRequestSchema>;

/** A run of one workload is a run of one step, which has the workload's name. */
export function oneStep(workload: string, config: Readonly<Record<string, unknown>>): StepRequest[] {
  return [{ name: workload, workload, config: { ...config } }];
}
