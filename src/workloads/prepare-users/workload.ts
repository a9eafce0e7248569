import { defineWorkload } from "../../contract/workload.ts";
import { say } from "../../text/message.ts";
import { PREPARE_USERS, prepareUsersFields, prepareUsersSchema } from "./config.ts";
import { USER_METRICS, USERS_RUN } from "./describe.ts";

export const prepareUsers = defineWorkload({
  name: PREPARE_USERS,
  command: ["prepare", "users"],
  summary: "Create the users of a pool, which many runs use one after the other or side by side",
  schema: prepareUsersSchema,
  fields: prepareUsersFields,
  metrics: USER_METRICS,
  described: [USERS_RUN],
  notAStep: true,
  keeps: true,
  demand: () => ({}),
  needsOwner: () => say("creating users"),
  title: ({ count, name }) => `pool ${name} of ${count} users`,
  prepare: async (config, context) => (await import("./prepare.ts")).prepare(config, context),
  preflight: async (config, context) => (await import("./preflight.ts")).checkPool(config, context),
});
