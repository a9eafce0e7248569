import type { Metric } from "../../measure/metric.ts";
import {
  CREATION_METRICS,
  createWorkspacesFields,
  createWorkspacesSchema,
} from "../../workloads/create-workspaces/config.ts";
import { trafficConfigSchema, trafficFields } from "../../workloads/workspace-traffic/config.ts";
import { JUDGED } from "../../workloads/workspace-traffic/describe.ts";

/** What the workloads that the editor starts can be told. Loaded where it is used: the window starts without it. */
export const TABLES = {
  "create-workspaces": { fields: createWorkspacesFields, schema: createWorkspacesSchema },
  "workspace-traffic": { fields: trafficFields, schema: trafficConfigSchema },
} as const;
/** What their runs can be held to. */
export const METRICS = {
  "create-workspaces": CREATION_METRICS,
  "workspace-traffic": JUDGED,
} as const satisfies Record<keyof typeof TABLES, readonly Metric[]>;
export type Started = keyof typeof TABLES;
