import type { CoderClient } from "../../coder/client.ts";
import { isFailure } from "../../coder/errors.ts";
import type { User, Workspace } from "../../coder/schemas.ts";
import type { Job, JobContext, Ledger } from "../../contract/job.ts";
import type { Plan, Remains } from "../../contract/plan.ts";
import type { PrepareContext } from "../../contract/prepare.ts";
import { sayLeft } from "../../protocol/left.ts";
import { Journal } from "../../runs/journal.ts";
import type { JournalResource, JournalState } from "../../runs/journal-state.ts";
import { leftOf } from "../../runs/left.ts";
import { say } from "../../text/message.ts";
import { DELETION } from "../deletion.ts";
import { countLeft } from "../left.ts";
import { Orphaned } from "../orphaned.ts";
import { removeUser, removeWorkspace } from "../remove.ts";
import type { RecoverConfig } from "./config.ts";

export async function prepare(config: RecoverConfig, context: PrepareContext): Promise<Plan> {
  const journal = await Journal.resume(config.folder);
  const prefix = `scaletest-${config.run}-`;
  const named = journal.state.remaining();
  const remains = byOwner(named, await found(context, prefix));
  const orphaned = new Orphaned(config.orphan);
  const tokens = journal.state.left().filter((one) => one.kind === "token");
  context.event(say("the journal names {0}", sayLeft(leftOf(journal.state))));
  return {
    testName: "cleanup-workspace",
    jobs: [
      ...remains.map((one, index) => new RemainsJob(index, one, { ledger: journal, orphaned })),
      ...tokens.map((one, index) => new TokenJob(remains.length + index, one, journal)),
    ],
    description: DELETION,
    jobsLabel: say("Clean up"),
    concurrency: config.cleanupConcurrency,
    timeoutMs: config.cleanupTimeoutMs,
    jobTimeoutMs: config.cleanupJobTimeoutMs,
    cleanup: undefined,
    removes: true,
    next: `coder-scaletest runs clean ${config.run}`,
    countLeft: async (signal) => {
      orphaned.tell(context);
      return remainsOf(context.client, prefix, journal.state, signal);
    },
    close: () => journal.close(),
  };
}

/** Of the run's own names the deployment is asked; of others, which it has used or was to delete, its journal tells. */
async function remainsOf(
  client: CoderClient,
  prefix: string,
  journal: JournalState,
  signal: AbortSignal,
): Promise<Remains> {
  const { left } = await countLeft(client, prefix, signal);
  const others = journal.left().filter(({ kind, name }) => kind === "token" || !name.startsWith(prefix));
  for (const { kind } of others) left[`${kind}s`]++;
  return { left };
}

interface OwnersRemains {
  owner: string;
  /** undefined: the owner is a person's own account, which stays. */
  user: { name: string; id: string | undefined } | undefined;
  workspaces: { name: string; id: string | undefined }[];
}

/** The deployment's own list, by the run's id in the names: a request may have taken effect after the end. */
async function found(
  context: PrepareContext,
  prefix: string,
): Promise<{ users: User[]; workspaces: Workspace[] }> {
  const { client, signal } = context;
  const users = await client.findUsers(prefix, { signal });
  return {
    users: users.filter(
      (user) => user.username.startsWith(prefix) && user.email.endsWith("@scaletest.local"),
    ),
    workspaces: await client.findWorkspaces(`name:"${prefix}"`, { signal }),
  };
}

function byOwner(
  named: readonly JournalResource[],
  server: { users: User[]; workspaces: Workspace[] },
): OwnersRemains[] {
  const all = new Map<string, OwnersRemains>();
  const of = (owner: string): OwnersRemains => {
    const remains = all.get(owner) ?? { owner, user: undefined, workspaces: [] };
    all.set(owner, remains);
    return remains;
  };
  for (const { kind, name, id } of named) if (kind === "user") of(name).user = { name, id };
  for (const user of server.users) of(user.username).user = { name: user.username, id: user.id };
  for (const { kind, name, id, owner } of named) {
    if (kind === "workspace") of(owner ?? name).workspaces.push({ name, id });
  }
  for (const { name, id, owner_name: owner } of server.workspaces) {
    const known = of(owner).workspaces;
    if (!known.some((one) => one.name === name)) known.push({ name, id });
  }
  return [...all.values()];
}

/** A token that was made for somebody else's user, and outlived its run. */
class TokenJob implements Job {
  readonly index: number;
  readonly name: string;
  readonly owner: string;
  #id: string | undefined;
  #ledger: Ledger;

  constructor(index: number, token: JournalResource, ledger: Ledger) {
    this.index = index;
    this.name = token.name;
    this.owner = token.owner ?? "";
    this.#id = token.id;
    this.#ledger = ledger;
  }

  async run({ client, signal, state, timed }: JobContext): Promise<void> {
    state("active", say("revoking the token"));
    await timed("delete", async () => {
      // A user that is gone has taken its tokens along, and is none that the server knows (docs/coder-api.md, Tokens).
      const isGone = (error: unknown): undefined => {
        if (!isFailure(error, "validation")) throw error;
      };
      const id = this.#id ?? (await client.tokenId(this.owner, this.name, { signal }).catch(isGone));
      if (id !== undefined) await client.deleteToken(this.owner, id, { signal }).catch(isGone);
      await this.#ledger.write({ kind: "token", op: "gone", name: this.name, owner: this.owner });
    });
  }

  async cleanup(): Promise<void> {}
}

class RemainsJob implements Job {
  readonly index: number;
  readonly name: string;
  readonly owner: string;
  #remains: OwnersRemains;
  #ledger: Ledger;
  #orphaned: Orphaned;

  constructor(index: number, remains: OwnersRemains, by: { ledger: Ledger; orphaned: Orphaned }) {
    this.index = index;
    this.owner = remains.owner;
    this.name = remains.workspaces[0]?.name ?? remains.owner;
    this.#remains = remains;
    this.#ledger = by.ledger;
    this.#orphaned = by.orphaned;
  }

  async run(outer: JobContext): Promise<void> {
    const context = { ...outer, ledger: this.#ledger };
    const { owner, user, workspaces } = this.#remains;
    context.state("deleting", say("deleting"));
    await context.timed("delete", async () => {
      for (const { name, id } of workspaces) {
        const doomed = { name, owner, id, known: undefined, watch: undefined };
        await removeWorkspace(context, { ...doomed, ...this.#orphaned.of(name) });
      }
      if (user) await removeUser(context, user);
    });
  }

  async cleanup(): Promise<void> {}
}
