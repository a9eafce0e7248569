import { rfc3339 } from "../clock.ts";
import type { Deployment } from "../deployment.ts";
import { type Reply, websocket } from "../http/reply.ts";
import { keepAlive, refuseMessages } from "../http/sockets.ts";
import type { Agent } from "../state/model.ts";

const EVERY_MS = 1000;

/** The one item of metadata that every simulated agent has. */
function items(agent: Agent, { clock, random }: Deployment): Record<string, unknown>[] {
  const now = clock.now();
  const collected = agent.firstConnectedAt !== undefined && agent.disconnectedAt === undefined;
  return [
    {
      result: {
        collected_at: rfc3339(now),
        age: 0,
        value: collected ? `${random.between([0.1, 2]).toFixed(2)}\n` : "",
        error: "",
      },
      description: {
        display_name: "Load",
        key: "load",
        script: "cut -d' ' -f1 /proc/loadavg",
        interval: 5,
        timeout: 1,
      },
    },
  ];
}

/** An array of items about once a second; it goes on after the workspace was stopped. */
export function metadataSocket(agent: Agent, deployment: Deployment): Reply {
  return websocket((socket, tcp) => {
    keepAlive(socket);
    refuseMessages(socket, 1002, "Clients cannot send messages for one-way WebSockets");
    const send = () => {
      if (tcp.writableNeedDrain) return;
      socket.send(`${JSON.stringify({ type: "data", data: items(agent, deployment) })}\n`);
    };
    send();
    socket.on("close", deployment.timers.every(EVERY_MS, send));
  });
}

export function metadataEvents(agent: Agent, deployment: Deployment): Reply {
  return {
    kind: "stream",
    headers: { "Content-Type": "text/event-stream", "Cache-Control": "no-cache", "X-Accel-Buffering": "no" },
    start(out) {
      const send = () => {
        if (out.writableNeedDrain) return;
        out.write(`event: data\ndata: ${JSON.stringify(items(agent, deployment))}\n\n`);
      };
      send();
      out.on("close", deployment.timers.every(EVERY_MS, send));
    },
  };
}
