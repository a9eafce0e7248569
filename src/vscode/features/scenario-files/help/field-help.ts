import { defaultText } from "../../../../contract/fields/default-text.ts";
import { choicesOf, type Field } from "../../../../contract/fields/field.ts";
import type { ShortForm } from "../../../../contract/fields/short-form.ts";
import { lookedUp, t } from "../../../../l10n/text.ts";

/** What a field is, how its value is written, and what holds where it is left out: Markdown. */
export function fieldHelp(field: Field): string {
  const value = defaultOf(field);
  return [
    lookedUp(field.description),
    [writtenAs(field), ...(value === undefined ? [] : [t("default {0}", code(value))])].join(" · "),
  ].join("\n\n");
}

export function formHelp({ description, choices }: ShortForm): string {
  return `${lookedUp(description)}\n\n${oneOf(Object.keys(choices))}`;
}

/** As it would be written in a file; undefined where there is none, or nothing to say about it. */
export function defaultOf(field: Field): string | undefined {
  return typeof field.default === "boolean" ? String(field.default) : defaultText(field);
}

function writtenAs(field: Field): string {
  switch (field.kind) {
    case "duration":
      return timeHelp();
    case "integer":
      return field.unit === "bytes" ? t("a whole number of bytes") : t("a whole number");
    case "boolean":
      return oneOf(["true", "false"]);
    case "choice":
      return oneOf(choicesOf(field));
    case "list":
      return t("a list");
    case "map":
      return t("names with their values");
    default:
      return field.placeholder ? t("a text such as {0}", code(field.placeholder)) : t("a text");
  }
}

export function timeHelp(): string {
  return t("a time with its unit, such as {0}", code("1m30s"));
}

function oneOf(choices: readonly string[]): string {
  return t("one of {0}", choices.map(code).join(", "));
}

export function code(text: string): string {
  return `\`${text.replaceAll("`", "'")}\``;
}
