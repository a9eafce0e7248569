import { isFailure } from "../../coder/errors.ts";
import { groupsOf } from "../../coder/membership.ts";
import { Refusal } from "../../contract/failures.ts";
import type { PreflightContext } from "../../contract/prepare.ts";
import { say } from "../../text/message.ts";
import type { PrepareUsersConfig } from "./config.ts";

/** Ids; of none named, that of the deployment's own. Throws Refusal where there is none of a name. */
export async function organizationsOf(
  { organizations }: PrepareUsersConfig,
  { client, signal, user }: PreflightContext,
): Promise<string[]> {
  const all = await client.organizations({ signal });
  if (organizations.length === 0) {
    const own =
      all.find((one) => one.is_default) ?? all.find(({ id }) => user.organization_ids?.includes(id));
    return own ? [own.id] : [];
  }
  return organizations.map((name) => {
    const found = all.find((one) => one.name === name || one.id === name);
    if (found) return found.id;
    const there = all.map((one) => one.name).join(", ");
    throw new Refusal(say('there is no organization "{0}"; there is {1}', name, there));
  });
}

/** Throws Refusal where there is none of a name, or the deployment has no groups. */
export async function groupIdsOf(
  { groups }: PrepareUsersConfig,
  organizationIds: readonly string[],
  { client, signal }: Omit<PreflightContext, "user">,
): Promise<string[]> {
  if (groups.length === 0) return [];
  const all = await Promise.all(organizationIds.map((id) => groupsOf(client, id, { signal }))).catch(
    (error: unknown) => {
      if (!isFailure(error, "not_found", "forbidden")) throw error;
      throw new Refusal(
        say("the deployment shows no groups, which need a licence of Coder; leave out --groups"),
      );
    },
  );
  const known = all.flat();
  return groups.map((name) => {
    const found = known.find((one) => one.name === name || one.id === name);
    if (found) return found.id;
    const there = known.map((one) => one.name).join(", ");
    throw new Refusal(say('there is no group "{0}"; there is {1}', name, there));
  });
}
