import { createWorkspacesFields, createWorkspacesSchema } from "../../workloads/create-workspaces/config.ts";
import { trafficConfigSchema, trafficFields } from "../../workloads/workspace-traffic/config.ts";

/** What the workloads that the editor starts can be told. Loaded where it is used: the window starts without it. */
export const TABLES = {
  "create-workspaces": { fields: createWorkspacesFields, schema: createWorkspacesSchema },
  "workspace-traffic": { fields: trafficFields, schema: trafficConfigSchema },
} as const;
export type Started = keyof typeof TABLES;
