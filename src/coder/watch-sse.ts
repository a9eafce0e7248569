import type { CoderClient } from "./client.ts";
import { type Workspace, workspaceSchema } from "./schemas.ts";

/**
 * Server-sent events for deployments without `watch-ws`: `event: ping|data|error`, one JSON object a data
 * line, events apart by an empty line; chunks are not events (fact sheet §5.4).
 */
export async function watchBySse(
  client: CoderClient,
  workspaceId: string,
  offer: (workspace: Workspace) => void,
  signal: AbortSignal,
): Promise<void> {
  const body = await client.transport.stream({
    method: "GET",
    path: `/api/v2/workspaces/${workspaceId}/watch`,
    route: "GET /api/v2/workspaces/{workspace}/watch",
    token: client.token,
    subject: client.subject,
    signal,
  });
  let pending = "";
  const decoder = new TextDecoder();
  for await (const chunk of body) {
    pending += decoder.decode(chunk as Uint8Array, { stream: true });
    const events = pending.split("\n\n");
    pending = events.pop() ?? "";
    for (const event of events) {
      const workspace = dataOf(event);
      if (workspace) offer(workspace);
    }
    if (pending.length > 16 * 1024 * 1024) throw new Error("an event of the watch does not end");
  }
}

function dataOf(event: string): Workspace | undefined {
  const lines = event.split("\n");
  if (!lines.includes("event: data")) return undefined;
  const data = lines.filter((line) => line.startsWith("data:")).map((line) => line.slice(5).trimStart());
  try {
    return workspaceSchema.safeParse(JSON.parse(data.join("\n"))).data;
  } catch {
    return undefined;
  }
}
