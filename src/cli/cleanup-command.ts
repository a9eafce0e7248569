import { CoderClient } from "../coder/client.ts";
import { Refusal } from "../contract/failures.ts";
import { formatDuration } from "../protocol/duration.ts";
import type { Guard } from "../protocol/guard.ts";
import type { Target } from "../protocol/target.ts";
import { cleanupSchema } from "../workloads/cleanup/config.ts";
import { countsOf, findLeftovers, idsOf, type Leftover, runIdOf } from "../workloads/cleanup/leftovers.ts";
import { findTemplate } from "../workloads/preflight/find-template.ts";
import { signIn } from "../workloads/preflight/sign-in.ts";
import { confirm } from "./confirm.ts";
import { CliError, EXIT } from "./exit.ts";
import type { Output } from "./outputs.ts";
import { runHeadless } from "./run.ts";

export interface CleanupRun {
  config: Record<string, unknown>;
  title: string;
  target: Target;
  guard: Guard;
  outputs: readonly Output[];
  runs: string;
  detach: boolean;
  yes: boolean;
  dryRun: boolean;
}

/** Lists what would be deleted, asks, and deletes it. Resolves with the exit code. */
export async function cleanupCommand(run: CleanupRun): Promise<number> {
  const leftovers = await preview(run);
  process.stderr.write(describe(leftovers, run.target.url));
  if (run.dryRun || leftovers.length === 0) return EXIT.passed;
  if (!run.yes) await confirm(`Delete all of this from ${run.target.url}?`);
  // What was shown is what is deleted, whatever comes in the meantime.
  return runHeadless({ workload: "cleanup", ...run, config: { ...run.config, only: idsOf(leftovers) } });
}

async function preview(run: CleanupRun): Promise<Leftover[]> {
  const config = cleanupSchema.parse(run.config);
  const client = new CoderClient(run.target);
  const { signal } = new AbortController();
  try {
    await signIn(
      {
        client,
        signal,
        warn: (text) => process.stderr.write(`warning: ${text}\n`),
        deployment: () => undefined,
      },
      "deleting users",
    );
    const template = config.template
      ? await findTemplate(client, config.template, config.org, signal)
      : undefined;
    return await findLeftovers(client, { ...config, templateId: template?.id }, signal);
  } catch (error) {
    if (error instanceof Refusal) throw new CliError(error.message, EXIT.refused);
    throw error;
  } finally {
    await client.close();
  }
}

function describe(leftovers: readonly Leftover[], url: string): string {
  const { workspaces, users } = countsOf(leftovers);
  if (leftovers.length === 0) return `nothing to clean up on ${url}\n`;
  const lines = [`${workspaces} workspaces and ${users} users on ${url}:`];
  for (const [run, group] of byRun(leftovers)) {
    const count = group.reduce((sum, one) => sum + one.workspaces.length, 0);
    const created = group.flatMap((one) => [
      one.user?.created_at,
      ...one.workspaces.map((w) => w.created_at),
    ]);
    const oldest = Math.min(...created.filter((time) => time !== undefined).map((time) => Date.parse(time)));
    const templates = [...new Set(group.flatMap((one) => one.workspaces.map((w) => w.template_name)))].join(
      ", ",
    );
    const age = Number.isFinite(oldest)
      ? `, oldest ${formatDuration(Math.max(0, Date.now() - oldest))} ago`
      : "";
    const of = templates ? ` of ${templates}` : "";
    lines.push(`  ${run}: ${count} workspaces${of}, ${group.filter((one) => one.user).length} users${age}`);
  }
  return `${lines.join("\n")}\n`;
}

function byRun(leftovers: readonly Leftover[]): Map<string, Leftover[]> {
  const groups = new Map<string, Leftover[]>();
  for (const leftover of leftovers) {
    const id = runIdOf(leftover.workspaces[0]?.name ?? leftover.owner);
    const key = id ? `run ${id}` : "of another tool";
    groups.set(key, [...(groups.get(key) ?? []), leftover]);
  }
  return groups;
}
