import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { CliError, EXIT } from "./exit.ts";

const ENDING = ".scaletest.yaml";

/** Of the scenarios that come with the product; those of few users come first. */
export async function presetNames(): Promise<string[]> {
  const files = await readdir(folder());
  return files
    .filter((file) => file.endsWith(ENDING))
    .map((file) => path.basename(file, ENDING))
    .sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
}

/** The file of a preset. Rejects with CliError (usage) where there is none of this name. */
export async function presetText(name: string): Promise<string> {
  const names = await presetNames();
  if (!names.includes(name))
    throw new CliError(`there is no preset "${name}": there is ${names.join(", ")}`, EXIT.usage);
  return readFile(path.join(folder(), `${name}${ENDING}`), "utf8");
}

/** Beside what is built. */
function folder(): string {
  return path.join(__dirname, "..", "examples");
}
