import { Command } from "commander";
import { readTags, tagSchema, writeTag } from "../runs/deployment-tags.ts";
import { productHome } from "../runs/home.ts";
import { quiet } from "./command.ts";
import { CliError, EXIT } from "./exit.ts";
import { addressOf } from "./target.ts";

export function deploymentsProgram(): Command {
  const group = quiet(new Command("deployments"))
    .description("Which deployments are marked as staging; all others count as production")
    .action(() => deploymentsList());
  group.addCommand(
    quiet(new Command("mark"))
      .description("mark a deployment")
      .argument("<url>")
      .argument("<tag>", "staging or production")
      .action((url: string, tag: string) => deploymentsMark(url, tag)),
  );
  return group;
}

/** Lists which deployments are marked, and as what. */
export async function deploymentsList(): Promise<void> {
  const tags = Object.entries(await readTags(productHome()));
  if (tags.length === 0) process.stdout.write("no deployment is marked; all count as production\n");
  for (const [origin, tag] of tags) process.stdout.write(`${tag.padEnd(10)}  ${origin}\n`);
}

/** Marks a deployment as staging or production. */
export async function deploymentsMark(url: string, tag: string): Promise<void> {
  const parsed = tagSchema.safeParse(tag);
  if (!parsed.success)
    throw new CliError(`a deployment is marked staging or production, not "${tag}"`, EXIT.usage);
  const { origin } = addressOf(url, "the address");
  await writeTag(productHome(), origin, parsed.data);
  process.stdout.write(`${origin} is marked as ${parsed.data}\n`);
}
