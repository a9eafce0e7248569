import type { Deployment } from "../deployment.ts";
import type { Context } from "../http/context.ts";
import type { Reply } from "../http/reply.ts";
import { websocket } from "../http/reply.ts";
import { keepAlive, refuseMessages } from "../http/sockets.ts";
import { UNREAD_BYTES } from "../limits.ts";
import type { Workspace } from "../state/model.ts";
import { viewWorkspace } from "../views/workspaces.ts";

const SSE_PING_MS = 15_000;

/** Several changes in one go are told once: the next turn of the loop sends the state as it is then. */
function onChange(workspace: Workspace, send: () => void): () => void {
  let due = false;
  const watcher = () => {
    if (due) return;
    due = true;
    setImmediate(() => {
      due = false;
      if (workspace.watchers.has(watcher)) send();
    });
  };
  workspace.watchers.add(watcher);
  return () => workspace.watchers.delete(watcher);
}

/** Server-sent events: a ping, then the whole workspace at every change. */
export function watchEvents(context: Context, workspace: Workspace, deployment: Deployment): Reply {
  const { user } = context.caller;
  return {
    kind: "stream",
    headers: { "Content-Type": "text/event-stream", "Cache-Control": "no-cache", "X-Accel-Buffering": "no" },
    start(out) {
      let due = false;
      const send = () => {
        // For one who does not read, only the last state waits.
        due = out.writableLength >= UNREAD_BYTES;
        if (due) return;
        out.write(`event: data\ndata: ${JSON.stringify(viewWorkspace(workspace, deployment, user))}\n\n`);
      };
      out.on("drain", () => due && send());
      out.write("event: ping\n\n");
      send();
      const stop = onChange(workspace, send);
      const pings = setInterval(() => out.writableNeedDrain || out.write("event: ping\n\n"), SSE_PING_MS);
      out.on("close", () => {
        clearInterval(pings);
        stop();
      });
    },
  };
}

/** The same over a WebSocket; it stays open after the workspace is gone. */
export function watchSocket(context: Context, workspace: Workspace, deployment: Deployment): Reply {
  const { user } = context.caller;
  return websocket((socket, tcp) => {
    keepAlive(socket);
    refuseMessages(socket, 1002, "Clients cannot send messages for one-way WebSockets");
    let due = false;
    const send = () => {
      due = tcp.writableLength >= UNREAD_BYTES;
      if (due) return;
      socket.send(`${JSON.stringify({ type: "data", data: viewWorkspace(workspace, deployment, user) })}\n`);
    };
    tcp.on("drain", () => due && send());
    socket.send('{"type":"ping","data":null}\n');
    send();
    socket.on("close", onChange(workspace, send));
  });
}
