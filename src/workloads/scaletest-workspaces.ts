import type { CoderClient } from "../coder/client.ts";
import type { Template, Workspace } from "../coder/schemas.ts";
import { poolNameOf, poolPrefix } from "./pools.ts";

export interface WhichWorkspaces {
  template?: Template | undefined;
  /** Of the run that has made them. */
  run?: string | undefined;
  pool?: string | undefined;
}

/** All workspaces of scale tests, or those of one template, run or pool, sorted by name; running or not. */
export async function findScaletestWorkspaces(
  client: CoderClient,
  { template, run, pool }: WhichWorkspaces,
  signal: AbortSignal,
): Promise<Workspace[]> {
  // The deployment looks for that anywhere in a name.
  const part = pool !== undefined ? poolPrefix(pool) : run === undefined ? "scaletest-" : `-${run}-`;
  const query = `name:"${part}"${template ? ` template:"${template.name}"` : ""}`;
  const all = await client.findWorkspaces(query, { signal });
  return all
    .filter(({ name, owner_name: owner }) => [name, owner].some((one) => isOf({ run, pool }, one)))
    .filter((one) => template === undefined || one.template_id === template.id)
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

function isOf({ run, pool }: WhichWorkspaces, name: string): boolean {
  const of = poolNameOf(name);
  if (pool !== undefined && of?.pool !== pool) return false;
  if (run === undefined) return name.startsWith("scaletest-");
  return of?.run === run || name.startsWith(`scaletest-${run}-`);
}

export function isRunning({ latest_build: build }: Workspace): boolean {
  return build.transition === "start" && build.job.status === "succeeded";
}
