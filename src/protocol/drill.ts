import * as z from "zod";
import { english, type Message } from "../text/message.ts";

/**
 * Drills: something was taken from the deployment while it was under load. What was promised for that case stands beside
 * what was seen. Nobody who shows them knows a drill by name.
 */

const sideOf = <T extends z.ZodType>(text: T) =>
  z.object({
    text,
    /** The number in it, a share of 1, milliseconds or a count; null where there is none. */
    value: z.number().nullable(),
  });

export const drillOf = <T extends z.ZodType>(text: T) =>
  z.object({
    /** Stable across runs, for scripts: `replica_loss`. */
    drill: z.string(),
    /** For people: "A replica of coderd was lost". */
    title: text,
    /** Whole seconds since the run began. */
    at: z.number(),
    lines: z.array(z.object({ what: text, promised: sideOf(text), seen: sideOf(text) })),
  });

/** A drill and what came of it, in texts of that kind. */
interface DrillIn<T> {
  drill: string;
  title: T;
  at: number;
  lines: DrillLineIn<T>[];
}

interface DrillLineIn<T> {
  what: T;
  promised: { text: T; value: number | null };
  seen: { text: T; value: number | null };
}

export type Drilled = DrillIn<Message>;
export type DrillLine = DrillLineIn<Message>;
export type EnglishDrilled = DrillIn<string>;

export function englishDrill({ title, lines, ...drill }: Drilled): EnglishDrilled {
  const side = ({ text, value }: DrillLine["seen"]) => ({ text: english(text), value });
  return {
    ...drill,
    title: english(title),
    lines: lines.map(({ what, promised, seen }) => ({
      what: english(what),
      promised: side(promised),
      seen: side(seen),
    })),
  };
}
