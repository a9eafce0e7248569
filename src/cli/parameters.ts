import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { UsageError } from "../contract/failures.ts";

/**
 * Template parameters from `--parameter NAME=VALUE` and `--rich-parameter-file`; what is given by flag wins.
 * Throws UsageError.
 */
export function parametersOf(flags: readonly string[], file: string | undefined): Record<string, string> {
  return { ...(file === undefined ? {} : parametersOfFile(file)), ...parametersOfFlags(flags) };
}

function parametersOfFlags(flags: readonly string[]): Record<string, string> {
  const entries = flags.map((flag) => {
    const at = flag.indexOf("=");
    if (at < 1) throw new UsageError(`--parameter "${flag}" must be NAME=VALUE`);
    return [flag.slice(0, at), flag.slice(at + 1)] as const;
  });
  return Object.fromEntries(entries);
}

function parametersOfFile(file: string): Record<string, string> {
  let content: unknown;
  try {
    content = parse(readFileSync(file, "utf8"));
  } catch (error) {
    const text = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
    throw new UsageError(`--rich-parameter-file ${file} cannot be read: ${text}`);
  }
  if (typeof content !== "object" || content === null || Array.isArray(content)) {
    throw new UsageError(`--rich-parameter-file ${file} must hold lines of NAME: VALUE`);
  }
  return Object.fromEntries(Object.entries(content).map(([name, value]) => [name, valueText(value)]));
}

/** Lists are given to Coder as JSON. */
function valueText(value: unknown): string {
  return typeof value === "object" && value !== null ? JSON.stringify(value) : String(value ?? "");
}
