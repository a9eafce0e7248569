import * as z from "zod";
import type { CoderClient } from "../coder/client.ts";
import type { User } from "../coder/schemas.ts";
import { field } from "../contract/fields/field.ts";
import { words } from "../text/message.ts";

/**
 * A pool is made once, for many runs: users, with or without workspaces, whose names are `scaletest-POOL-XXXXXXXX-N`.
 * Coder's own tool names the users that it makes for several of its tests the same way, so that either finds the
 * other's (docs/coder-api.md, Coder's own load tool).
 */
export interface PoolName {
  pool: string;
  /** Of the run that has made it; of Coder's own tool, something random. */
  run: string;
}

const NAME = /^scaletest-([a-z][a-z0-9]*)-([a-z0-9]{8})-\d+$/i;
/** With it, the names of ten thousand users are within Coder's 32 characters. */
const LONGEST = 8;

/** undefined for a name that is not of a pool. */
export function poolNameOf(name: string): PoolName | undefined {
  const [, pool, run] = NAME.exec(name) ?? [];
  return pool === undefined || run === undefined ? undefined : { pool, run };
}

/** What the names of all that is in a pool begin with. */
export function poolPrefix(pool: string): string {
  return `scaletest-${pool}-`;
}

const poolName = () =>
  z
    .string()
    .regex(
      new RegExp(`^[a-z][a-z0-9]{0,${LONGEST - 1}}$`),
      words("must be a letter, then letters or digits, eight at most"),
    );

/** Which pool's are used. */
export const poolField = field(poolName(), {
  flag: "pool",
  placeholder: "name",
  description: "Only workspaces of this pool",
});

/** The name of a pool that is made. */
export const newPoolField = field(poolName(), {
  flag: "name",
  placeholder: "name",
  default: "pool",
  description: "Name of the pool, by which runs find it",
});

/** Users of a pool, by name. */
export async function findPoolUsers(client: CoderClient, pool: string, signal: AbortSignal): Promise<User[]> {
  const found = await client.findUsers(poolPrefix(pool), { signal });
  return found
    .filter(({ username }) => poolNameOf(username)?.pool === pool)
    .sort((a, b) => (a.username < b.username ? -1 : a.username > b.username ? 1 : 0));
}
