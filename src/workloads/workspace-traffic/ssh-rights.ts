import * as z from "zod";
import type { CoderClient } from "../../coder/client.ts";
import type { Workspace } from "../../coder/schemas.ts";

const answerSchema = z.record(z.string(), z.boolean());

/**
 * Whether the client's own token opens SSH to all of these workspaces, its user's and others': Coder's rights
 * hang on role and organization, so each organization is asked for once (docs/coder-api.md, About a deployment). False
 * where the deployment does not say.
 */
export async function mayReachBySsh(
  client: CoderClient,
  workspaces: readonly Workspace[],
  userId: string,
  signal: AbortSignal,
): Promise<boolean> {
  const others = workspaces.filter((one) => one.owner_id !== userId);
  const checks = Object.fromEntries(
    others.map(({ organization_id, owner_id }) => [
      organization_id,
      { object: { resource_type: "workspace", organization_id, owner_id }, action: "ssh" },
    ]),
  );
  const asked = Object.keys(checks);
  if (asked.length === 0) return true;
  const path = "/api/v2/authcheck";
  const { token, subject } = client;
  const call = {
    method: "POST",
    path,
    route: `POST ${path}`,
    body: { checks },
    isQuestion: true,
    token,
    subject,
    signal,
  } as const;
  const answer = await client.transport.json(call, answerSchema).catch((error) => {
    if (signal.aborted) throw error;
    return {} as Record<string, boolean>;
  });
  return asked.every((organization) => answer[organization] === true);
}
