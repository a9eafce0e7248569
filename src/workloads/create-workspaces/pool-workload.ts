import { defineWorkload } from "../../contract/workload.ts";
import { say } from "../../text/message.ts";
import { CREATION_METRICS } from "./config.ts";
import { CREATION } from "./describe.ts";
import { PREPARE_WORKSPACES, prepareWorkspacesFields, prepareWorkspacesSchema } from "./pool-config.ts";

export const prepareWorkspaces = defineWorkload({
  name: PREPARE_WORKSPACES,
  command: ["prepare", "workspaces"],
  summary: "Create the workspaces of a pool, which many runs use one after the other or side by side",
  schema: prepareWorkspacesSchema,
  fields: prepareWorkspacesFields,
  metrics: CREATION_METRICS,
  described: [CREATION],
  notAStep: true,
  keeps: true,
  demand: ({ count }) => ({ workspaces: count }),
  needsOwner: () => say("creating users"),
  title: ({ count, name }) => `pool ${name} of ${count} workspaces`,
  prepare: async (config, context) => (await import("./pool-prepare.ts")).prepare(config, context),
  preflight: async (config, context) => (await import("./pool-preflight.ts")).checkPool(config, context),
});
