import { type Command, Option as Flag } from "commander";
import type { Option } from "../contract/option.ts";
import type { Workload } from "../contract/workload.ts";
import { parseOption } from "../workloads/options.ts";
import { parametersOf } from "./parameters.ts";

/** A workload's own flags, made from its option table. */
export function addOptions(command: Command, options: readonly Option[]): void {
  for (const option of options) command.addOption(flagOf(option));
}

function flagOf(option: Option): Flag {
  const short = option.short ? `-${option.short}, ` : "";
  const value = option.kind === "boolean" ? "" : ` <${option.placeholder ?? placeholders[option.kind]}>`;
  // A leading "no-" would make commander invert the flag: its attribute is named by the key instead.
  const flag = new Flag(`${short}--${option.flag}${value}`, describe(option));
  flag.attributeName = () => option.key;
  flag.negate = false;
  if (option.kind === "list")
    flag.argParser((one: string, all: string[] | undefined) => [...(all ?? []), one]);
  if (option.unsupported || option.hidden) flag.hideHelp();
  return flag;
}

const placeholders = {
  integer: "n",
  string: "text",
  duration: "duration",
  choice: "choice",
  list: "text",
  boolean: "",
};

function describe(option: Option): string {
  const notes = [
    option.choices ? option.choices.join("|") : "",
    option.default ? `default ${option.default}` : "",
    option.env ? `$${option.env}` : "",
  ].filter(Boolean);
  return notes.length > 0 ? `${option.description} (${notes.join(", ")})` : option.description;
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
  for (const option of workload.options) {
    const typed = flags[option.key] ?? fromEnvironment(option, env) ?? option.default;
    if (typed !== undefined) config[option.key] = parseOption(option, typed as string | string[] | boolean);
  }
  return workload.check(shape(config));
}

function fromEnvironment(option: Option, env: NodeJS.ProcessEnv): string | string[] | undefined {
  const value = option.env ? env[option.env] : undefined;
  if (value === undefined || value === "") return undefined;
  return option.kind === "list" ? value.split(",") : value;
}

/** Flags that stand for something else in the configuration: negations, and parameters from two places. */
function shape(config: Record<string, unknown>): Record<string, unknown> {
  const { noSsh, noCleanup, noWaitForAgents, parameters, richParameterFile, ...rest } = config;
  if (noSsh !== undefined) rest.ssh = !noSsh;
  if (noCleanup !== undefined) rest.cleanup = !noCleanup;
  if (noWaitForAgents !== undefined) rest.waitForAgents = !noWaitForAgents;
  if (parameters !== undefined || richParameterFile !== undefined) {
    rest.parameters = parametersOf(
      (parameters as string[] | undefined) ?? [],
      richParameterFile as string | undefined,
    );
  }
  return rest;
}
