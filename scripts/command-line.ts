// Writes the reference of docs/command-line.md, between its marks, from the commands themselves: `npm run manifest`.
// With `--check`, as lint runs it, nothing is written: the exit status says whether the page is what the code has.
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Argument, Command, Option } from "commander";
import { programFor } from "../src/cli/program.ts";

const PAGE = path.join(fileURLToPath(new URL("..", import.meta.url)), "docs", "command-line.md");
const BEGIN = "<!-- reference -->\n";
const END = "<!-- end -->\n";

/** The page with the reference as it should be. */
export function withReference(page: string): string {
  const from = page.indexOf(BEGIN);
  const until = page.indexOf(END);
  if (from < 0 || until < from)
    throw new Error(`docs/command-line.md: ${BEGIN.trim()} … ${END.trim()} is missing`);
  return `${page.slice(0, from + BEGIN.length)}\n${reference()}\n${page.slice(until)}`;
}

function reference(): string {
  const program = programFor(() => undefined);
  const shared = `Flags that may stand before each command:\n\n${flagTable(program)}`;
  return [shared, ...leaves(program).map(sectionOf)].join("\n\n");
}

/** Commands that do something, each with the words that call it. */
function leaves(
  command: Command,
  words: readonly string[] = [],
): { command: Command; words: readonly string[] }[] {
  return command.commands.flatMap((one) => {
    const called = [...words, one.name()];
    return one.commands.length > 0 ? leaves(one, called) : [{ command: one, words: called }];
  });
}

function sectionOf({ command, words }: { command: Command; words: readonly string[] }): string {
  const called = [...words, ...command.registeredArguments.map(argumentText)].join(" ");
  const parts = [`### \`${called}\``, command.description(), flagTable(command)];
  return parts.filter((part) => part !== "").join("\n\n");
}

function argumentText(argument: Argument): string {
  const name = argument.variadic ? `${argument.name()}...` : argument.name();
  return argument.required ? `<${name}>` : `[${name}]`;
}

function flagTable(command: Command): string {
  const options = command
    .createHelp()
    .visibleOptions(command)
    .filter(({ long }) => long !== "--help");
  if (options.length === 0) return "";
  return ["| flag | |", "| --- | --- |", ...options.map(rowOf)].join("\n");
}

function rowOf({ flags, description, argChoices, defaultValue, defaultValueDescription }: Option): string {
  const value = defaultValueDescription ?? (Array.isArray(defaultValue) ? undefined : defaultValue);
  const extras = [
    argChoices ? argChoices.join(", ") : "",
    value === undefined || value === false ? "" : `default: ${value}`,
  ].filter((text) => text !== "");
  const text = extras.length > 0 ? `${description} (${extras.join("; ")})` : description;
  return `| \`${flags.replaceAll("|", "\\|")}\` | ${cell(text)} |`;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ").replaceAll("<", "&lt;");
}

const page = readFileSync(PAGE, "utf8");
const made = withReference(page);
if (made !== page && !process.argv.includes("--check")) writeFileSync(PAGE, made);
else if (made !== page) {
  console.error("docs/command-line.md is not what the code has: npm run manifest");
  process.exitCode = 1;
}
