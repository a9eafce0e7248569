import { say } from "../../text/message.ts";
import type { Field, Reading } from "./field.ts";
import { flagName } from "./names.ts";
import { readTyped, readValue } from "./read.ts";
import type { Fields } from "./table.ts";

/** A name by which JSON (a task, later a scenario) can say a field's value. */
export interface Spelling {
  name: string;
  /** Of the field, in the configuration. */
  key: string;
  field: Field;
  /** `key` takes the value as the configuration has it, `flag` as it would be typed, `file` a path. */
  by: "key" | "flag" | "file";
  /** The one that completion offers. */
  preferred: boolean;
}

/** A name that tasks had before every field had one: another name of a spelling, and what its values mean there. */
export interface EarlierName {
  name: string;
  /** Among the spellings of the workload's fields. */
  now: string;
  values?: Readonly<Record<string, unknown>>;
}

/** Every name of every field: its key, its flag (`--run-command` is `runCommand`), and the flag of its file. */
export function spellingsOf(fields: Fields): Spelling[] {
  return Object.entries(fields).flatMap(([key, field]) => {
    if (!field.flag) return [];
    const shown = !field.hidden && field.unsupported === undefined;
    const typed = flagName(field.flag);
    // A duration reads best with its unit; everything else as it is in the configuration.
    const byFlag = field.kind === "duration" && typed !== key;
    return [
      { name: key, key, field, by: "key" as const, preferred: shown && !byFlag },
      ...(typed === key
        ? []
        : [{ name: typed, key, field, by: "flag" as const, preferred: shown && byFlag }]),
      ...(field.file
        ? [{ name: flagName(field.file.flag), key, field, by: "file" as const, preferred: shown }]
        : []),
    ];
  });
}

/** Reads what JSON has under a spelling. */
export function readSpelled({ field, by }: Spelling, value: unknown): Reading {
  if (by === "key") return readValue(field, value);
  if (by === "flag") return readTyped(field, value);
  return typeof value === "string" && field.file
    ? field.file.read(value)
    : { problem: say("must name a file") };
}
