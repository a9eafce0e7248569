import type { StepView } from "../../../protocol/steps.ts";
import { english, type Message } from "../../../text/message.ts";

/** A value whose messages are English texts. */
export type InEnglish<T> = T extends Message
  ? Message extends T
    ? string
    : { [K in keyof T]: InEnglish<T[K]> }
  : T extends object
    ? { [K in keyof T]: InEnglish<T[K]> }
    : T;

/** What was promised to other extensions: figures with texts, not with messages. */
export type EnglishSnapshot = InEnglish<StepView>;

export function inEnglish<T>(value: T): InEnglish<T> {
  return translated(value) as InEnglish<T>;
}

function translated(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (isMessage(value)) return english(value);
  if (Array.isArray(value)) return value.map(translated);
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, translated(one)]));
}

const KEYS = new Set(["id", "one", "args"]);

/** Nothing else in a snapshot has an id and no more. */
function isMessage(value: object): value is Message {
  return "id" in value && Object.keys(value).every((key) => KEYS.has(key));
}
