import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Call, unary } from "../../../src/tailnet/coordination/call.ts";
import { encodePacket, Kind, PacketReader } from "../../../src/tailnet/coordination/drpc.ts";
import { Tunnels } from "../../../src/tailnet/coordination/tunnels.ts";
import { YamuxSession } from "../../../src/tailnet/coordination/yamux.ts";
import { encodeFrame, Flag, FrameReader, FrameType } from "../../../src/tailnet/coordination/yamux-frame.ts";
import { decodeDerpMap } from "../../../src/tailnet/proto/derp-map.ts";
import {
  decodeCoordinateResponse,
  decodeNode,
  decodeResumeToken,
  encodeAddTunnel,
  encodeNode,
} from "../../../src/tailnet/proto/messages.ts";
import { hexOf, uuidBytes } from "../../../src/tailnet/uuid.ts";
import { EFFORT } from "./effort.ts";
import { recorded } from "./recorded.ts";
import { VirtualClock } from "./virtual-clock.ts";

const hex = (text: string) => Buffer.from(text.replace(/\s/g, ""), "hex");

function session() {
  const sent: Buffer[] = [];
  const failures: Error[] = [];
  const yamux = new YamuxSession({
    send: (bytes) => sent.push(bytes),
    failed: (error) => failures.push(error),
  });
  return { yamux, sent, failures, all: () => Buffer.concat(sent).toString("hex") };
}

const noHandlers = { data: () => undefined, ended: () => undefined };

describe("yamux", () => {
  test("the first stream is opened as recorded, the next one has the next odd id", () => {
    const { yamux, sent } = session();
    yamux.open(noHandlers);
    yamux.open(noHandlers);
    expect(sent.map(hexOf)).toEqual(["000100010000000100000000", "000100010000000300000000"]);
  });

  test("a ping is answered with its own value", () => {
    const { yamux, all } = session();
    yamux.receive(encodeFrame(FrameType.ping, Flag.syn, 0, 0xdeadbeef));
    expect(all()).toBe("0002000200000000deadbeef");
  });

  test("header and body may come in any pieces", () => {
    const whole = Buffer.concat([
      encodeFrame(FrameType.windowUpdate, Flag.ack, 1, 0),
      encodeFrame(FrameType.data, 0, 1, 5, Buffer.from("hello")),
      encodeFrame(FrameType.data, Flag.fin, 1, 6, Buffer.from(" world")),
    ]);
    for (let cut = 0; cut <= whole.length; cut++) {
      const { yamux } = session();
      let got = "";
      let ended: unknown = "no";
      yamux.open({
        data: (bytes) => {
          got += Buffer.from(bytes).toString();
        },
        ended: (error) => {
          ended = error;
        },
      });
      yamux.receive(whole.subarray(0, cut));
      yamux.receive(whole.subarray(cut));
      expect([got, ended]).toEqual(["hello world", undefined]);
    }
  });

  test("writes stop at the other side's window and go on with its credit", () => {
    const { yamux, sent } = session();
    const stream = yamux.open(noHandlers);
    stream.write(Buffer.alloc(300 * 1024));
    const bytes = () =>
      sent.reduce((sum, frame) => sum + (frame[1] === FrameType.data ? frame.length - 12 : 0), 0);
    expect(bytes()).toBe(256 * 1024);
    yamux.receive(encodeFrame(FrameType.windowUpdate, 0, 1, 10_000));
    expect(bytes()).toBe(256 * 1024 + 10_000);
    stream.end();
    expect(sent.at(-1)?.readUInt16BE(2)).toBe(0);
    yamux.receive(encodeFrame(FrameType.windowUpdate, 0, 1, 100_000));
    expect(bytes()).toBe(300 * 1024);
    expect(sent.at(-1)?.readUInt16BE(2)).toBe(Flag.fin);
  });

  test("credit is given back, so a stream never dries up", () => {
    const { yamux, sent, failures } = session();
    yamux.open(noHandlers);
    for (let index = 0; index < 100; index++)
      yamux.receive(encodeFrame(FrameType.data, 0, 1, 16 * 1024, Buffer.alloc(16 * 1024)));
    expect(failures).toEqual([]);
    const credit = sent
      .filter((frame) => frame[1] === FrameType.windowUpdate)
      .map((frame) => frame.readUInt32BE(8));
    expect(credit.reduce((sum, one) => sum + one, 0)).toBe(100 * 16 * 1024);
  });

  test("a good-bye, a reset and a lost connection end the streams with a reason", () => {
    const reasons: (string | undefined)[] = [];
    const open = () => {
      const one = session();
      one.yamux.open({ data: () => undefined, ended: (error) => reasons.push(error?.message) });
      return one;
    };
    open().yamux.receive(encodeFrame(FrameType.goAway, 0, 0, 2));
    open().yamux.receive(encodeFrame(FrameType.windowUpdate, Flag.rst, 1, 0));
    open().yamux.end(new Error("the line is dead"));
    expect(reasons).toEqual([
      "the server ends the session (code 2)",
      "the server reset the stream",
      "the line is dead",
    ]);
  });

  test("random bytes end the session or are taken, and never throw", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 20 }), (chunks) => {
        const { yamux, failures } = session();
        yamux.open(noHandlers);
        for (const chunk of chunks) yamux.receive(chunk);
        expect(failures.length).toBeLessThanOrEqual(1);
      }),
    );
  });

  test("a frame over the window is refused before its body is waited for", () => {
    const reader = new FrameReader(256 * 1024);
    expect(() => reader.push(hex("00 00 0000 00000001 7fffffff"))).toThrow(/over the window/);
  });
});

