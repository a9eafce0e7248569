import * as z from "zod";
import type { Field } from "../../contract/fields/field.ts";
import { readTyped } from "../../contract/fields/read.ts";
import { wordsOf } from "../../l10n/text.ts";
import { durationProblem, wholeNumberProblem } from "./steps.ts";

/** undefined where the field takes what was typed, else what is wrong with it. The limits are the field's own. */
export function fieldProblem(field: Field, text: string): string | undefined {
  const least = field.type instanceof z.ZodNumber ? (field.type.minValue ?? 0) : 0;
  const problem =
    field.kind === "integer"
      ? wholeNumberProblem(text, least)
      : field.kind === "duration"
        ? durationProblem(text, least)
        : undefined;
  if (problem !== undefined) return problem;
  const reading = readTyped(field, text);
  return "problem" in reading ? wordsOf(reading.problem) : undefined;
}

/** What the field makes of a text that it takes. */
export function numberOf(field: Field, text: string): number {
  const reading = readTyped(field, text.trim());
  return "value" in reading ? Number(reading.value) : Number.NaN;
}
