import { findTemplate } from "../preflight/find-template.ts";
import { signIn } from "../preflight/sign-in.ts";
import { removeUser, removeWorkspace } from "../remove.ts";
import type { Job, JobContext, Plan, PrepareContext, Workload } from "../workload.ts";
import { type CleanupConfig, cleanupCommandOptions, cleanupSchema } from "./config.ts";
import { findLeftovers, type Leftover } from "./leftovers.ts";

export const cleanup: Workload<typeof cleanupSchema> = {
  name: "cleanup",
  summary: "Delete the workspaces and users that scale tests have left on a deployment",
  schema: cleanupSchema,
  options: cleanupCommandOptions,
  title: (config) => (config.run ? `clean up run ${config.run}` : "clean up all scale tests"),
  prepare,
};

async function prepare(config: CleanupConfig, context: PrepareContext): Promise<Plan> {
  const { client, signal } = context;
  await signIn(context, "deleting users");
  const template = config.template
    ? await findTemplate(client, config.template, config.org, signal)
    : undefined;
  const filter = { run: config.run, olderThanMs: config.olderThanMs, templateId: template?.id };
  const picked = config.owners && new Set(config.owners);
  const find = async (until: AbortSignal) =>
    (await findLeftovers(client, filter, until)).filter(({ owner }) => !picked || picked.has(owner));
  const leftovers = await find(signal);
  const workspaces = leftovers.reduce((sum, one) => sum + one.workspaces.length, 0);
  const users = leftovers.filter((one) => one.user).length;
  context.event(`found ${workspaces} workspaces and ${users} users`);
  return {
    testName: "cleanup-workspace",
    jobs: leftovers.map((leftover, index) => new LeftoverJob(index, leftover)),
    phases: [{ name: "delete", label: "delete" }],
    jobsLabel: "Clean up",
    concurrency: config.cleanupConcurrency,
    timeoutMs: config.cleanupTimeoutMs,
    jobTimeoutMs: config.cleanupJobTimeoutMs,
    cleanup: undefined,
    countLeft: async (left) => {
      const still = await find(left);
      return {
        users: still.filter((one) => one.user).length,
        workspaces: still.reduce((sum, one) => sum + one.workspaces.length, 0),
        tokens: 0,
      };
    },
    close: async () => undefined,
  };
}

/** One user's workspaces, then the user. */
class LeftoverJob implements Job {
  readonly index: number;
  readonly name: string;
  readonly owner: string;
  #leftover: Leftover;

  constructor(index: number, leftover: Leftover) {
    this.index = index;
    this.owner = leftover.owner;
    this.name = leftover.workspaces[0]?.name ?? leftover.owner;
    this.#leftover = leftover;
  }

  async run(context: JobContext): Promise<void> {
    const { owner, user, workspaces } = this.#leftover;
    context.state("active", "deleting");
    await context.timed("delete", async () => {
      for (const workspace of workspaces) {
        const { name } = workspace;
        await context.ledger.write({ kind: "workspace", op: "exists", name, owner, id: workspace.id });
        await removeWorkspace(context, { name, owner, known: workspace, watch: undefined });
      }
      if (user) await removeUser(context, { name: owner, id: user.id });
    });
  }

  async cleanup(): Promise<void> {}
}