describe("dRPC", () => {
  test("the opening and a tunnel request, as recorded", () => {
    const invoke = encodePacket(Kind.invoke, 1, Buffer.from("/coder.tailnet.v2.Tailnet/Coordinate"));
    expect(invoke.subarray(0, 4).toString("hex")).toBe("03010124");
    const add = encodePacket(Kind.message, 3, encodeAddTunnel(uuidBytes(recorded.agentId)));
    expect(add.toString("hex")).toBe(
      hex("05010314 1a12 0a10 441be982cc694d868d8e226fc2555629").toString("hex"),
    );
  });

  test("the answer READY, as recorded", () => {
    const [packet] = new PacketReader().push(hex("05010216 0a14 0a10 441be982cc694d868d8e226fc2555629 1804"));
    expect(packet?.kind).toBe(Kind.message);
    const { peerUpdates, error } = decodeCoordinateResponse(packet?.data ?? new Uint8Array(0));
    expect(error).toBe("");
    expect(peerUpdates).toMatchObject([{ kind: 4, node: undefined }]);
    expect(hexOf(peerUpdates[0]?.id ?? new Uint8Array(0))).toBe(recorded.agentId.replaceAll("-", ""));
  });

  test("any message in any pieces comes out as it went in", () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 200_000, size: "max" }), { minLength: 1, maxLength: 3 }),
        fc.array(fc.integer({ min: 1, max: 70_000 }), { minLength: 1, maxLength: 8 }),
        (messages, cuts) => {
          const whole = Buffer.concat(
            messages.map((data, index) => encodePacket(Kind.message, index + 1, data)),
          );
          const reader = new PacketReader();
          const got: Uint8Array[] = [];
          for (let at = 0, turn = 0; at < whole.length; turn++) {
            const size = cuts[turn % cuts.length] ?? 1;
            got.push(...reader.push(whole.subarray(at, at + size)).map((packet) => packet.data));
            at += size;
          }
          expect(got.map(hexOf)).toEqual(messages.map(hexOf));
        },
      ),
      { numRuns: 15 * EFFORT },
    );
  });

  test("random bytes are no reason to hang, and a message without end is refused", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        try {
          new PacketReader().push(bytes);
        } catch (error) {
          expect(String(error)).toMatch(/dRPC/);
        }
      }),
    );
    const reader = new PacketReader();
    const endless = encodePacket(Kind.message, 1, Buffer.alloc(65_536)).fill(Kind.message << 1, 0, 1);
    expect(() => {
      for (let index = 0; index < 100; index++) reader.push(endless);
    }).toThrow(/over 4 MiB/);
  });

  test("a call ends with the server's error, once", async () => {
    const { yamux } = session();
    const answer = unary(yamux, "/x", new Uint8Array(0));
    const data = encodePacket(Kind.error, 1, Buffer.concat([Buffer.alloc(8), Buffer.from("no such thing")]));
    yamux.receive(encodeFrame(FrameType.data, 0, 1, data.length, data));
    yamux.end(new Error("later"));
    await expect(answer).rejects.toThrow("no such thing");
  });

  test("what is no dRPC ends the session, not the process", () => {
    const { yamux, failures } = session();
    const ends: unknown[] = [];
    new Call(yamux, "/x", { message: () => undefined, ended: (error) => ends.push(error) });
    const bad = Buffer.alloc(40, 0xff);
    yamux.receive(encodeFrame(FrameType.data, 0, 1, bad.length, bad));
    expect(failures).toHaveLength(1);
    expect(ends).toHaveLength(1);
  });
});

