import type { WebSocket } from "ws";
import * as z from "zod";
import { say } from "../text/message.ts";
import type { CoderClient } from "./client.ts";
import { CoderError } from "./errors.ts";
import { type Workspace, workspaceSchema } from "./schemas.ts";
import { openSocket } from "./sockets.ts";
import { Silent } from "./watch-ways.ts";

const frameSchema = z.object({ type: z.string(), data: z.unknown() });
/** The server pings every 15 s (docs/coder-api.md, Watching); three missed ones, and nobody is there any more. */
export const SILENCE_MS = 50_000;
/** The server speaks at once (docs/coder-api.md, Watching). */
export const FIRST_NEWS_MS = 15_000;
export const NOTHING_CAME = "the watch was opened, and nothing came";
const ROUTE = "GET /api/v2/workspaces/{workspace}/watch-ws";

/** Follows a workspace by WebSocket. Resolves when it has ended, by whatever end; `heard` is told of every frame. */
export async function watchBySocket(
  client: CoderClient,
  workspaceId: string,
  told: { offer: (workspace: Workspace) => void; heard: () => void },
  signal: AbortSignal,
): Promise<void> {
  const socket = await openSocket(client.transport, {
    path: `/api/v2/workspaces/${workspaceId}/watch-ws`,
    route: ROUTE,
    token: client.token,
    subject: client.subject,
    signal,
    timeoutMs: FIRST_NEWS_MS,
  });
  await readFrames(socket, signal, (text) => {
    told.heard();
    const workspace = workspaceOf(text);
    if (workspace) told.offer(workspace);
  });
}

function workspaceOf(text: string): Workspace | undefined {
  let frame: z.infer<typeof frameSchema> | undefined;
  try {
    frame = frameSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
  if (frame.type !== "data") return undefined;
  const workspace = workspaceSchema.safeParse(frame.data);
  if (workspace.success) return workspace.data;
  throw new CoderError({
    kind: "unexpected",
    route: ROUTE,
    status: 101,
    message: say("a workspace without {0}", workspace.error.issues[0]?.path.join(".") ?? say("its fields")),
  });
}

/** Rejects where `take` throws, and with Silent where not a single message came. */
function readFrames(socket: WebSocket, signal: AbortSignal, take: (text: string) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    let isSilent = true;
    const over = () => socket.terminate();
    let silence = setTimeout(over, FIRST_NEWS_MS);
    const alive = () => {
      // A ping may be that of a proxy: only a message proves that the deployment is heard.
      if (isSilent) return;
      clearTimeout(silence);
      silence = setTimeout(over, SILENCE_MS);
    };
    // 1000 is the only close that says "done"; terminate() after it covers a server that does not answer.
    const leave = () => {
      socket.close(1000);
      setTimeout(() => socket.terminate(), 1_000).unref();
    };
    signal.addEventListener("abort", leave, { once: true });
    socket.on("ping", alive);
    socket.on("message", (data) => {
      isSilent = false;
      alive();
      try {
        take(String(data));
      } catch (error) {
        reject(error);
        socket.terminate();
      }
    });
    socket.on("error", () => undefined);
    socket.on("close", () => {
      clearTimeout(silence);
      signal.removeEventListener("abort", leave);
      if (isSilent && !signal.aborted) reject(new Silent(NOTHING_CAME));
      resolve();
    });
    if (signal.aborted) leave();
    socket.resume();
  });
}
