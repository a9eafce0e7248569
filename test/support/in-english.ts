import { english, type Message } from "../../src/text/message.ts";

const KEYS = new Set(["id", "one", "args"]);

/** Whether a value of a record is a message: it has an id, perhaps arguments, and nothing else. */
export function isMessage(value: unknown): value is Message {
  if (typeof value !== "object" || value === null || !("id" in value) || typeof value.id !== "string")
    return false;
  return Object.keys(value).every((key) => KEYS.has(key));
}

/** The same with its messages in English, to compare it by. */
export function inEnglish(value: unknown): unknown {
  if (isMessage(value)) return english(value);
  if (Array.isArray(value)) return value.map(inEnglish);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, inEnglish(one)]));
}

/** All messages in a record, those within others too. */
export function messagesIn(value: unknown): Message[] {
  if (isMessage(value)) return [value, ...(value.args ?? []).flatMap(messagesIn)];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(messagesIn);
}
