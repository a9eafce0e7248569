import type { Plan } from "../../contract/plan.ts";
import type { PrepareContext } from "../../contract/prepare.ts";
import { say } from "../../text/message.ts";
import { poolPrefix } from "../pools.ts";
import { findTemplate } from "../preflight/find-template.ts";
import { findScaletestWorkspaces } from "../scaletest-workspaces.ts";
import { creationOf, type PrepareWorkspacesConfig } from "./pool-config.ts";
import { prepare as prepareCreation } from "./prepare.ts";

/** A creation that is never cleaned up, of as many workspaces as the pool has too few. */
export async function prepare(
  { name, count, ...config }: PrepareWorkspacesConfig,
  context: PrepareContext,
): Promise<Plan> {
  const { client, signal } = context;
  const template = await findTemplate(client, config.template, config.org, signal);
  const there = await findScaletestWorkspaces(client, { template, pool: name }, signal);
  const missing = Math.max(0, count - there.length);
  if (there.length > 0)
    context.event(
      say('pool "{0}" has {1} workspaces; {2} are created', name, String(there.length), String(missing)),
    );
  const creation = creationOf(config, Math.max(1, missing));
  const plan = await prepareCreation(creation, context, `${poolPrefix(name)}${context.runId}-`);
  return missing > 0 ? plan : { ...plan, jobs: [] };
}
