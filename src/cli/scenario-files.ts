import { readFile } from "node:fs/promises";
import path from "node:path";
import type { Command } from "commander";
import { LimitError, limitsOf } from "../app/guard.ts";
import { hasErrors, type Problem } from "../scenario/problem.ts";
import { type ReadScenario, readScenario } from "../scenario/read.ts";
import { english } from "../text/message.ts";
import { workloads } from "../workloads/index.ts";
import { collect } from "./command.ts";
import { CliError, EXIT } from "./exit.ts";
import { presetNames, presetText } from "./preset-files.ts";

/** Flags of what reads scenario files. */
export interface ScenarioFlags {
  set?: string[];
  env?: string[];
}

export interface ScenarioFile extends ReadScenario {
  /** As it was named. */
  file: string;
}

export function scenarioFlags(command: Command): Command {
  return command
    .option(
      "--set <path=value>",
      "put a value into the file, such as steps.create.count=5; may be repeated",
      collect,
    )
    .option("--env <name>", "let the file read this variable besides SCALETEST_…; may be repeated", collect);
}

/** Reads and checks all files, or presets by their names, before anything is done with one. Throws CliError or UsageError. */
export function readFiles(files: readonly string[], flags: ScenarioFlags): Promise<ScenarioFile[]> {
  const limits = ceilings();
  return Promise.all(
    files.map(async (file) => {
      const text = await textOf(file);
      const { set = [], env: envNames = [] } = flags;
      return {
        file,
        ...readScenario(text, {
          workloads,
          set,
          envNames,
          env: process.env,
          limits,
          folder: path.dirname(path.resolve(file)),
        }),
      };
    }),
  );
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    if (code === "ENOENT" && isPlainName(file)) return presetNamed(file);
    throw new CliError(`${file} cannot be read (${code})`, EXIT.usage);
  }
}

/** Neither a path nor the name of a file: `200-users`. */
function isPlainName(file: string): boolean {
  return /^[\w-]+$/.test(file);
}

async function presetNamed(name: string): Promise<string> {
  const names = await presetNames();
  if (names.includes(name)) return presetText(name);
  throw new CliError(`${name} is neither a file nor a preset; presets are: ${names.join(", ")}`, EXIT.usage);
}

function ceilings(): ReturnType<typeof limitsOf> {
  try {
    return limitsOf(process.env);
  } catch (error) {
    if (error instanceof LimitError) throw new CliError(error.message, EXIT.usage);
    throw error;
  }
}

/** `FILE:LINE:COLUMN: error: what to do`, both from 1, as compilers have it. */
export function problemLine(file: string, { message, severity, range: { start } }: Problem): string {
  return `${file}:${start.line + 1}:${start.column + 1}: ${severity}: ${english(message)}`;
}

/** Tells of all that is wrong on standard error. Throws CliError where a file cannot be run. */
export function refuseFaulty(files: readonly ScenarioFile[]): void {
  for (const { file, problems } of files)
    for (const problem of problems) process.stderr.write(`${problemLine(file, problem)}\n`);
  const faulty = files.filter(({ problems }) => hasErrors(problems)).map(({ file }) => file);
  if (faulty.length > 0)
    throw new CliError(
      `nothing was run: fix ${faulty.join(" and ")} first; the errors are listed above`,
      EXIT.usage,
    );
}
