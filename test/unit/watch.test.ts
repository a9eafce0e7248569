import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { WebSocketServer } from "ws";
import { CoderClient } from "../../src/coder/client.ts";
import { type Workspace, workspaceSchema } from "../../src/coder/schemas.ts";
import { WorkspaceWatch } from "../../src/coder/watch.ts";
import { type Way, Ways, waysOf } from "../../src/coder/watch-ways.ts";
import { waitFor } from "../support/wait-for.ts";

function workspace(status: "running" | "succeeded"): Workspace {
  const over = status === "succeeded" ? { completed_at: "2026-01-01T00:00:01Z" } : {};
  const job = { id: "j", status, created_at: "2026-01-01T00:00:00Z", ...over };
  const latest_build = { id: "b", build_number: 1, transition: "start", status: "running", job };
  const created_at = "2026-01-01T00:00:00Z";
  return workspaceSchema.parse({
    id: "w",
    name: "scaletest-x-0",
    owner_id: "o",
    owner_name: "o",
    created_at,
    latest_build,
  });
}

describe("what a way is worth", () => {
  it("one that has never worked is left at its first refusal, and at its second loss", () => {
    const refused = new Ways();
    refused.fails("socket", true);
    expect(refused.best).toBe("events");
    const lost = new Ways();
    lost.fails("socket", false);
    expect(lost.best).toBe("socket");
    lost.fails("socket", false);
    expect(lost.best).toBe("events");
  });

  it("one that has worked is lost as often as may be, and left after some refusals in a row", () => {
    const ways = new Ways();
    ways.works("socket");
    for (let at = 0; at < 10; at++) ways.fails("socket", false);
    ways.fails("socket", true);
    ways.fails("socket", true);
    ways.works("socket");
    ways.fails("socket", true);
    ways.fails("socket", true);
    expect(ways.best).toBe("socket");
    ways.fails("socket", true);
    expect(ways.best).toBe("events");
  });

  it("late failures of one that is left already are no news, and the last one is never left", () => {
    const ways = new Ways();
    ways.fails("socket", true);
    ways.fails("socket", true);
    expect(ways.best).toBe("events");
    ways.fails("events", true);
    ways.fails("poll", true);
    expect(ways.best).toBe("poll");
  });
});

describe("a proxy that opens and then keeps back", () => {
  let server: Server;
  let sockets: WebSocketServer;
  let client: CoderClient;
  let now: Workspace;

  beforeEach(async () => {
    // The network goes on by itself; only waiting is virtual.
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
    now = workspace("running");
    server = createServer((request, response) => {
      const path = request.url?.split("?")[0] ?? "";
      if (path.endsWith("/watch")) {
        response.writeHead(200, { "content-type": "text/event-stream" });
        return response.flushHeaders();
      }
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(now));
    });
    sockets = new WebSocketServer({ noServer: true });
    server.on("upgrade", (request, socket, head) =>
      sockets.handleUpgrade(request, socket, head, () => undefined),
    );
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    client = new CoderClient({ url, token: "t", network: {} });
  });
  afterEach(async () => {
    vi.useRealTimers();
    await client.close();
    for (const socket of sockets.clients) socket.terminate();
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });

  /** Lets time pass, with turns for the network between, until news would come by this way. */
  function passUntil(way: Way): Promise<void> {
    return waitFor(async () => {
      await vi.advanceTimersByTimeAsync(1_000);
      expect(waysOf(client.transport).best).toBe(way);
    });
  }

  it("is found out: by the silence of the WebSocket, then by that of the events; then it is asked", async () => {
    const watch = new WorkspaceWatch(client, now);
    const ended = watch.until(({ latest_build: { job } }) => job.completed_at, new AbortController().signal);
    await passUntil("events");
    await passUntil("poll");
    now = workspace("succeeded");
    await waitFor(() => vi.advanceTimersByTimeAsync(3_000));
    expect(await ended).toBe("2026-01-01T00:00:01Z");
    watch.close();
  });
});
