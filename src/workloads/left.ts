import type { CoderClient } from "../coder/client.ts";
import type { Remains } from "../contract/plan.ts";

/** Users and workspaces whose names begin with a run's prefix and that the deployment still has: asked, not assumed. */
export async function countLeft(client: CoderClient, prefix: string, signal: AbortSignal): Promise<Remains> {
  const workspaces = await client.countWorkspaces(`name:"${prefix}"`, { signal });
  const found = await client.findUsers(prefix, { signal });
  const users = found.filter((user) => user.username.startsWith(prefix)).length;
  return { left: { users, workspaces, tokens: 0 } };
}
