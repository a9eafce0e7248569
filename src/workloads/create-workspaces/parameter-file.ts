import { readFileSync } from "node:fs";
import { parse } from "yaml";
import type { Reading } from "../../contract/fields/field.ts";
import { mapOf } from "../../contract/fields/read.ts";
import { say } from "../../text/message.ts";

/** Template parameters from a YAML file of NAME: VALUE; lists are given to Coder as JSON. */
export function readParameterFile(file: string): Reading {
  let content: unknown;
  try {
    content = parse(readFileSync(file, "utf8"));
  } catch (error) {
    const text = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
    return { problem: say("{0} cannot be read: {1}", file, text) };
  }
  if (typeof content !== "object" || content === null || Array.isArray(content)) {
    return { problem: say("{0} must hold lines of NAME: VALUE", file) };
  }
  return { value: mapOf(content) };
}
