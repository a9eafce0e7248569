import type { CoderClient } from "../coder/client.ts";
import type { User, Workspace } from "../coder/schemas.ts";
import { type PoolName, poolNameOf } from "./pools.ts";

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

export interface LeftoverFilter {
  run?: string | undefined;
  pool?: string | undefined;
  /** Pools, too, where none is named. */
  withPools?: boolean;
  olderThanMs?: number | undefined;
  templateId: string | undefined;
}

function isUserMeant({ run, pool, withPools }: LeftoverFilter, { username }: User): boolean {
  const of = poolNameOf(username);
  if (pool !== undefined) return of?.pool === pool;
  if (run === undefined) return withPools === true || of === undefined;
  return username.startsWith(`scaletest-${run}-`) || of?.run === run;
}

function isWorkspaceMeant(filter: LeftoverFilter, workspace: Workspace): boolean {
  const { run, pool, withPools } = filter;
  const { name, owner_name: owner } = workspace;
  const of = poolOf(workspace);
  if (pool !== undefined) return of?.pool === pool;
  if (run === undefined) return withPools === true || of === undefined;
  return [name, owner].some((one) => one.startsWith(`scaletest-${run}-`)) || of?.run === run;
}

/** The pool that a workspace is in: what a run has made for a user of a pool is the run's, and not in the pool. */
export function poolOf({ name, owner_name: owner }: Workspace): PoolName | undefined {
  return poolNameOf(name) ?? (name.startsWith("scaletest-") ? undefined : poolNameOf(owner));
}

/**
 * What scale tests have left on a deployment, by Coder's own rule: users whose e-mail ends in `@scaletest.local`,
 * workspaces whose name or owner begins with `scaletest-` (docs/coder-api.md, Coder's own load tool). A user who
 * keeps a workspace is not listed for deletion. What is in a pool was left on purpose: it is listed only where the pool or
 * the run that made it is named.
 */
export async function findLeftovers(
  client: CoderClient,
  filter: LeftoverFilter,
  signal: AbortSignal,
): Promise<Leftover[]> {
  const before = Date.now() - (filter.olderThanMs ?? 0);
  const oldEnough = (created: string | undefined) => !created || Date.parse(created) <= before;
  const found = await client.findWorkspaces('name:"scaletest-"', { signal });
  const ours = found.filter(
    (workspace) => workspace.name.startsWith("scaletest-") || workspace.owner_name.startsWith("scaletest-"),
  );
  const users = (await client.findUsers("scaletest-", { signal })).filter(
    (user) => user.email.endsWith("@scaletest.local") && isUserMeant(filter, user),
  );
  const doomed = ours.filter(
    (workspace) =>
      isWorkspaceMeant(filter, workspace) &&
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

/** What is in a pool. */
export interface PoolLeft {
  pool: string;
  workspaces: number;
  users: number;
}

/** Takes what is in pools out of a list that has it. */
export function withoutPools(all: readonly Leftover[]): { leftovers: Leftover[]; pooled: PoolLeft[] } {
  const pools = new Map<string, PoolLeft>();
  const of = (pool: string) => {
    const known = pools.get(pool) ?? { pool, workspaces: 0, users: 0 };
    pools.set(pool, known);
    return known;
  };
  const leftovers = all.flatMap(({ owner, user, workspaces }) => {
    const userPool = user && poolNameOf(user.username)?.pool;
    if (userPool !== undefined) of(userPool).users++;
    const own = workspaces.filter((one) => {
      const pool = poolOf(one)?.pool;
      if (pool !== undefined) of(pool).workspaces++;
      return pool === undefined;
    });
    const stays = userPool === undefined ? user : undefined;
    return stays || own.length > 0 ? [{ owner, user: stays, workspaces: own }] : [];
  });
  return { leftovers, pooled: [...pools.values()] };
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

/** Id of the run that made it, from its name, which may have a letter of the run's step; undefined for those of Coder's own tool. */
export function runIdOf(name: string): string | undefined {
  return /^scaletest-([a-z0-9]{8})-(?:[a-z]{1,2}-)?\d+$/.exec(name)?.[1];
}
