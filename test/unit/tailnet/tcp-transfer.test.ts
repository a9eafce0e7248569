import { describe, expect, test } from "vitest";
import { type End, type Path, randomBytes, sha256, TcpPair } from "./tcp-pair.ts";

const MB = 1024 * 1024;

/** Sends both ways at once, ends both, and holds what came against what was sent. */
function transfer(bytes: number, path: Path): { pair: TcpPair; seconds: number } {
  const pair = new TcpPair(path);
  const up = randomBytes(bytes, 11);
  const down = randomBytes(bytes, 12);
  pair.send(pair.client, up, true);
  pair.send(pair.server, down, true);
  const all = (end: End) => end.received === bytes && end.hasEnded;
  const done = pair.clock.runUntil(() => all(pair.client) && all(pair.server), 600_000);
  expect(done, `client ${pair.client.received}, server ${pair.server.received} of ${bytes}`).toBe(true);
  expect(pair.server.digest()).toBe(sha256(up));
  expect(pair.client.digest()).toBe(sha256(down));
  return { pair, seconds: pair.clock.now() / 1000 };
}

describe("bulk transfer, both ways at once", () => {
  test("8 MB without loss", () => {
    const { pair } = transfer(8 * MB, {});
    expect(pair.client.connection?.retransmissions).toBe(0);
    expect(pair.server.connection?.retransmissions).toBe(0);
  });

  test("8 MB at 1 % loss", () => {
    transfer(8 * MB, { loss: 0.01 });
  });

  test("1 MB at 5 % loss", () => {
    transfer(MB, { loss: 0.05 });
  });

  test("1 MB over a path that loses, doubles, reorders and corrupts", () => {
    for (const seed of [1, 2, 3, 4])
      transfer(MB, { loss: 0.02, duplicate: 0.05, reorder: 0.1, corrupt: 0.02, seed });
  });

  test("1 MB at 2 % loss with a peer that does not know SACK", () => {
    transfer(MB, { loss: 0.02, noSack: true });
  });
});

/** One way, from the moment that the connection is there: a lost SYN costs a second, whatever comes after. */
function speed(path: Path): number {
  const pair = new TcpPair(path);
  const bytes = 4 * MB;
  expect(pair.clock.runUntil(() => pair.client.isEstablished, 60_000)).toBe(true);
  const from = pair.clock.now();
  pair.send(pair.client, randomBytes(bytes), true);
  expect(pair.clock.runUntil(() => pair.server.received === bytes, 600_000)).toBe(true);
  return bytes / 1e6 / ((pair.clock.now() - from) / 1000);
}

describe("speed at 1 % loss", () => {
  test("at least 2 MB/s over a path of 5 ms each way", () => {
    const speeds = [1, 2, 3, 4, 5].map((seed) => speed({ loss: 0.01, delayMs: 5, seed }));
    expect(Math.min(...speeds)).toBeGreaterThan(2);
  });

  test("at least 4 MB/s over a round trip of 5 ms", () => {
    const speeds = [1, 2, 3, 4, 5].map((seed) => speed({ loss: 0.01, delayMs: 2.5, seed }));
    expect(Math.min(...speeds)).toBeGreaterThan(4);
  });
});
