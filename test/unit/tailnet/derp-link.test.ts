import { createServer, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { Relay } from "../../../src/sandbox/tailnet/relay.ts";
import { Timers } from "../../../src/sandbox/timers.ts";
import { systemClock } from "../../../src/tailnet/clock.ts";
import { keyPair, sodiumReady } from "../../../src/tailnet/crypto/sodium.ts";
import { DerpFrame, encodeDerpFrame } from "../../../src/tailnet/derp/frame.ts";
import { Relays } from "../../../src/tailnet/derp/relays.ts";
import type { DerpRegion } from "../../../src/tailnet/proto/messages.ts";

/** Links to relays over real sockets; the relay is the sandbox's, which shares no code with the link. */
beforeAll(() => sodiumReady());

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0).reverse()) close();
});

interface Served {
  region: DerpRegion;
  relay: Relay;
  sockets: Set<Socket>;
  dials: number;
}

async function serve(id: number, latencyMs = 0, onUpgrade?: (socket: Socket) => void): Promise<Served> {
  const timers = new Timers();
  const relay = new Relay(Buffer.alloc(32, id), timers, { loses: () => false });
  const server: Server = createServer((request, response) => {
    if (request.url === "/derp/latency-check") setTimeout(() => response.end(), latencyMs);
    else response.writeHead(404).end();
  });
  const served: Served = { relay, sockets: new Set(), dials: 0, region: undefined as never };
  server.on("upgrade", (_request, socket: Socket, head) => {
    served.dials++;
    served.sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: DERP\r\n\r\n");
    if (onUpgrade) onUpgrade(socket);
    else relay.serveSocket(socket, head);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(() => {
    timers.close();
    for (const socket of served.sockets) socket.destroy();
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const node = { name: `${id}a`, host: "127.0.0.1", port, stunOnly: false, forceHttp: true };
  served.region = { id, code: `r${id}`, name: "", embeddedRelay: false, avoid: false, nodes: [node] };
  return served;
}

function relays(...regions: DerpRegion[]) {
  const keys = keyPair();
  const packets: string[] = [];
  const gone: string[] = [];
  const ups: number[] = [];
  const downs: string[] = [];
  const one = new Relays({
    access: { url: "http://unused", headers: {}, credentials: {} },
    keys,
    clock: systemClock,
    forceWebSockets: false,
    handlers: {
      packet: (from, packet) => packets.push(`${from.toString("hex", 0, 2)} ${packet}`),
      peerGone: (key) => gone.push(key.toString("hex")),
    },
    homeUp: (region) => ups.push(region),
    homeDown: (error) => downs.push(error.message),
  });
  closers.push(() => one.close());
  one.useMap(new Map(regions.map((region) => [region.id, region])));
  return { one, key: Buffer.from(keys.publicKey), packets, gone, ups, downs };
}

const peer = (byte: number) => Buffer.alloc(32, byte);

describe("several regions", () => {
  test("home is the one that answers first; agents are reached in theirs, and heard from any", async () => {
    const [slow, quick] = [await serve(1, 300), await serve(2)];
    const { one, key, packets, ups } = relays(slow.region, quick.region);
    await expect.poll(() => ups).toEqual([2]);
    expect(one.home).toBe(2);
    const got: string[] = [];
    const there = slow.relay.attach(peer(0xaa), (from, packet) => got.push(`${from.equals(key)} ${packet}`));
    await expect
      .poll(() => {
        one.linkTo(1)?.send(peer(0xaa), Buffer.from("hello"));
        return got.length;
      })
      .toBeGreaterThan(0);
    expect(got[0]).toBe("true hello");
    there.send(key, Buffer.from("back by region 1"));
    quick.relay.attach(peer(0xbb), () => undefined).send(key, Buffer.from("back by region 2"));
    await expect.poll(() => [...packets].sort()).toEqual(["aaaa back by region 1", "bbbb back by region 2"]);
    expect([slow.dials, quick.dials]).toEqual([1, 1]);
  });

  test("a region that is not on the map is tried by way of home", async () => {
    const only = await serve(5);
    const { one, ups } = relays(only.region);
    await expect.poll(() => ups).toEqual([5]);
    expect(one.linkTo(77)).toBe(one.linkTo(5));
  });
});

describe("a relay's link", () => {
  test("tells of peers that are gone, and of peers that never were", async () => {
    const served = await serve(1);
    const { one, gone, ups } = relays(served.region);
    await expect.poll(() => ups.length).toBe(1);
    const there = served.relay.attach(peer(0xaa), () => there.leave());
    one.linkTo(1)?.send(peer(0xaa), Buffer.from("go away"));
    await expect.poll(() => gone).toEqual([peer(0xaa).toString("hex")]);
    one.linkTo(1)?.send(peer(0xcc), Buffer.from("anybody?"));
    await expect.poll(() => gone.at(-1)).toBe(peer(0xcc).toString("hex"));
  });

  test("a lost one is dialled again at once, under the same key", async () => {
    const served = await serve(1);
    const { key, packets, ups, downs } = relays(served.region);
    await expect.poll(() => ups.length).toBe(1);
    for (const socket of served.sockets) socket.destroy();
    await expect.poll(() => ups.length).toBe(2);
    expect(downs).toHaveLength(1);
    served.relay.attach(peer(0xaa), () => undefined).send(key, Buffer.from("still me?"));
    await expect.poll(() => packets).toEqual(["aaaa still me?"]);
  });

  test("a ping is answered with its own bytes", async () => {
    let answered = "";
    const served = await serve(1, 0, (socket) => {
      socket.on("data", (chunk: Buffer) => {
        answered += chunk.toString("hex");
      });
      socket.write(encodeDerpFrame(DerpFrame.ping, Buffer.from("0123456789abcdef", "hex")));
    });
    relays(served.region);
    await expect.poll(() => answered).toBe("13000000080123456789abcdef");
  });

  test("what is no relay is named, and dialled again with longer and longer pauses", async () => {
    const served = await serve(1, 0, (socket) => {
      socket.write(encodeDerpFrame(DerpFrame.serverKey, Buffer.alloc(40, 1)));
    });
    const { downs } = relays(served.region);
    await expect.poll(() => downs.length).toBeGreaterThan(2);
    expect(new Set(downs)).toEqual(new Set(["this is no DERP relay"]));
    const dials = served.dials;
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(served.dials - dials).toBeLessThan(4);
  });

  test("one that says it is restarting is given the time it asks for", async () => {
    let restarts = 0;
    const times: number[] = [];
    const served = await serve(1, 0, (socket) => {
      times.push(performance.now());
      if (restarts++ > 0) return;
      const body = Buffer.alloc(8);
      body.writeUInt32BE(700, 0);
      socket.end(encodeDerpFrame(DerpFrame.restarting, body));
    });
    relays(served.region);
    await expect.poll(() => times.length, { timeout: 5_000 }).toBe(2);
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(690);
  });

  test("packets with nowhere to go are counted, not kept", async () => {
    const served = await serve(1);
    const { one, ups } = relays(served.region);
    await expect.poll(() => ups.length).toBe(1);
    one.linkTo(1)?.send(peer(0xaa), Buffer.alloc(65_537));
    expect(one.dropped).toBe(1);
    one.close();
    expect(one.linkTo(1)).toBeUndefined();
  });
});
