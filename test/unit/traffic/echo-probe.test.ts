import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WebSocketServer } from "ws";
import { Pool } from "../../../src/load/pool.ts";
import { PlaceServer } from "../../../src/load/serve.ts";
import { now } from "../../../src/measure/clock.ts";
import { probes } from "../../../src/workloads/probes.ts";
import type { Address, EchoSetup } from "../../../src/workloads/workspace-traffic/probe/setup.ts";
import { byText, loadSetup, silentEvents } from "../load/fakes.ts";

const server = createServer();
const sockets = new WebSocketServer({ server });
sockets.on("connection", (socket) => socket.on("message", (data) => socket.send(data)));
let url = "";
beforeEach(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  for (const socket of sockets.clients) socket.terminate();
  return new Promise((resolve) => server.close(resolve));
});

function pool(over: Partial<Record<keyof EchoSetup, unknown>> = {}) {
  const probeSetup: EchoSetup = {
    target: { url: `http://${url}`, token: "a", network: {} },
    bytes: 100,
    echo: "raw",
    seed: 1,
    openTimeoutMs: 5_000,
    upgradesStripped: false,
    ssh: undefined,
  };
  const counts = new Map<string, number>();
  const deaths: string[] = [];
  const made = new Pool<Address>(
    byText(PlaceServer, probes, 0),
    1,
    {
      ...loadSetup,
      intervalMs: 20,
      zero: now(),
      epoch: now(),
      probe: "echo",
      probeSetup: { ...probeSetup, ...over },
    },
    {
      ...silentEvents,
      died: (_place, error) => deaths.push(error.message),
      second: (_place, { batch }) => {
        for (const part of [batch.values.measured, batch.values.spoiled])
          for (const [key, value] of Object.entries(part ?? {}))
            if (value.kind === "counter") counts.set(key, (counts.get(key) ?? 0) + value.n);
      },
    },
  );
  return { made, counts, deaths };
}

describe("echoes in a place that is reached by text", () => {
  it("go out and come back, and are counted in the seconds by their transport", async () => {
    const { made, counts } = pool();
    const one = made.open(0, { kind: "app", url: `ws://${url}/`, token: "a" });
    made.session({ token: "a", state: "accepted", replaced: { former: "u", next: "v" } });
    await one.opened;
    // The place hears of it before it begins.
    const from = now() + 200;
    made.setWindow([one], { from, until: from + 300 });
    const { ticks } = await one.ended;
    expect(ticks.sent).toBeGreaterThanOrEqual(10);
    expect(ticks).toMatchObject({ echoed: ticks.sent, wrong: 0, lost: 0 });
    const key = (outcome: string) => `ticks{outcome="${outcome}",transport="app"}`;
    expect(counts.get(key("due"))).toBe(15);
    expect(counts.get(key("echoed"))).toBe(counts.get(key("sent")));
    await made.close();
  });

  it.each([
    ["an echo that nobody knows", { echo: "loud" }],
    ["a way for SSH that nobody knows", { ssh: { via: "pigeon" } }],
  ])("do not begin with %s", async (_what, over) => {
    const { made, deaths } = pool(over);
    const one = made.open(0, { kind: "app", url: `ws://${url}/`, token: "a" });
    await expect(one.opened).rejects.toMatchObject({ causeId: "shard_died" });
    expect(deaths).toEqual([expect.stringMatching(/Invalid/)]);
  });
});
