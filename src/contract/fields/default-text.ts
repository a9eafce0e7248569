import { writeDuration } from "../../protocol/duration.ts";
import type { Field } from "./field.ts";

/** The default as it would be typed; undefined where there is none, or nothing to say about it. */
export function defaultText(field: Field): string | undefined {
  const { default: value } = field;
  if (field.kind === "duration") return typeof value === "number" ? writeDuration(value) : undefined;
  return typeof value === "number" || typeof value === "string" ? String(value) : undefined;
}
