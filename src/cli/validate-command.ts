import { Command, Option } from "commander";
import { hasErrors } from "../scenario/problem.ts";
import { english } from "../text/message.ts";
import { quiet } from "./command.ts";
import { EXIT } from "./exit.ts";
import {
  problemLine,
  readFiles,
  type ScenarioFile,
  type ScenarioFlags,
  scenarioFlags,
} from "./scenario-files.ts";

/** `validate FILE…`: what is wrong with scenarios, without asking any deployment. */
export function validateProgram(setExit: (code: number) => void): Command {
  const command = quiet(new Command("validate"))
    .description(
      "Check scenario files, and tell where what is wrong; exits with 2 where a file cannot be run",
    )
    .argument("<file...>", "scenario files")
    .addOption(new Option("--format <format>", "how to tell").choices(["text", "json"]).default("text"));
  return scenarioFlags(command).action(async (files: string[], flags: ScenarioFlags & { format: string }) => {
    const read = await readFiles(files, flags);
    process.stdout.write(flags.format === "json" ? jsonOf(read) : textOf(read));
    setExit(read.some(({ problems }) => hasErrors(problems)) ? EXIT.usage : EXIT.passed);
  });
}

function textOf(files: readonly ScenarioFile[]): string {
  const lines = files.flatMap(({ file, scenario, problems }) =>
    problems.length > 0
      ? problems.map((problem) => problemLine(file, problem))
      : [`${file}: nothing is wrong; steps: ${scenario.steps.map(({ name }) => name).join(", ")}`],
  );
  return `${lines.join("\n")}\n`;
}

/** Lines and columns from 0, as editors have them. */
function jsonOf(files: readonly ScenarioFile[]): string {
  const told = files.map(({ file, problems }) => ({
    file,
    problems: problems.map(({ message, ...problem }) => ({ ...problem, message: english(message) })),
  }));
  return `${JSON.stringify({ files: told }, null, 2)}\n`;
}
