import type { Field } from "../../../../contract/fields/field.ts";
import type { ShortForm } from "../../../../contract/fields/short-form.ts";
import { lookedUp, wordsOf } from "../../../../l10n/text.ts";
import { saysOfField, saysOfTime, saysOneOf } from "../../../../scenario/field-words.ts";

/** What a field is, how its value is written, and what holds where it is left out: Markdown. */
export function fieldHelp(field: Field): string {
  return `${lookedUp(field.description)}\n\n${wordsOf(saysOfField(field))}`;
}

export function formHelp({ description, choices }: ShortForm): string {
  return `${lookedUp(description)}\n\n${wordsOf(saysOneOf(Object.keys(choices)))}`;
}

export function timeHelp(): string {
  return wordsOf(saysOfTime());
}
