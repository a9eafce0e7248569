import { Command } from "commander";
import { descriptionOf } from "../app/scenario/description.ts";
import { quiet } from "./command.ts";
import { presetNames, presetText } from "./preset-files.ts";

/** `presets` lists the scenarios that come with the product; `presets NAME` prints one, to begin a file with. */
export function presetsProgram(): Command {
  return quiet(new Command("presets"))
    .description("List the scenarios that come with this tool, or print one")
    .argument("[name]", "the preset to print, such as 200-users")
    .action(async (name: string | undefined) => {
      process.stdout.write(name === undefined ? await listOf() : await presetText(name));
    });
}

async function listOf(): Promise<string> {
  const names = await presetNames();
  const width = Math.max(...names.map((name) => name.length));
  const lines = names.map(async (name) => {
    const { title, description } = descriptionOf(await presetText(name));
    return `${name.padEnd(width)}  ${description || title}\n`;
  });
  return (await Promise.all(lines)).join("");
}
