import * as z from "zod";
import { english } from "../text/message.ts";
import { messageSchema } from "../text/schema.ts";

/**
 * The answer that a run gives, while it goes on and at the end: whether it holds, what limits it and since when, or that it
 * cannot tell and why. The engine makes it; whoever shows it knows nothing of how.
 */

const spanSchema = z.object({
  /** Whole seconds since the run began; `until` is not in it. */
  from: z.number(),
  until: z.number(),
});

const answerOf = <T extends z.ZodType>(text: T) =>
  z.object({
    /** While the run goes on, it is how things stand. `unknown`: it cannot tell. */
    holds: z.enum(["yes", "no", "unknown"]),
    /** Whose limit is reached. `deployment` only where a figure of the deployment's own agrees. */
    limited_by: z.enum(["nothing", "tool", "deployment_or_way", "deployment", "undecided", "unknown"]),
    /** Whole seconds since the run began; null where nothing limits it, or nothing shows when that began. */
    since: z.number().nullable(),
    /** Parts of the sentence: whether it holds and by what margin, what limits it, what failed first. */
    parts: z.array(text),
    /** The threshold with the least room, and that as a share of its limit: below 0 where it is broken. */
    margin: z.object({ expression: z.string(), share: z.number() }).optional(),
    /** The seconds in which this tool was late; the first few of them. */
    late: z.array(spanSchema),
    /** The rule, branch by branch; those that decided are marked. */
    why: z.array(z.object({ text, applies: z.boolean() })),
  });

export const answerSchema = answerOf(messageSchema);
/** As scripts read it, in English. */
export const englishAnswerSchema = answerOf(z.string());
export type Answer = z.infer<typeof answerSchema>;
export type EnglishAnswer = z.infer<typeof englishAnswerSchema>;
export type Span = z.infer<typeof spanSchema>;

export function englishAnswer({ parts, why, ...rest }: Answer): EnglishAnswer {
  return {
    ...rest,
    parts: parts.map(english),
    why: why.map(({ text, applies }) => ({ text: english(text), applies })),
  };
}
