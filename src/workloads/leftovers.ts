import type { CoderClient } from "../coder/client.ts";
import type { User, Workspace } from "../coder/schemas.ts";

/** Ids of what a person has seen in a list, and confirmed. */
export interface Confirmed {
  workspaces: string[];
  users: string[];
}

/** What one user has left; `user` is absent where it is a person's own account. */
export interface Leftover {
  owner: string;
  user: User | undefined;
  workspaces: Workspace[];
}

/**
 * What scale tests have left on a deployment, by Coder's own rule: users whose e-mail ends in `@scaletest.local`,
 * workspaces whose name or owner begins with `scaletest-` (docs/coder-api.md, Coder's own load tool). A user who
 * keeps a workspace is not listed for deletion.
 */
export async function findLeftovers(
  client: CoderClient,
  filter: { run?: string | undefined; olderThanMs?: number | undefined; templateId: string | undefined },
  signal: AbortSignal,
): Promise<Leftover[]> {
  const prefix = filter.run ? `scaletest-${filter.run}-` : "scaletest-";
  const before = Date.now() - (filter.olderThanMs ?? 0);
  const oldEnough = (created: string | undefined) => !created || Date.parse(created) <= before;
  const found = await client.findWorkspaces('name:"scaletest-"', { signal });
  const ours = found.filter(
    (workspace) => workspace.name.startsWith("scaletest-") || workspace.owner_name.startsWith("scaletest-"),
  );
  const users = (await client.findUsers("scaletest-", { signal })).filter(
    (user) => user.email.endsWith("@scaletest.local") && (!filter.run || user.username.startsWith(prefix)),
  );
  const doomed = ours.filter(
    (workspace) =>
      (!filter.run || workspace.name.startsWith(prefix) || workspace.owner_name.startsWith(prefix)) &&
      (!filter.templateId || workspace.template_id === filter.templateId) &&
      oldEnough(workspace.created_at),
  );
  return group(
    users.filter((user) => oldEnough(user.created_at)),
    ours,
    doomed,
  );
}

function group(users: readonly User[], all: readonly Workspace[], doomed: readonly Workspace[]): Leftover[] {
  const going = new Set(doomed.map((workspace) => workspace.id));
  const keepers = new Set(
    all.filter((workspace) => !going.has(workspace.id)).map((workspace) => workspace.owner_id),
  );
  const byOwner = new Map<string, Leftover>();
  for (const user of users) {
    if (!keepers.has(user.id)) byOwner.set(user.id, { owner: user.username, user, workspaces: [] });
  }
  for (const workspace of doomed) {
    const entry = byOwner.get(workspace.owner_id) ?? {
      owner: workspace.owner_name,
      user: undefined,
      workspaces: [],
    };
    entry.workspaces.push(workspace);
    byOwner.set(workspace.owner_id, entry);
  }
  return [...byOwner.values()].sort((a, b) => a.owner.localeCompare(b.owner, "en"));
}

/** What has been confirmed of what was found; `fresh` is how much has come since. */
export function confirmedOf(
  found: readonly Leftover[],
  only: Confirmed,
): { leftovers: Leftover[]; fresh: { users: number; workspaces: number } } {
  const workspaces = new Set(only.workspaces);
  const users = new Set(only.users);
  const fresh = { users: 0, workspaces: 0 };
  const leftovers = found.flatMap(({ owner, user, workspaces: all }) => {
    const doomed = all.filter((one) => workspaces.has(one.id));
    fresh.workspaces += all.length - doomed.length;
    const isConfirmed = user !== undefined && users.has(user.id);
    if (user && !isConfirmed) fresh.users++;
    // A user stays with a workspace that stays.
    const goes = isConfirmed && doomed.length === all.length ? user : undefined;
    return doomed.length > 0 || goes ? [{ owner, user: goes, workspaces: doomed }] : [];
  });
  return { leftovers, fresh };
}

/** Their ids, as a clean-up takes them. */
export function idsOf(leftovers: readonly Leftover[]): Confirmed {
  return {
    workspaces: leftovers.flatMap(({ workspaces }) => workspaces.map(({ id }) => id)),
    users: leftovers.flatMap(({ user }) => (user ? [user.id] : [])),
  };
}

export function countsOf(leftovers: readonly Leftover[]): { users: number; workspaces: number } {
  return {
    users: leftovers.filter(({ user }) => user).length,
    workspaces: leftovers.reduce((sum, { workspaces }) => sum + workspaces.length, 0),
  };
}

const NAMED_RUNS = 5;

/** Ids of the runs that made what has these names; the first few. */
export function namedRuns(names: readonly string[]): string[] {
  return [...new Set(names.flatMap((name) => runIdOf(name) ?? []))].slice(0, NAMED_RUNS);
}

/** Id of the run that made it, from its name; undefined for those of Coder's own tool. */
export function runIdOf(name: string): string | undefined {
  return /^scaletest-([a-z0-9]{8})-\d+$/.exec(name)?.[1];
}
