import type { CoderClient } from "../coder/client.ts";
import type { Check } from "../protocol/check.ts";
import { createWorkspacesSchema } from "./create-workspaces/config.ts";
import { checkCreateWorkspaces } from "./create-workspaces/preflight.ts";
import { trafficConfigSchema } from "./workspace-traffic/config.ts";
import { checkTraffic } from "./workspace-traffic/preflight.ts";

/** What can be found out before a run with this configuration, without making anything. */
export type CheckBeforeLoad = (
  config: Record<string, unknown>,
  client: CoderClient,
  signal: AbortSignal,
) => Promise<Check[]>;

/**
 * By workload; those that put no load on a deployment are not among them. Apart from the workloads themselves, whose
 * SSH and traffic the editor would load with them.
 */
export const checksBeforeLoad: Readonly<Record<string, CheckBeforeLoad>> = {
  "create-workspaces": (config, client, signal) =>
    checkCreateWorkspaces(createWorkspacesSchema.parse(config), client, signal),
  "workspace-traffic": (config, client, signal) =>
    checkTraffic(trafficConfigSchema.parse(config), client, signal),
};
