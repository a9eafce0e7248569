import type * as z from "zod";
import { english, type Message, ofWords, say } from "../../text/message.ts";

/** Kept with an issue of a schema whose sentence has values in it: schemas themselves only know texts. */
const SAID = "said";

/** What a schema says against a value: "must be 1 or more". Texts of our own schemas are marked by `words`. */
export function problemIn(issue: z.core.$ZodIssue | undefined): Message {
  if (!issue) return say("is not valid");
  const said = issue.code === "custom" ? (issue.params?.[SAID] as Message | undefined) : undefined;
  return said ?? ofWords(issue.message);
}

/** For `addIssue`: a problem that is more than a constant text. */
export function issueOf(said: Message) {
  return { code: "custom" as const, message: english(said), params: { [SAID]: said } };
}
