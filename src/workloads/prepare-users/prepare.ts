import { addToGroup, setRoles } from "../../coder/membership.ts";
import type { User } from "../../coder/schemas.ts";
import type { Job, JobContext } from "../../contract/job.ts";
import type { Plan } from "../../contract/plan.ts";
import type { PrepareContext } from "../../contract/prepare.ts";
import { say } from "../../text/message.ts";
import { countLeft } from "../left.ts";
import { makeUser } from "../make-user.ts";
import { findPoolUsers, poolPrefix } from "../pools.ts";
import { thresholdsOf } from "../thresholds.ts";
import type { PrepareUsersConfig } from "./config.ts";
import { USER_METRICS, USERS_RUN } from "./describe.ts";
import { groupIdsOf, organizationsOf } from "./memberships.ts";

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
