import { parseDuration } from "../../protocol/duration.ts";
import { ofWords, say, words } from "../../text/message.ts";
import { choicesOf, type Field, type Reading } from "./field.ts";
import { problemIn } from "./problem.ts";

export const DURATION_RULE = words("must be a duration such as 100ms, 5m or 1h30m");
const LIST_RULE = words("must be a list of texts");

/**
 * Reads what was written for a field (text, or what JSON has for it) and checks it by the field's own rules. What is
 * written is what the flag takes: true for `--no-ssh` makes `ssh` false, a duration has its unit.
 */
export function readTyped(field: Field, typed: unknown): Reading {
  if (field.unsupported) return { problem: say("is not supported: {0}", ofWords(field.unsupported)) };
  const reading = readers[field.kind](typed, field);
  if ("problem" in reading) return reading;
  return checked(field, field.negated ? !reading.value : reading.value);
}

/**
 * The same by the field's key in the configuration: a number is milliseconds, also where it comes as a text, as the
 * value of a variable does; nothing is negated.
 */
export function readValue(field: Field, value: unknown): Reading {
  if (field.unsupported) return readTyped(field, value);
  if (field.kind === "duration" && typeof value !== "string") return checked(field, value);
  if (field.kind === "duration" && isNumeral(value)) return checked(field, Number(value));
  const reading = readers[field.kind](value, field);
  return "problem" in reading ? reading : checked(field, reading.value);
}

/** By the field's own rules; the value itself goes on, for the schema of the whole to read it. */
function checked({ type }: Field, value: unknown): Reading {
  const { error } = type.safeParse(value);
  return error ? { problem: problemIn(error.issues[0]) } : { value };
}

const readers: Record<Field["kind"], (typed: unknown, field: Field) => Reading> = {
  boolean: readBoolean,
  integer: readInteger,
  duration: readDuration,
  choice: readChoice,
  list: readList,
  map: readMap,
  text: (typed) => (typeof typed === "string" ? { value: typed } : not(words("must be a text"), typed)),
  data: (typed) => ({ value: typed }),
};

/** Go's spellings of a bool, which Coder's environment variables use. */
function readBoolean(typed: unknown): Reading {
  if (typeof typed === "boolean") return { value: typed };
  const text = typeof typed === "string" ? typed.trim().toLowerCase() : undefined;
  if (text !== undefined && ["1", "t", "true"].includes(text)) return { value: true };
  if (text !== undefined && ["0", "f", "false", ""].includes(text)) return { value: false };
  return not(words("must be true or false"), typed);
}

function isNumeral(value: unknown): boolean {
  return typeof value === "string" && /^\s*\d+\s*$/.test(value);
}

function readInteger(typed: unknown): Reading {
  const text = scalarText(typed);
  const value = Number(text);
  return text !== undefined && /^[+-]?\d+$/.test(text.trim()) && Number.isSafeInteger(value)
    ? { value }
    : not(words("must be a whole number"), typed);
}

function readDuration(typed: unknown): Reading {
  const ms = parseDuration(scalarText(typed) ?? "");
  return ms === undefined ? not(DURATION_RULE, typed) : { value: ms };
}

function readChoice(typed: unknown, field: Field): Reading {
  const choices = choicesOf(field);
  return typeof typed === "string" && choices.includes(typed)
    ? { value: typed }
    : { problem: say("must be one of {0}, not {1}", choices.join(", "), shown(typed)) };
}

function readList(typed: unknown): Reading {
  if (typeof typed === "string") return { value: [typed] };
  return isTexts(typed) ? { value: typed } : not(LIST_RULE, typed);
}

/** NAME=VALUE, once or several times; or an object, as JSON has it. */
function readMap(typed: unknown, { mayBeSecret }: Field): Reading {
  if (typeof typed === "object" && typed !== null && !Array.isArray(typed)) return { value: mapOf(typed) };
  const list = readList(typed);
  if ("problem" in list || !isTexts(list.value)) return not(words("must be names with their values"), typed);
  const wrong = list.value.findIndex((text) => text.indexOf("=") < 1);
  if (wrong >= 0) {
    const quoted = say('"{0}" must be NAME=VALUE', list.value[wrong] ?? "");
    const counted = say("must be NAME=VALUE; number {0} of {1} is not", wrong + 1, list.value.length);
    return { problem: mayBeSecret ? counted : quoted };
  }
  const pairs = list.value.map(nameAndValue);
  const values = new Map<string, string>();
  for (const [name, value] of pairs) {
    if (values.has(name) && values.get(name) !== value)
      return {
        problem: mayBeSecret
          ? say('gives "{0}" two values', name)
          : say('gives "{0}" two values, "{1}" and "{2}"', name, values.get(name) ?? "", value),
      };
    values.set(name, value);
  }
  return { value: Object.fromEntries(values) };
}

function nameAndValue(text: string): [string, string] {
  const at = text.indexOf("=");
  return [text.slice(0, at), text.slice(at + 1)];
}

/** Values as texts: what is no text is written as JSON, lists above all. */
export function mapOf(values: object): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      typeof value === "object" && value !== null ? JSON.stringify(value) : String(value ?? ""),
    ]),
  );
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

function scalarText(typed: unknown): string | undefined {
  return typeof typed === "string" || typeof typed === "number" ? String(typed) : undefined;
}

function not(rule: string, typed: unknown): Reading {
  return { problem: say("{0}, not {1}", ofWords(rule), shown(typed)) };
}

function shown(typed: unknown): string {
  return typeof typed === "object" ? JSON.stringify(typed) : `"${String(typed)}"`;
}