describe("protobuf", () => {
  test("a node comes back as it was", () => {
    const node = {
      id: 2 ** 40 + 1,
      asOfMs: 1_795_476_111_250,
      key: Uint8Array.from(recorded.ownPublic),
      disco: `discokey:${"ab".repeat(32)}`,
      preferredDerp: 999,
      addresses: ["fd7a:115c:a1e0::1/128"],
      allowedIps: ["fd7a:115c:a1e0::1/128", "fd60::1/128"],
      endpoints: [],
    };
    expect(decodeNode(encodeNode(node))).toEqual(node);
  });

  test("fields that are not known are skipped, a key of another kind is none", () => {
    const node = decodeNode(hex("7a03616263 1a03 787878 2803"));
    expect(node).toMatchObject({ preferredDerp: 3 });
    expect(node.key).toHaveLength(0);
  });

  test("a map of relays", () => {
    // Regions {999: {999, embedded, "coder", node {"999b", 999, "127.0.0.1", port 3000, http}}}.
    const node = "0a0439393962 10e707 1a093132372e302e302e31 48b817 5801";
    const region = `08e707 1001 1a05636f646572 32${(node.replace(/ /g, "").length / 2).toString(16)} ${node}`;
    const regionBytes = hex(region);
    const entry = Buffer.concat([hex("08e707 12"), Buffer.from([regionBytes.length]), regionBytes]);
    const map = decodeDerpMap(Buffer.concat([hex("12"), Buffer.from([entry.length]), entry]));
    expect(map.get(999)).toMatchObject({
      embeddedRelay: true,
      code: "coder",
      nodes: [{ name: "999b", host: "127.0.0.1", port: 3000, forceHttp: true, stunOnly: false }],
    });
  });

  test("random bytes are decoded or refused with an error", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        for (const decode of [decodeCoordinateResponse, decodeNode, decodeResumeToken, decodeDerpMap]) {
          try {
            decode(bytes);
          } catch (error) {
            expect(error).toBeInstanceOf(Error);
          }
        }
      }),
    );
  });
});

describe("tunnels", () => {
  function tunnels() {
    const clock = new VirtualClock();
    const sent: number[] = [];
    const refused: number[] = [];
    const one = new Tunnels({
      clock,
      send: (agent) => sent.push(agent[0] ?? -1),
      refused: (agent) => refused.push(agent[0] ?? -1),
    });
    const id = (number: number) => Uint8Array.from({ length: 16 }, () => number);
    return { clock, sent, refused, one, id };
  }
  const REFUSAL = "authorization: workspace agent not found or you do not have permission";

  test("no more than a hundred wait for an answer; one that is never answered gives up its place", () => {
    const { one, sent, id, clock } = tunnels();
    one.connected();
    for (let index = 0; index < 150; index++) one.add(id(index));
    expect(sent).toHaveLength(100);
    one.confirmed(id(0));
    expect(sent).toHaveLength(101);
    clock.run(4_000);
    expect(sent).toHaveLength(150);
  });

  test("all are asked for again after a loss", () => {
    const { one, sent, id } = tunnels();
    one.add(id(1));
    expect(sent).toEqual([]);
    one.connected();
    one.confirmed(id(1));
    one.disconnected();
    one.add(id(2));
    one.connected();
    expect(sent).toEqual([1, 1, 2]);
  });

  test("a refused one is found out and dropped, the others stay", () => {
    const { one, sent, refused, id, clock } = tunnels();
    const answer = () => {
      // As the server does it: the bad one ends the call, the others are confirmed.
      if (sent.at(-1) === 3) {
        one.failed(REFUSAL);
        one.disconnected();
        one.connected();
      } else one.confirmed(id(sent.at(-1) ?? 0));
    };
    for (const number of [1, 2, 3, 4]) one.add(id(number));
    one.connected();
    expect(sent).toEqual([1, 2, 3, 4]);
    one.confirmed(id(1));
    one.failed(REFUSAL);
    one.disconnected();
    one.connected();
    expect(sent.slice(4)).toEqual([1]);
    for (let turn = 0; turn < 6 && refused.length === 0; turn++) answer();
    expect(refused).toEqual([3]);
    for (let turn = 0; turn < 3; turn++) answer();
    clock.run(10_000);
    expect(new Set(sent.slice(-3))).toEqual(new Set([1, 2, 4]));
  });
});
