import { type Command, Option as Flag } from "commander";
import { defaultText } from "../contract/fields/default-text.ts";
import { choicesOf, type Field, type FileSource, type Kind, type Reading } from "../contract/fields/field.ts";
import { flagName } from "../contract/fields/names.ts";
import { readTyped } from "../contract/fields/read.ts";
import type { Fields } from "../contract/fields/table.ts";
import { UsageError } from "../contract/fields/usage-error.ts";
import type { Workload } from "../contract/workload.ts";
import { csvFields } from "../protocol/csv-fields.ts";
import { say } from "../text/message.ts";

/** A workload's own flags, made from its table. */
export function addOptions(command: Command, fields: Fields): void {
  for (const [key, field] of Object.entries(fields)) {
    if (field.flag) command.addOption(flagOf(key, field.flag, field));
    if (field.file) command.addOption(fileFlagOf(field.file));
  }
}

function flagOf(key: string, name: string, field: Field): Flag {
  const short = field.short ? `-${field.short}, ` : "";
  const value = field.kind === "boolean" ? "" : ` <${field.placeholder ?? placeholders[field.kind]}>`;
  const notes = [choicesOf(field).join("|"), defaultNote(field), variable(field)];
  const flag = new Flag(`${short}--${name}${value}`, described(field.description, notes));
  // A leading "no-" would make commander invert the flag: its attribute is named by the key instead.
  flag.attributeName = () => key;
  flag.negate = false;
  if (field.kind === "list" || field.kind === "map")
    flag.argParser((one: string, all: string[] | undefined) => [...(all ?? []), ...csvFields(one)]);
  if (field.unsupported || field.hidden) flag.hideHelp();
  return flag;
}

function fileFlagOf(file: FileSource): Flag {
  return new Flag(`--${file.flag} <${file.placeholder}>`, described(file.description, [variable(file)]));
}

const placeholders: Record<Kind, string> = {
  integer: "n",
  text: "text",
  duration: "duration",
  choice: "choice",
  list: "text",
  map: "name=value",
  data: "json",
  boolean: "",
};

function defaultNote(field: Field): string {
  const text = defaultText(field);
  return text === undefined ? "" : `default ${text}`;
}

function variable({ env }: Pick<Field, "env">): string {
  return env ? `$${env}` : "";
}

function described(description: string, notes: readonly string[]): string {
  const told = notes.filter(Boolean);
  return told.length > 0 ? `${description} (${told.join(", ")})` : description;
}

/**
 * The configuration from flags and environment, checked against the workload's schema.
 * Throws UsageError naming the flag.
 */
export function configOf(
  workload: Workload,
  flags: Readonly<Record<string, unknown>>,
  env: NodeJS.ProcessEnv = process.env,
): { config: Readonly<Record<string, unknown>>; title: string } {
  const config: Record<string, unknown> = {};
  for (const [key, field] of Object.entries(workload.fields)) {
    const typed = field.flag ? (flags[key] ?? fromEnvironment(field, env)) : undefined;
    const value = typed === undefined ? undefined : readOrRefuse(field.flag, readTyped(field, typed));
    const values = field.file ? withFile(field.file, value, flags, env) : value;
    if (values !== undefined) config[key] = values;
  }
  return workload.check(config);
}

/** What is given by flag wins over the file. */
function withFile(
  file: FileSource,
  given: unknown,
  flags: Readonly<Record<string, unknown>>,
  env: NodeJS.ProcessEnv,
): unknown {
  const path = flags[flagName(file.flag)] ?? (env[file.env] || undefined);
  if (path === undefined) return given;
  return Object.assign({}, readOrRefuse(file.flag, file.read(String(path))), given);
}

function readOrRefuse(flag: string | undefined, reading: Reading): unknown {
  if ("problem" in reading) throw new UsageError(say("--{0} {1}", flag ?? "", reading.problem));
  return reading.value;
}

function fromEnvironment({ env: name, kind }: Field, env: NodeJS.ProcessEnv): string | string[] | undefined {
  const value = name ? env[name] : undefined;
  if (value === undefined || value === "") return undefined;
  return kind === "list" || kind === "map" ? csvFields(value) : value;
}
