import * as z from "zod";
import { field } from "../../contract/fields/field.ts";
import { fieldTable, schemaOf } from "../../contract/fields/table.ts";
import { words } from "../../text/message.ts";
import { someMilliseconds } from "../common-fields.ts";
import { thresholdField } from "../thresholds.ts";
import { PROGRAM_METRICS } from "./describe.ts";

export const RUN = "run";

/** What `run` can be told. */
export const runFields = fieldTable({
  args: field(z.array(z.string()).min(1, words("must name a program")), {
    flag: "args",
    placeholder: "word",
    description: "Program and arguments, word by word; no shell sees them",
  }),
  shell: field(z.string().min(1, words("must name a program")), {
    flag: "shell",
    placeholder: "command",
    description: "Command line for the shell of this machine (sh, on Windows cmd.exe), instead of args",
  }),
  cwd: field(z.string().min(1, words("must name a folder")), {
    flag: "cwd",
    placeholder: "folder",
    description: "Working folder; by default that in which the run was started",
  }),
  timeoutMs: field(someMilliseconds(), {
    flag: "timeout",
    unit: "ms",
    default: 5 * 60_000,
    description: "Time for the program; what it has started ends with it",
  }),
  thresholds: thresholdField(PROGRAM_METRICS, "program.max<10s"),
});

export const runSchema = schemaOf(runFields).superRefine(({ args, shell }, context) => {
  const issue = (message: string) => context.addIssue({ code: "custom", path: ["shell"], message });
  if (args !== undefined && shell !== undefined) issue(words("cannot be used with args: give one of them"));
  if (args === undefined && shell === undefined) issue(words("or args is required: what to run"));
});
export type RunConfig = z.output<typeof runSchema>;

const LONGEST = 100;

/** The program as a person would write it. */
export function programText({ args, shell }: Pick<RunConfig, "args" | "shell">): string {
  const text = shell ?? (args ?? []).map(wordText).join(" ");
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > LONGEST ? `${line.slice(0, LONGEST - 1)}…` : line;
}

function wordText(word: string): string {
  return /^[^\s"'`$\\;&|<>()*?#]+$/.test(word) ? word : JSON.stringify(word);
}
