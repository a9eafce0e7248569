import { defaultText } from "../contract/fields/default-text.ts";
import { choicesOf, type Field } from "../contract/fields/field.ts";
import { type Message, say, sayAll } from "../text/message.ts";

/** How a field's value is written, and what holds where it is left out: "a whole number · default `1`", in Markdown. */
export function saysOfField(field: Field): Message {
  const value = defaultOf(field);
  return sayAll([writtenAs(field), ...(value === undefined ? [] : [say("default {0}", code(value))])], " · ");
}

/** As it would be written in a file; undefined where there is none, or nothing to say about it. */
export function defaultOf(field: Field): string | undefined {
  return typeof field.default === "boolean" ? String(field.default) : defaultText(field);
}

export function saysOfTime(): Message {
  return say("a time with its unit, such as {0}", code("1m30s"));
}

export function saysOneOf(choices: readonly string[]): Message {
  return say("one of {0}", choices.map(code).join(", "));
}

function writtenAs(field: Field): Message {
  switch (field.kind) {
    case "duration":
      return saysOfTime();
    case "integer":
      return field.unit === "bytes" ? say("a whole number of bytes") : say("a whole number");
    case "boolean":
      return saysOneOf(["true", "false"]);
    case "choice":
      return saysOneOf(choicesOf(field));
    case "list":
      return say("a list");
    case "map":
      return say("names with their values");
    default:
      return field.placeholder ? say("a text such as {0}", code(field.placeholder)) : say("a text");
  }
}

/** As it is written, in Markdown. */
export function code(text: string): string {
  return `\`${text.replaceAll("`", "'")}\``;
}
