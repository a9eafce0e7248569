import { describe, expect, test } from "vitest";
import { TcpFlag } from "../../../src/tailnet/tcp/packet.ts";
import { randomBytes, sha256, TcpPair } from "./tcp-pair.ts";

const established = (pair: TcpPair) => {
  const ok = pair.clock.runUntil(() => pair.client.isEstablished && pair.server.isEstablished, 60_000);
  expect(ok).toBe(true);
  return pair;
};

describe("opening", () => {
  test("a lost SYN is sent again, and a lost SYN-ACK too", () => {
    let dropped = 0;
    const pair = new TcpPair({ drop: (segment) => (segment.flags & TcpFlag.syn ? ++dropped <= 3 : false) });
    established(pair);
    expect(dropped).toBeGreaterThan(3);
  });

  test("a peer that never answers is given up after eight tries", () => {
    const pair = new TcpPair({ drop: () => true });
    pair.clock.runUntil(() => pair.client.closed !== undefined, 600_000);
    expect(pair.client.closed).toMatchObject({ kind: "connection_timeout" });
    expect(pair.client.packets).toBe(9);
  });

  test("a port where nothing listens is told apart", () => {
    const pair = new TcpPair({ drop: () => true });
    const { connection } = pair.client;
    connection?.receive(
      {
        sourcePort: 1,
        destinationPort: 40_000,
        seq: 0,
        ack: seqOfSyn(pair) + 1,
        flags: TcpFlag.rst | TcpFlag.ack,
        window: 0,
        payload: Buffer.alloc(0),
      },
      1,
    );
    expect(pair.client.closed).toMatchObject({ kind: "connection_refused" });
  });
});

/** The client's first sequence number, read off a SYN that is sent again. */
function seqOfSyn(pair: TcpPair): number {
  let seq = -1;
  pair.onPacket = (segment) => {
    seq = segment.seq;
  };
  pair.clock.runUntil(() => seq >= 0, 5_000);
  return seq;
}

describe("closing", () => {
  test("both ways: the first to close waits in TIME_WAIT, the second is done at once", () => {
    const pair = established(new TcpPair());
    pair.send(pair.client, Buffer.from("question"), true);
    pair.clock.runUntil(() => pair.server.hasEnded, 1_000);
    pair.send(pair.server, Buffer.from("answer"), true);
    pair.clock.runUntil(() => pair.server.closed !== undefined, 1_000);
    expect(pair.server.closed).toBeNull();
    expect(pair.client.connection?.state).toBe("time-wait");
    expect(pair.client.received).toBe(6);
    pair.clock.runUntil(() => pair.client.closed !== undefined, 15_000);
    expect(pair.client.closed).toBeNull();
  });

  test("at the same moment", () => {
    const pair = established(new TcpPair());
    pair.client.connection?.end();
    pair.server.connection?.end();
    const closed = () => pair.client.closed !== undefined && pair.server.closed !== undefined;
    pair.clock.runUntil(closed, 30_000);
    expect([pair.client.closed, pair.server.closed]).toEqual([null, null]);
  });

  test("half-closed for minutes, the other side may still send", () => {
    const pair = established(new TcpPair());
    pair.send(pair.client, Buffer.alloc(0), true);
    pair.clock.run(300_000);
    expect(pair.server.hasEnded).toBe(true);
    const late = randomBytes(100_000);
    pair.send(pair.server, late, true);
    pair.clock.runUntil(() => pair.client.hasEnded, 10_000);
    expect(pair.client.digest()).toBe(sha256(late));
  });

  test("a lost FIN is sent again, a lost acknowledgement of it too", () => {
    let dropped = 0;
    const pair = established(
      new TcpPair({ drop: (segment) => (segment.flags & TcpFlag.fin ? ++dropped <= 2 : false) }),
    );
    pair.send(pair.client, Buffer.from("x"), true);
    pair.send(pair.server, Buffer.from("y"), true);
    const done = pair.clock.runUntil(() => pair.client.hasEnded && pair.server.hasEnded, 60_000);
    expect(done).toBe(true);
    expect(dropped).toBeGreaterThan(2);
  });

  test("where nobody reads any more, a peer that never ends is not waited for", () => {
    const pair = established(new TcpPair());
    pair.client.connection?.end();
    pair.client.connection?.discard(pair.clock.now());
    pair.clock.runUntil(() => pair.client.closed !== undefined, 120_000);
    expect(pair.client.closed).toBeNull();
  });

  test("an abort is an RST for the other side", () => {
    const pair = established(new TcpPair());
    pair.client.connection?.abort();
    pair.clock.runUntil(() => pair.server.closed !== undefined, 1_000);
    expect(pair.server.closed).toMatchObject({ kind: "connection_reset" });
  });

  test("an RST that only guesses the window does not end the connection", () => {
    const pair = established(new TcpPair());
    let seq = 0;
    let ack = 0;
    pair.onPacket = (segment, from) => {
      if (from !== "server") return;
      seq = segment.seq + segment.payload.length;
      ack = segment.ack;
    };
    pair.send(pair.server, Buffer.from("hello"));
    pair.clock.run(200);
    const base = { sourcePort: 1, destinationPort: 40_000, window: 100, payload: Buffer.alloc(0) };
    pair.client.connection?.receive({ ...base, seq: seq + 10, ack, flags: TcpFlag.rst }, pair.clock.now());
    expect(pair.client.closed).toBeUndefined();
    pair.client.connection?.receive({ ...base, seq, ack, flags: TcpFlag.rst }, pair.clock.now());
    expect(pair.client.closed).toMatchObject({ kind: "connection_reset" });
  });
});

