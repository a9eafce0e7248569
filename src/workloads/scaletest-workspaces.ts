import type { CoderClient } from "../coder/client.ts";
import type { Template, Workspace } from "../coder/schemas.ts";

/** All workspaces of scale tests, or those of one template or run, sorted by name; running or not. */
export async function findScaletestWorkspaces(
  client: CoderClient,
  template: Template | undefined,
  run: string | undefined,
  signal: AbortSignal,
): Promise<Workspace[]> {
  const prefix = run === undefined ? "scaletest-" : `scaletest-${run}-`;
  const query = `name:"${prefix}"${template ? ` template:"${template.name}"` : ""}`;
  const all = await client.findWorkspaces(query, { signal });
  return all
    .filter((one) => one.name.startsWith(prefix) || one.owner_name.startsWith(prefix))
    .filter((one) => template === undefined || one.template_id === template.id)
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

export function isRunning({ latest_build: build }: Workspace): boolean {
  return build.transition === "start" && build.job.status === "succeeded";
}
