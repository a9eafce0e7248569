import * as z from "zod";
import { DURATION } from "../../protocol/duration.ts";
import { english } from "../../text/message.ts";
import { defaultText } from "./default-text.ts";
import type { Field } from "./field.ts";
import { DURATION_RULE, readTyped } from "./read.ts";
import type { Spelling } from "./spellings.ts";

/** A JSON schema as the editor reads it: `doNotSuggest` and `patternErrorMessage` are VS Code's own. */
export interface JsonSchema {
  description: string;
  type?: string | string[];
  pattern?: string;
  patternErrorMessage?: string;
  doNotSuggest?: true;
  default?: unknown;
  [keyword: string]: unknown;
}

/** What may be written under a field's name. */
export function jsonSchemaOf({ field, by, preferred }: Spelling): JsonSchema {
  const { file } = field;
  if (by === "file" && file) return { type: "string", description: file.description };
  const schema = by === "flag" ? typedSchema(field) : valueSchema(field);
  return {
    ...schema,
    ...(preferred ? shownDefault(field, by) : { doNotSuggest: true }),
    description: field.description,
  };
}

/** As it would be typed: a duration has its unit. */
function typedSchema(field: Field): Omit<JsonSchema, "description"> {
  if (field.kind !== "duration") return valueSchema(field);
  return { type: "string", pattern: DURATION.source, patternErrorMessage: DURATION_RULE };
}

function valueSchema(field: Field): Omit<JsonSchema, "description"> {
  const { $schema: _dialect, ...schema } = z.toJSONSchema(field.type, {
    io: "input",
    unrepresentable: "any",
  });
  // The bounds of a whole number in JavaScript say nothing to whoever writes one.
  const { minimum, maximum, ...rest } = schema;
  const plain = {
    ...rest,
    ...(minimum === undefined || minimum === Number.MIN_SAFE_INTEGER ? {} : { minimum }),
    ...(maximum === undefined || maximum === Number.MAX_SAFE_INTEGER ? {} : { maximum }),
  };
  // What is no text is taken as one: `cpus: 4` is as good as `cpus: "4"`.
  if (field.kind === "map")
    return { type: "object", additionalProperties: { type: ["string", "number", "boolean"] } };
  if (schema.pattern === undefined) return plain;
  return { ...plain, patternErrorMessage: ruleOf(field) };
}

/** What the field says of a text that does not fit its pattern. */
function ruleOf(field: Field): string {
  const reading = readTyped(field, "\u0000");
  return "problem" in reading ? english(reading.problem) : "";
}

function shownDefault(field: Field, by: Spelling["by"]): { default?: unknown } {
  if (field.asked || field.default === undefined) return {};
  return { default: by === "flag" ? defaultText(field) : field.default };
}
