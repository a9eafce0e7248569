import { accessSync, constants, existsSync, statSync } from "node:fs";
import path from "node:path";
import { csvFields } from "../protocol/csv-fields.ts";
import { CliError, EXIT } from "./exit.ts";

/** In the order in which help lists them. */
export const FORMATS = [
  "text",
  "json",
  "junit",
  "csv",
  "seconds-csv",
  "html",
  "github",
  "prometheus-textfile",
] as const;
export type Format = (typeof FORMATS)[number];

export interface Output {
  format: Format;
  /** undefined: standard output. */
  path: string | undefined;
}

/** What was asked for by flag, else by the environment. */
export function outputSpecs(given: readonly string[] | undefined, env = process.env): readonly string[] {
  return given ?? csvFields(env.CODER_SCALETEST_OUTPUTS ?? "");
}

/** Reads `--output FORMAT[:PATH]`, and makes sure now that each path can be written. Throws CliError. */
export function parseOutputs(specs: readonly string[]): Output[] {
  const outputs = specs.map(parseOutput);
  const toStdout = outputs.filter((output) => output.path === undefined);
  if (toStdout.length > 1)
    throw new CliError("only one --output can go to standard output; give the others a path", EXIT.usage);
  return outputs.length > 0 ? outputs : [{ format: "text", path: undefined }];
}

function parseOutput(spec: string): Output {
  const [name, ...rest] = spec.split(":");
  const format = FORMATS.find((one) => one === name);
  if (!format) {
    const known = `${FORMATS.slice(0, -1).join(", ")} or ${FORMATS.at(-1)}`;
    throw new CliError(`--output "${spec}" must be ${known}, with :PATH after it for a file`, EXIT.usage);
  }
  const file = rest.join(":");
  if (rest.length === 0 || file === "-") return { format, path: undefined };
  if (file === "") throw new CliError(`--output "${spec}" names no file after the colon`, EXIT.usage);
  checkWritable(file);
  return { format, path: path.resolve(file) };
}

function checkWritable(file: string): void {
  const target = path.resolve(file);
  const fail = (why: string): never => {
    throw new CliError(`--output: ${file} cannot be written (${why})`, EXIT.usage);
  };
  try {
    if (existsSync(target)) {
      if (statSync(target).isDirectory()) fail("it is a folder");
      accessSync(target, constants.W_OK);
    } else {
      const folder = path.dirname(target);
      if (!existsSync(folder)) fail(`the folder ${folder} does not exist`);
      if (!statSync(folder).isDirectory()) fail(`${folder} is not a folder`);
      accessSync(folder, constants.W_OK);
    }
  } catch (error) {
    if (error instanceof CliError) throw error;
    fail((error as NodeJS.ErrnoException).code ?? String(error));
  }
}
