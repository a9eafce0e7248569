import { type Dirent, readdirSync } from "node:fs";
import path from "node:path";
import { Command } from "commander";
import { presetNames } from "./preset-files.ts";

const SHELLS = "bash, zsh, fish or powershell";
/** Commands whose argument is a scenario, or the name of a preset. */
const OF_SCENARIOS = ["run", "validate", "limit"];
/** How deep in folders scenario files are looked for. */
const DEPTH = 3;

/**
 * `completion SHELL` prints what makes a shell complete our commands and flags; that script asks `complete -- WORDS`
 * for what can be written next. The library that does both is read when one of them is called.
 */
export async function addCompletion(program: Command, [asked]: readonly string[]): Promise<void> {
  if (asked !== "completion" && asked !== "complete") {
    program.addCommand(
      new Command("completion")
        .description(`Print a script that makes a shell complete commands and flags: ${SHELLS}`)
        .argument("<shell>"),
    );
    return;
  }
  const { default: addTo } = await import("@bomb.sh/tab/commander");
  const { commands } = addTo(program, { completionCommandName: "completion" });
  const presets = asked === "complete" ? await presetNames() : [];
  for (const name of OF_SCENARIOS)
    commands.get(name)?.argument(
      "file",
      (add) => {
        for (const file of scenarioFiles(".")) add(file, "");
        for (const preset of presets) add(preset, "preset");
      },
      true,
    );
}

/** Relative to where the person is; folders that cannot be read have none. */
function scenarioFiles(folder: string, depth = DEPTH): string[] {
  return entriesOf(folder).flatMap((entry) => {
    const file = path.join(folder, entry.name);
    if (entry.isFile()) return /\.scaletest\.ya?ml$/.test(entry.name) ? [file] : [];
    const isWorthwhile = entry.isDirectory() && depth > 0 && !/^(\.|node_modules$)/.test(entry.name);
    return isWorthwhile ? scenarioFiles(file, depth - 1) : [];
  });
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}
