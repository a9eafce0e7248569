import type { User } from "../coder/schemas.ts";
import { Refusal } from "../contract/failures.ts";
import type { PrepareContext } from "../contract/prepare.ts";
import { say } from "../text/message.ts";
import { type Leases, openLeases } from "./leases.ts";
import { findPoolUsers } from "./pools.ts";

/** Users of a pool whom this run has to itself, until the leases are given back. */
export interface LeasedUsers {
  users: User[];
  leases: Leases;
}

/** So many users of a pool, the first that no other run has. Throws Refusal where there are fewer. */
export async function leaseUsers(pool: string, count: number, context: PrepareContext): Promise<LeasedUsers> {
  const { client, signal } = context;
  const all = await findPoolUsers(client, pool, signal);
  const leases = await openLeases(context);
  try {
    const free = all.filter(({ id }) => leases.isFree(id));
    if (free.length >= count) {
      const taken = await leases.take(
        free.map(({ id }) => id),
        count,
        signal,
      );
      if (taken.size >= count) return { users: free.filter(({ id }) => taken.has(id)), leases };
    }
    throw new Refusal(
      say(
        'pool "{0}" has {1} users, {2} of them free, and {3} are needed; make more with: {4}',
        pool,
        String(all.length),
        String(free.length),
        String(count),
        `coder-scaletest prepare users --name ${pool} --count ${all.length - free.length + count}`,
      ),
    );
  } catch (error) {
    await leases.giveBack();
    throw error;
  }
}
