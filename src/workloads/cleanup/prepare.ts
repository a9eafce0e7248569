import type { Job, JobContext } from "../../contract/job.ts";
import type { Plan, Remains } from "../../contract/plan.ts";
import type { PrepareContext } from "../../contract/prepare.ts";
import { say } from "../../text/message.ts";
import { DELETION } from "../deletion.ts";
import { confirmedOf, countsOf, findLeftovers, idsOf, type Leftover, namedRuns } from "../leftovers.ts";
import { Orphaned } from "../orphaned.ts";
import { findTemplate } from "../preflight/find-template.ts";
import { removeUser, removeWorkspace } from "../remove.ts";
import type { CleanupConfig } from "./config.ts";

export async function prepare(config: CleanupConfig, context: PrepareContext): Promise<Plan> {
  const leftovers = await findDoomed(config, context);
  const { workspaces, users } = countsOf(leftovers);
  context.event(say("found {0} workspaces and {1} users", workspaces, users));
  await record(leftovers, context);
  const orphaned = new Orphaned(config.orphan);
  return {
    testName: "cleanup-workspace",
    jobs: leftovers.map((leftover, index) => new LeftoverJob(index, leftover, orphaned)),
    description: DELETION,
    jobsLabel: say("Clean up"),
    concurrency: config.cleanupConcurrency,
    timeoutMs: config.cleanupTimeoutMs,
    jobTimeoutMs: config.cleanupJobTimeoutMs,
    cleanup: undefined,
    removes: true,
    next: `coder-scaletest cleanup${config.run ? ` --run ${config.run}` : ""}${config.pool ? ` --pool ${config.pool}` : ""}`,
    countLeft: async (signal) => {
      orphaned.tell(context);
      return remainsOf(leftovers, context, signal);
    },
    close: async () => undefined,
  };
}

/** What is to go: what the filter finds now and, where a person has confirmed a list, nothing that is not in it. */
async function findDoomed(config: CleanupConfig, context: PrepareContext): Promise<Leftover[]> {
  const { client, signal } = context;
  const template = config.template
    ? await findTemplate(client, config.template, config.org, signal)
    : undefined;
  const { run, pool, olderThanMs } = config;
  const filter = { run, pool, olderThanMs, templateId: template?.id };
  const picked = config.owners && new Set(config.owners);
  const found = await findLeftovers(client, filter, signal);
  const all = found.filter(({ owner }) => !picked || picked.has(owner));
  if (!config.only) return all;
  const { leftovers, fresh } = confirmedOf(all, config.only);
  if (fresh.workspaces + fresh.users > 0) {
    context.warn(
      say(
        "{0} workspaces and {1} users have come since this was confirmed, and stay",
        fresh.workspaces,
        fresh.users,
      ),
    );
  }
  return leftovers;
}

/** In the journal before anything is deleted: what this run does not get to is left behind by it. */
async function record(leftovers: readonly Leftover[], { ledger }: PrepareContext): Promise<void> {
  await Promise.all(
    leftovers.flatMap(({ owner, user, workspaces }) => [
      ...workspaces.map(({ name, id }) => ledger.write({ kind: "workspace", op: "exists", name, owner, id })),
      ...(user ? [ledger.write({ kind: "user", op: "exists", name: owner, id: user.id })] : []),
    ]),
  );
}

/** Asked of the deployment: of what was to go, and of all that scale tests have left beside it. */
async function remainsOf(
  doomed: readonly Leftover[],
  { client }: PrepareContext,
  signal: AbortSignal,
): Promise<Remains> {
  const all = await findLeftovers(client, { withPools: true, templateId: undefined }, signal);
  const ids = idsOf(doomed);
  const [workspaceIds, userIds] = [new Set(ids.workspaces), new Set(ids.users)];
  const workspaces = all.flatMap((one) => one.workspaces);
  const users = all.flatMap(({ user }) => user ?? []);
  const others = {
    workspaces: workspaces.filter(({ id }) => !workspaceIds.has(id)),
    users: users.filter(({ id }) => !userIds.has(id)),
  };
  const names = [
    ...others.workspaces.map(({ name }) => name),
    ...others.users.map(({ username }) => username),
  ];
  return {
    left: {
      workspaces: workspaces.length - others.workspaces.length,
      users: users.length - others.users.length,
      tokens: 0,
    },
    untouched: {
      workspaces: others.workspaces.length,
      users: others.users.length,
      runs: namedRuns(names),
      used: false,
    },
  };
}

/** One user's workspaces, then the user. */
class LeftoverJob implements Job {
  readonly index: number;
  readonly name: string;
  readonly owner: string;
  #leftover: Leftover;
  #orphaned: Orphaned;

  constructor(index: number, leftover: Leftover, orphaned: Orphaned) {
    this.index = index;
    this.owner = leftover.owner;
    this.name = leftover.workspaces[0]?.name ?? leftover.owner;
    this.#leftover = leftover;
    this.#orphaned = orphaned;
  }

  async run(context: JobContext): Promise<void> {
    const { owner, user, workspaces } = this.#leftover;
    context.state("deleting", say("deleting"));
    await context.timed("delete", async () => {
      for (const workspace of workspaces) {
        const doomed = { name: workspace.name, owner, known: workspace, watch: undefined };
        await removeWorkspace(context, { ...doomed, ...this.#orphaned.of(workspace.name) });
      }
      if (user) await removeUser(context, { name: owner, id: user.id });
    });
  }

  async cleanup(): Promise<void> {}
}
