import * as z from "zod";
import { messageSchema } from "../text/schema.ts";
import { figureRefSchema } from "./description.ts";

/** How something that a run is held to stands. The form is k6's: `round_trip.p95 < 200ms`. */
const stateOf = <T extends z.ZodType>(text: T) =>
  z.object({
    /** As it was asked for, in one spelling: `round_trip.p95<200ms`. */
    expression: z.string(),
    /** "Round trip p95" */
    label: text,
    /** "< 200ms" */
    limit: text,
    /** With its unit; null where nothing has been measured. */
    observed: text.nullable(),
    /** The step that it is about; absent: all steps together. */
    step: z.string().optional(),
    /** While the run goes on it is how things stand; `pending` before there is a figure, never at the end. */
    state: z.enum(["pending", "met", "broken"]),
    /** Since when it is broken, in whole seconds since the run began; of one with a window, where its first such began. */
    since: z.number().optional(),
    /** The room that is left, as a share of the limit; below 0 where it is broken. Absent before there is a figure. */
    margin: z.number().optional(),
    /** Which figure it is about, and its limit, in the figure's own unit; absent in older versions. */
    figure: figureRefSchema.optional(),
    bound: z.number().optional(),
    /** Of one with a window that slides: which was the worst, in seconds since the run began; `until` is not in it. */
    worst: z.object({ from: z.number(), until: z.number() }).optional(),
  });
export const thresholdStateSchema = stateOf(messageSchema);
/** As scripts read it, in English. */
export const englishThresholdStateSchema = stateOf(z.string());
export type ThresholdState = z.infer<typeof thresholdStateSchema>;
