import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addressPair, buildPacket, parsePacket } from "../../../src/tailnet/tcp/packet.ts";
import { Reassembly } from "../../../src/tailnet/tcp/reassembly.ts";
import { fromWire, toWire } from "../../../src/tailnet/tcp/sequence.ts";
import { EFFORT } from "./effort.ts";
import { randomBytes, sha256, TcpPair } from "./tcp-pair.ts";

const runs = (count: number) => ({ numRuns: count * EFFORT });

const share = (max: number) => fc.double({ min: 0, max, noNaN: true });

describe("any path", () => {
  test("that loses, doubles, reorders and corrupts carries every byte, both ways", () => {
    const path = fc.record({
      loss: share(0.15),
      duplicate: share(0.3),
      reorder: share(0.5),
      corrupt: share(0.05),
      delayMs: fc.integer({ min: 0, max: 200 }),
      seed: fc.integer(),
      noSack: fc.boolean(),
    });
    const sizes = fc.tuple(fc.integer({ min: 0, max: 60_000 }), fc.integer({ min: 0, max: 60_000 }));
    fc.assert(
      fc.property(path, sizes, (how, [up, down]) => {
        const pair = new TcpPair(how);
        const [there, back] = [randomBytes(up, 1), randomBytes(down, 2)];
        pair.send(pair.client, there, true);
        pair.send(pair.server, back, true);
        const done = () =>
          (pair.client.hasEnded && pair.server.hasEnded) ||
          (pair.client.closed ?? null) !== null ||
          (pair.server.closed ?? null) !== null;
        expect(pair.clock.runUntil(done, 3_600_000)).toBe(true);
        // At such a loss giving up is allowed; wrong bytes are not.
        if (!pair.client.hasEnded || !pair.server.hasEnded) {
          const error = pair.client.closed ?? pair.server.closed;
          expect(error?.kind).toMatch(/connection_(timeout|reset)/);
          return;
        }
        expect(pair.server.digest()).toBe(sha256(there));
        expect(pair.client.digest()).toBe(sha256(back));
      }),
      runs(40),
    );
  });

  test("up to 5 % loss is never a reason to give up", () => {
    fc.assert(
      fc.property(fc.record({ loss: share(0.05), reorder: share(0.2), seed: fc.integer() }), (how) => {
        const pair = new TcpPair(how);
        const bytes = randomBytes(100_000, 3);
        pair.send(pair.client, bytes, true);
        expect(pair.clock.runUntil(() => pair.server.hasEnded, 600_000)).toBe(true);
        expect(pair.server.digest()).toBe(sha256(bytes));
      }),
      runs(20),
    );
  });
});

