import { CoderClient } from "../../coder/client.ts";
import { signIn } from "../../coder/sign-in.ts";
import type { Target } from "../../protocol/target.ts";
import { type Message, say } from "../../text/message.ts";
import { leftoverFilterSchema } from "../../workloads/leftover-fields.ts";
import {
  countsOf,
  findLeftovers,
  type Leftover,
  type PoolLeft,
  withoutPools,
} from "../../workloads/leftovers.ts";
import { findTemplate } from "../../workloads/preflight/find-template.ts";
import { orRefused } from "../refused.ts";
import { byRun } from "./leftovers.ts";

/** Which part of what scale tests have left; what is not given is no limit. */
export interface LeftoverFilter {
  run?: string | undefined;
  /** Name or id. */
  template?: string | undefined;
  /** Of the template: name or id. */
  org?: string | undefined;
  pool?: string | undefined;
  olderThanMs?: number | undefined;
}

/** The part that a configuration of a clean-up is about. Throws where it is none. */
export function filterOf(config: Record<string, unknown>): LeftoverFilter {
  return leftoverFilterSchema.parse(config);
}

export type { PoolLeft };

export interface Asking {
  signal?: AbortSignal;
  warn?(what: Message): void;
  /** Told which pools there are that are not listed; not called where there is none. */
  pools?(pools: readonly PoolLeft[]): void;
}

/**
 * Asks a deployment what scale tests have left on it, as somebody who may delete it. Rejects with Refused: not signed
 * in, not an owner, no such template, no answer.
 */
export async function findLeft(
  target: Target,
  filter: LeftoverFilter,
  { signal = new AbortController().signal, warn = () => undefined, pools }: Asking = {},
): Promise<Leftover[]> {
  const client = new CoderClient(target);
  try {
    const all = await orRefused(ask(client, filter, signal, warn));
    if (filter.pool !== undefined || filter.run !== undefined) return all;
    const { leftovers, pooled } = withoutPools(all);
    if (pooled.length > 0) pools?.(pooled);
    return leftovers;
  } finally {
    await client.close();
  }
}

/** How much of it there is. */
export interface LeftCounts {
  users: number;
  workspaces: number;
}

/** How much that is, in all and by the run that made it, asked with a client that is at hand. */
export async function countLeft(
  client: CoderClient,
  signal: AbortSignal,
): Promise<LeftCounts & { runs: (LeftCounts & { run: string | undefined })[] }> {
  const everything = { templateId: undefined };
  const found = await findLeftovers(client, everything, signal);
  const runs = byRun(found).map(({ run, leftovers }) => ({ run, ...countsOf(leftovers) }));
  return { ...countsOf(found), runs };
}

async function ask(
  client: CoderClient,
  { run, pool, template, org, olderThanMs = 0 }: LeftoverFilter,
  signal: AbortSignal,
  warn: (what: Message) => void,
): Promise<Leftover[]> {
  await signIn({ client, signal, warn, deployment: () => undefined }, say("deleting users"));
  const found = template ? await findTemplate(client, template, org, signal) : undefined;
  return findLeftovers(client, { run, pool, withPools: true, olderThanMs, templateId: found?.id }, signal);
}
