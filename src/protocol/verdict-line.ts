import { type Message, sayAll } from "../text/message.ts";
import type { Answer } from "./answer.ts";

/** The one sentence of an answer. */
export function verdictLine({ parts }: Pick<Answer, "parts">): Message {
  return sayAll(parts, "; ");
}