describe("any segment", () => {
  const segment = fc.record({
    seq: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    ack: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    flags: fc.integer({ min: 0, max: 63 }),
    window: fc.integer({ min: 0, max: 65_535 }),
    payload: fc.uint8Array({ maxLength: 1_500 }),
    sacks: fc.array(
      fc.record({
        start: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
        end: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
      }),
      { maxLength: 3 },
    ),
    near: fc.boolean(),
  });

  test("thrown in between does no harm to the bytes, and brings no storm of answers", () => {
    fc.assert(
      fc.property(fc.array(segment, { maxLength: 60 }), (segments) => {
        const pair = new TcpPair({ delayMs: 1 });
        pair.clock.runUntil(() => pair.client.isEstablished && pair.server.isEstablished, 5_000);
        let last = { seq: 0, ack: 0 };
        pair.onPacket = (one, from) => {
          if (from === "server") last = { seq: one.seq, ack: one.ack };
        };
        pair.send(pair.client, randomBytes(20_000), true);
        const before = pair.client.packets;
        for (const { near, ...one } of segments) {
          // Half of them close to where the connection is, which far ones never are; none a good RST or data.
          const seq = near ? (last.seq + (one.seq % 70_000)) % 2 ** 32 : one.seq;
          const ack = near ? (last.ack + (one.ack % 2_000)) % 2 ** 32 : one.ack;
          if (near) continue;
          pair.client.connection?.receive(
            { ...one, sourcePort: 1, destinationPort: 2, seq, ack, payload: Buffer.from(one.payload) },
            pair.clock.now(),
          );
          pair.clock.run(1);
        }
        pair.clock.run(2_000);
        expect(pair.client.packets - before).toBeLessThan(200);
      }),
      runs(30),
    );
  });

  test("at the edge of the window never makes the connection throw or keep more than its window", () => {
    fc.assert(
      fc.property(fc.array(segment, { maxLength: 200 }), (segments) => {
        const pair = new TcpPair({ delayMs: 1 });
        pair.clock.runUntil(() => pair.client.isEstablished, 5_000);
        let next = 0;
        pair.onPacket = (one, from) => {
          if (from === "client") next = one.ack;
        };
        pair.send(pair.client, Buffer.from("x"));
        pair.clock.run(50);
        for (const one of segments) {
          const offset = (one.seq % 400_000) - 150_000;
          pair.client.connection?.receive(
            {
              ...one,
              sourcePort: 1,
              destinationPort: 2,
              flags: one.flags & ~4,
              seq: toWire(next + offset + 2 ** 32),
              payload: Buffer.from(one.payload),
            },
            pair.clock.now(),
          );
          pair.clock.run(5);
        }
        expect(pair.client.closed ?? null).toBeNull();
      }),
      runs(30),
    );
  });

  test("as bytes is read or refused, and one that is read can be written again", () => {
    const pair = addressPair(new Uint8Array(16), new Uint8Array(16).fill(1));
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), segment, (noise, one) => {
        expect(parsePacket(Buffer.from(noise))).toBeUndefined();
        const target = Buffer.alloc(2_000);
        const { near: _near, payload, ...fields } = one;
        const source = {
          copy: (from: number, count: number, to: Buffer, at: number) =>
            to.set(payload.subarray(from, from + count), at),
        };
        const ports = { sourcePort: 5, destinationPort: 6 };
        const length = buildPacket(target, pair, ports, fields, { from: 0, bytes: payload.length, source });
        const parsed = parsePacket(target.subarray(0, length));
        expect(parsed).toMatchObject({
          seq: one.seq,
          ack: one.ack,
          flags: one.flags,
          window: one.window,
        });
        expect(parsed?.sacks ?? []).toEqual(one.sacks);
        expect(parsed?.payload.equals(payload)).toBe(true);
        expect(parsePacket(target.subarray(0, length - 1))).toBeUndefined();
      }),
      runs(100),
    );
  });
});

describe("parts", () => {
  test("pieces in any order and with any overlap come out as the whole, against a plain array", () => {
    const whole = randomBytes(400);
    const piece = fc.tuple(fc.integer({ min: 0, max: 399 }), fc.integer({ min: 1, max: 100 }));
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const reassembly = new Reassembly();
        const have = new Array<boolean>(400).fill(false);
        let next = 0;
        for (const [start, length] of pieces) {
          const end = Math.min(400, start + length);
          if (end <= next) continue;
          const from = Math.max(start, next);
          reassembly.add(from, whole.subarray(from, end));
          have.fill(true, from, end);
          for (const block of reassembly.blocks())
            expect(have.slice(block.start, block.end)).not.toContain(false);
          for (const bytes of reassembly.take(next)) {
            expect(bytes.equals(whole.subarray(next, next + bytes.length))).toBe(true);
            next += bytes.length;
          }
          expect(have[next] ?? false).toBe(false);
        }
      }),
      runs(200),
    );
  });

  test("sequence numbers survive the turn at 2^32", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2 ** 32, max: 2 ** 50 }),
        fc.integer({ min: -(2 ** 31) + 1, max: 2 ** 31 - 1 }),
        (near, by) => {
          expect(fromWire(toWire(near + by), near)).toBe(near + by);
        },
      ),
    );
  });
});