describe("back-pressure", () => {
  test("a reader that stops closes the window; it opens again when it reads on", () => {
    const pair = established(new TcpPair());
    pair.server.paused = true;
    const bytes = randomBytes(1_000_000);
    pair.send(pair.client, bytes, true);
    pair.clock.run(30_000);
    expect(pair.server.received).toBeLessThanOrEqual(128 * 1024 + 0xffff);
    expect(pair.server.received).toBeGreaterThan(60_000);
    const stoppedAt = pair.server.received;
    pair.clock.run(120_000);
    // A byte may be probed into the window now and then, no more; and nobody gives up.
    expect(pair.server.received - stoppedAt).toBeLessThan(100);
    expect(pair.client.closed).toBeUndefined();
    pair.resume(pair.server);
    pair.clock.runUntil(() => pair.server.hasEnded, 30_000);
    expect(pair.server.digest()).toBe(sha256(bytes));
  });

  test("a window that opened unheard is found by probing", () => {
    let lost = false;
    const pair = established(new TcpPair({ drop: (_segment, from) => lost && from === "server" }));
    pair.server.paused = true;
    const bytes = randomBytes(500_000);
    pair.send(pair.client, bytes, true);
    pair.clock.run(5_000);
    lost = true;
    pair.resume(pair.server);
    pair.clock.run(100);
    lost = false;
    expect(pair.clock.runUntil(() => pair.server.hasEnded, 60_000)).toBe(true);
    expect(pair.server.digest()).toBe(sha256(bytes));
  });
});

describe("echo traffic, 1 KB every 100 ms", () => {
  test("one packet a tick each way: acknowledgements ride on the data", () => {
    const pair = established(new TcpPair({ delayMs: 1 }));
    pair.clock.run(1_000);
    const before = pair.client.packets;
    const ticks = 100;
    for (let tick = 0; tick < ticks; tick++) {
      const seen = pair.server.received;
      pair.send(pair.client, randomBytes(1024, tick));
      pair.clock.runUntil(() => pair.server.received === seen + 1024, 90);
      pair.send(pair.server, randomBytes(1024, tick));
      pair.clock.run(95);
    }
    expect(pair.client.received).toBe(ticks * 1024);
    expect(pair.client.packets - before).toBeLessThanOrEqual(ticks * 1.05);
  });

  test("three pieces written in one turn are one segment", () => {
    const pair = established(new TcpPair());
    pair.clock.run(1_000);
    const before = pair.client.packets;
    for (const piece of ["a", "b", "c"]) pair.client.connection?.write(Buffer.from(piece));
    pair.clock.run(3);
    expect(pair.client.packets - before).toBe(1);
  });

  test("a lost tick is there again within half a second", () => {
    let drop = false;
    const pair = established(
      new TcpPair({ delayMs: 1, drop: (_segment, from) => drop && from === "client" }),
    );
    for (let tick = 0; tick < 20; tick++) {
      pair.send(pair.client, randomBytes(1024, tick));
      pair.clock.run(100);
    }
    drop = true;
    pair.send(pair.client, randomBytes(1024, 99));
    pair.clock.run(50);
    drop = false;
    const from = pair.clock.now();
    expect(pair.clock.runUntil(() => pair.server.received === 21 * 1024, 5_000)).toBe(true);
    expect(pair.clock.now() - from).toBeLessThan(500);
  });
});

describe("outages", () => {
  test("nothing is lost in an outage of ten seconds, and a poke at its end shortens it", () => {
    let out = false;
    const pair = established(new TcpPair({ drop: () => out }));
    const bytes = randomBytes(200_000);
    pair.send(pair.client, bytes.subarray(0, 50_000));
    pair.clock.run(1_000);
    out = true;
    pair.send(pair.client, bytes.subarray(50_000), true);
    pair.clock.run(10_000);
    out = false;
    pair.client.connection?.retransmitNow(pair.clock.now());
    const from = pair.clock.now();
    expect(pair.clock.runUntil(() => pair.server.hasEnded, 30_000)).toBe(true);
    expect(pair.clock.now() - from).toBeLessThan(1_000);
    expect(pair.server.digest()).toBe(sha256(bytes));
  });

  test("a peer that is gone for good is told by name", () => {
    let gone = false;
    const pair = established(new TcpPair({ drop: () => gone }));
    gone = true;
    pair.send(pair.client, Buffer.from("anybody there?"));
    pair.clock.runUntil(() => pair.client.closed !== undefined, 600_000);
    expect(pair.client.closed).toMatchObject({ kind: "connection_timeout" });
  });
});
