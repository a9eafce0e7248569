import { isFailure } from "../../coder/errors.ts";
import { addToGroup, groupsOf, setRoles } from "../../coder/membership.ts";
import type { User } from "../../coder/schemas.ts";
import { Refusal } from "../../contract/failures.ts";
import type { Job, JobContext } from "../../contract/job.ts";
import type { Plan } from "../../contract/plan.ts";
import type { PreflightContext, PrepareContext } from "../../contract/prepare.ts";
import type { Check } from "../../protocol/check.ts";
import { say } from "../../text/message.ts";
import { countLeft } from "../left.ts";
import { makeUser } from "../make-user.ts";
import { findPoolUsers, poolPrefix } from "../pools.ts";
import { thresholdsOf } from "../thresholds.ts";
import type { PrepareUsersConfig } from "./config.ts";
import { USER_METRICS, USERS_RUN } from "./describe.ts";

/** What all users of the pool have. */
interface Shared {
  organizationIds: readonly string[];
  groupIds: readonly string[];
  roles: readonly string[];
}

export async function prepare(config: PrepareUsersConfig, context: PrepareContext): Promise<Plan> {
  const { client, signal } = context;
  const there = await findPoolUsers(client, config.name, signal);
  const organizationIds = await organizationsOf(config, context);
  const groupIds = await groupIdsOf(config, organizationIds, context);
  const shared: Shared = { organizationIds, groupIds, roles: config.roles };
  const missing = Math.max(0, config.count - there.length);
  if (there.length > 0)
    context.event(
      say('pool "{0}" has {1} users; {2} are created', config.name, String(there.length), String(missing)),
    );
  const prefix = `${poolPrefix(config.name)}${context.runId}-`;
  return {
    testName: "users",
    description: USERS_RUN,
    thresholds: thresholdsOf(config.thresholds, USER_METRICS),
    jobs: Array.from({ length: missing }, (_, index) => new UserJob(index, `${prefix}${index}`, shared)),
    jobsLabel: say("Create users"),
    concurrency: config.concurrency,
    timeoutMs: config.timeoutMs,
    jobTimeoutMs: config.jobTimeoutMs,
    cleanup: undefined,
    countLeft: (until) => countLeft(client, prefix, until),
    close: async () => undefined,
  };
}

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

/** Ids; of none named, that of the deployment's own. Throws Refusal where there is none of a name. */
async function organizationsOf(
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
async function groupIdsOf(
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

/** Makes one user, who stays. */
class UserJob implements Job {
  readonly index: number;
  readonly name: string;
  readonly owner: string;
  readonly #shared: Shared;

  constructor(index: number, name: string, shared: Shared) {
    this.index = index;
    this.name = name;
    this.owner = name;
    this.#shared = shared;
  }

  async run(context: JobContext): Promise<void> {
    context.state("creating", say("creating the user"));
    await context.timed("api", async () => {
      const { organizationIds } = this.#shared;
      const user = await makeUser(context, { name: this.name, organizationIds });
      await this.#join(context, user);
    });
    context.doing(say("created"));
  }

  async #join({ client, signal }: JobContext, user: User): Promise<void> {
    const { roles, groupIds } = this.#shared;
    if (roles.length > 0) await setRoles(client, user.id, roles, { signal });
    for (const id of groupIds) await addToGroup(client, id, user.id, { signal });
  }

  /** The user stays. */
  async cleanup(): Promise<void> {}
}
