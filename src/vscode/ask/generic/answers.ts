import { defaultText } from "../../../contract/fields/default-text.ts";
import type { Field, Reading } from "../../../contract/fields/field.ts";
import { mapOf, readTyped } from "../../../contract/fields/read.ts";
import type { Fields } from "../../../contract/fields/table.ts";
import { lookedUp, wordsOf } from "../../../l10n/text.ts";
import { csvFields } from "../../../protocol/csv-fields.ts";
import { roundDuration } from "../steps.ts";

/** What a run is held to has a question of its own. */
export const THRESHOLDS = "thresholds";

/** Fields that a person can be asked for, by key. */
export function shownFields(fields: Fields): [string, Field][] {
  return Object.entries(fields).filter(
    ([key, { flag, hidden, unsupported }]) =>
      flag !== undefined && !hidden && unsupported === undefined && key !== THRESHOLDS,
  );
}

/** No run can begin without it, or nobody should begin one without having thought of it. */
export function isNeeded({ asked, schema }: Field): boolean {
  return asked !== undefined || !schema.safeParse(undefined).success;
}

/** The question: what the field says of itself. */
export function questionOf({ description }: Field): string {
  return lookedUp(description);
}

/** What stands in an empty box. */
export function placeholderOf({ placeholder }: Field): string | undefined {
  return placeholder === undefined ? undefined : lookedUp(placeholder);
}

/** The words of all questions, for those who translate them. */
export function wordsOfFields(fields: Fields): string[] {
  return shownFields(fields).flatMap(([, { description, placeholder }]) => [
    description,
    ...(placeholder === undefined ? [] : [placeholder]),
  ]);
}

/** A value as it would be typed; empty for none. */
export function typedText(field: Field, value: unknown): string {
  if (value === undefined || value === null) return "";
  if (field.kind === "duration") return typeof value === "number" ? roundDuration(value) : String(value);
  if (field.kind === "list" && Array.isArray(value)) return value.map(quoted).join(",");
  if (field.kind === "map" && typeof value === "object")
    return Object.entries(mapOf(value))
      .map(([name, one]) => quoted(`${name}=${one}`))
      .join(",");
  return String(value);
}

/** Several values are separated by commas, as in an environment variable. */
export function readAnswer(field: Field, text: string): Reading {
  const typed = text.trim();
  if (field.kind === "list" || field.kind === "map") return readTyped(field, csvFields(typed));
  return readTyped(field, typed);
}

/** undefined where the field takes what was typed, else what is wrong. Nothing typed: the default holds. */
export function answerProblem(field: Field, text: string): string | undefined {
  if (text.trim() === "" && !isNeeded(field)) return undefined;
  const reading = readAnswer(field, text);
  return "problem" in reading ? wordsOf(reading.problem) : undefined;
}

/** What holds where nobody says anything, for people; empty where there is nothing to say. */
export function defaultShown(field: Field): string {
  return defaultText(field) ?? "";
}

function quoted(value: unknown): string {
  const text = String(value);
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
