import { Refusal } from "../../contract/failures.ts";
import type { PreflightContext } from "../../contract/prepare.ts";
import type { Check } from "../../protocol/check.ts";
import { say } from "../../text/message.ts";
import { findPoolUsers } from "../pools.ts";
import type { PrepareUsersConfig } from "./config.ts";
import { groupIdsOf, organizationsOf } from "./memberships.ts";

/** What can be found out before: which of the pool are there, and whether organizations and groups are. */
export async function checkPool(
  config: PrepareUsersConfig,
  { client, user, signal }: PreflightContext,
): Promise<Check[]> {
  const label = say("Pool");
  const there = await findPoolUsers(client, config.name, signal);
  const figure = say("{0} of {1} users are there", String(there.length), String(config.count));
  try {
    const organizations = await organizationsOf(config, { client, signal, user });
    await groupIdsOf(config, organizations, { client, signal });
    return [{ id: "pool", label, status: "ok", figure }];
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return [{ id: "pool", label, status: "blocks", figure: error.said }];
  }
}
