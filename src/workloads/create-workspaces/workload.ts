import { defineWorkload } from "../../contract/workload.ts";
import { say } from "../../text/message.ts";
import {
  CREATE_WORKSPACES,
  CREATION_METRICS,
  createWorkspacesFields,
  createWorkspacesSchema,
} from "./config.ts";
import { CREATION } from "./describe.ts";

export const createWorkspaces = defineWorkload({
  name: CREATE_WORKSPACES,
  alias: "create",
  summary: "Create users and workspaces, connect to each by SSH and web terminal, run a command, delete all",
  schema: createWorkspacesSchema,
  fields: createWorkspacesFields,
  metrics: CREATION_METRICS,
  described: [CREATION],
  earlierNames: [
    { name: "organization", now: "org" },
    { name: "keep", now: "noCleanup" },
  ],
  demand: ({ count }) => ({ workspaces: count }),
  makes: ({ count }) => count,
  // One workspace is like the other: as many as failed.
  onlyFailed: (config, failed) => ({ ...config, count: failed }),
  needsOwner: ({ useHostLogin, pool }) => {
    if (useHostLogin) return undefined;
    return pool === undefined ? say("creating users") : say("making tokens for others");
  },
  title: (config) => `create ${config.count} × ${config.template}`,
  prepare: async (config, context) => (await import("./prepare.ts")).prepare(config, context),
  preflight: async (config, context) =>
    (await import("./preflight.ts")).checkCreateWorkspaces(config, context),
});
