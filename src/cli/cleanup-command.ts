import { filterOf, findLeft, type PoolLeft } from "../app/clean-up/find.ts";
import { byRun, countsOf, type Leftover, oldestOf, templatesOf } from "../app/clean-up/leftovers.ts";
import { cleanUpOf } from "../app/clean-up/runs.ts";
import { Refused } from "../app/refused.ts";
import { formatDuration } from "../protocol/duration.ts";
import { english, type Message } from "../text/message.ts";
import { confirm } from "./confirm.ts";
import { CliError, EXIT } from "./exit.ts";
import { type HeadlessRun, runHeadless } from "./run.ts";
import { writePassed } from "./verdict.ts";

export interface CleanupRun extends Omit<HeadlessRun, "steps"> {
  config: Readonly<Record<string, unknown>>;
  yes: boolean;
  dryRun: boolean;
}

/**
 * Lists what would be deleted, asks, and deletes it. Resolves with the exit code. A list alone is what was asked for,
 * and goes to standard output; before a deletion it is a question's.
 */
export async function cleanupCommand(run: CleanupRun): Promise<number> {
  const { url } = run.target;
  const leftovers = await preview(run);
  const stream = run.dryRun ? process.stdout : process.stderr;
  stream.write(describe(leftovers, url));
  if (run.dryRun) return EXIT.passed;
  if (leftovers.length === 0) {
    writePassed(run.outputs, `nothing to clean up on ${url}`);
    return EXIT.passed;
  }
  if (!run.yes) await confirm(`Delete all of this from ${url}?`);
  return runHeadless({ ...run, ...cleanUpOf(leftovers, run) });
}

async function preview({ config, target }: CleanupRun): Promise<Leftover[]> {
  const warn = (what: Message) => void process.stderr.write(`warning: ${english(what)}\n`);
  try {
    return await findLeft(target, filterOf(config), { warn, pools: tellPools });
  } catch (error) {
    if (error instanceof Refused) throw new CliError(error.message, EXIT.refused);
    throw error;
  }
}

/** They were made to stay: who wants one gone names it. */
function tellPools(pools: readonly PoolLeft[]): void {
  for (const { pool, workspaces, users } of pools)
    process.stderr.write(
      `pool ${pool} is left alone: ${workspaces} workspaces and ${users} users; delete it with: coder-scaletest cleanup --pool ${pool}\n`,
    );
}

function describe(leftovers: readonly Leftover[], url: string): string {
  const { workspaces, users } = countsOf(leftovers);
  if (leftovers.length === 0) return `nothing to clean up on ${url}\n`;
  const lines = byRun(leftovers).map(({ run, leftovers: group }) => lineOf(run, group));
  return `${[`${workspaces} workspaces and ${users} users on ${url}:`, ...lines].join("\n")}\n`;
}

function lineOf(run: string | undefined, group: readonly Leftover[]): string {
  const { workspaces, users } = countsOf(group);
  const templates = templatesOf(group).join(", ");
  const of = templates ? ` of ${templates}` : "";
  const oldest = oldestOf(group);
  const age = oldest === undefined ? "" : `, oldest ${formatDuration(Math.max(0, Date.now() - oldest))} ago`;
  return `  ${run ? `run ${run}` : "of another tool"}: ${workspaces} workspaces${of}, ${users} users${age}`;
}
