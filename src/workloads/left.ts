import type { CoderClient } from "../coder/client.ts";
import type { Left } from "../protocol/left.ts";

/** Users and workspaces whose names begin with a run's prefix and that the deployment still has: asked, not assumed. */
export async function countLeft(client: CoderClient, prefix: string, signal: AbortSignal): Promise<Left> {
  const workspaces = await client.countWorkspaces(`name:"${prefix}"`, { signal });
  const users = await client.findUsers(prefix, { signal });
  return { workspaces, users: users.filter((user) => user.username.startsWith(prefix)).length, tokens: 0 };
}
