import { beforeAll, describe, expect, test } from "vitest";
import { hash } from "../../../src/tailnet/crypto/blake2s.ts";
import { boxKey, dh, keyPair, sodiumReady } from "../../../src/tailnet/crypto/sodium.ts";
import { clientInfo, readServerInfo, readServerKey } from "../../../src/tailnet/derp/frame.ts";
import { addressPair, buildPacket, parsePacket, TcpFlag } from "../../../src/tailnet/tcp/packet.ts";
import { createInitiation, mac1Key, readResponse, tai64n } from "../../../src/tailnet/wireguard/handshake.ts";
import { Session } from "../../../src/tailnet/wireguard/session.ts";
import { recorded } from "./recorded.ts";

beforeAll(() => sodiumReady());

const own = () => keyPair(recorded.ownPrivate);
const bytes = (view: Uint8Array | undefined) => view && Buffer.from(view).toString("hex");

function initiation() {
  return createInitiation({
    own: own(),
    peer: recorded.agentPublic,
    staticSecret: dh(recorded.ownPrivate, recorded.agentPublic),
    ephemeral: keyPair(recorded.ephemeralPrivate),
    sender: recorded.initiation.readUInt32LE(4),
    timestamp: recorded.tai64n,
  });
}

function session() {
  const response = readResponse(
    recorded.response,
    initiation().state,
    own(),
    keyPair(recorded.ephemeralPrivate),
  );
  if (!response) throw new Error("the recorded response was refused");
  return new Session({
    keys: response.keys,
    ownIndex: recorded.initiation.readUInt32LE(4),
    peerIndex: response.sender,
    createdAt: 0,
    isInitiator: true,
  });
}

describe("WireGuard, as recorded", () => {
  test("the constants of the construction", () => {
    const chain = hash(Buffer.from("Noise_IKpsk2_25519_ChaChaPoly_BLAKE2s"));
    expect(bytes(chain)).toBe(bytes(recorded.chain0));
    expect(bytes(hash(chain, Buffer.from("WireGuard v1 zx2c4 Jason@zx2c4.com")))).toBe(bytes(recorded.hash0));
    expect(bytes(own().publicKey)).toBe(bytes(recorded.ownPublic));
    expect(bytes(mac1Key(recorded.agentPublic))).toBe(bytes(recorded.mac1Key));
  });

  test("the initiation", () => {
    const { message, state } = initiation();
    expect(bytes(message)).toBe(bytes(recorded.initiation));
    expect(bytes(state.chain)).toBe(bytes(recorded.chainAfterInitiation));
    expect(bytes(state.hash)).toBe(bytes(recorded.hashAfterInitiation));
  });

  test("the response and the keys it gives", () => {
    const response = readResponse(
      recorded.response,
      initiation().state,
      own(),
      keyPair(recorded.ephemeralPrivate),
    );
    expect(bytes(response?.chain)).toBe(bytes(recorded.chainFinal));
    expect(bytes(response?.keys.send)).toBe(bytes(recorded.sendKey));
    expect(bytes(response?.keys.receive)).toBe(bytes(recorded.receiveKey));
  });

  test("a response with one changed bit is refused, wherever the bit is", () => {
    for (const at of [1, 8, 12, 44, 59, 60, 75]) {
      const forged = Buffer.from(recorded.response);
      forged[at] = (forged[at] ?? 0) ^ 1;
      const read = readResponse(forged, initiation().state, own(), keyPair(recorded.ephemeralPrivate));
      expect(read, `byte ${at}`).toBeUndefined();
    }
  });

  test("a keepalive, then the SYN, sealed", () => {
    const one = session();
    const keepalive = Buffer.alloc(Session.messageBytes(0));
    one.seal(new Uint8Array(0), keepalive, 0);
    expect(bytes(keepalive)).toBe(bytes(recorded.sent0));
    const message = Buffer.alloc(Session.messageBytes(recorded.syn.length));
    one.seal(recorded.syn, message, 0);
    expect(bytes(message)).toBe(bytes(recorded.sent1));
  });

  test("the SYN-ACK opened, once", () => {
    const one = session();
    const packet = one.open(recorded.received0);
    expect(bytes(packet)).toBe(`${bytes(recorded.synAck)}${"00".repeat(12)}`);
    expect(one.open(recorded.received0), "a replay").toBeUndefined();
  });

  test("a time stamp is TAI64N, ten seconds ahead of Unix time", () => {
    expect(bytes(tai64n(1_795_476_111_213.025)?.subarray(0, 8))).toBe("400000006b04ca99");
    expect(bytes(tai64n(1500)?.subarray(4))).toBe("0000000b1dcd6500");
  });
});

describe("TCP over IPv6, as recorded", () => {
  test("the SYN", () => {
    const target = Buffer.alloc(200);
    const length = buildPacket(
      target,
      addressPair(recorded.ownAddress, recorded.agentAddress),
      {
        sourcePort: 0xbb3a,
        destinationPort: 1,
      },
      {
        seq: 0xfb9d7d70,
        ack: 0,
        flags: TcpFlag.syn,
        window: 0xffff,
        mss: 1220,
        windowScale: 4,
      },
    );
    expect(bytes(target.subarray(0, length))).toBe(bytes(recorded.syn));
  });

  test("the SYN-ACK, with the padding behind it", () => {
    const parsed = parsePacket(Buffer.concat([recorded.synAck, Buffer.alloc(12)]));
    expect(parsed).toMatchObject({
      sourcePort: 1,
      destinationPort: 0xbb3a,
      flags: TcpFlag.syn | TcpFlag.ack,
      ack: 0xfb9d7d71,
      window: 24320,
      mss: 1220,
      windowScale: 7,
    });
    expect(parsed?.payload).toHaveLength(0);
  });

  test("any changed byte fails the checksum or leaves the segment as it was", () => {
    for (let at = 0; at < recorded.synAck.length; at++) {
      const changed = Buffer.from(recorded.synAck);
      changed[at] = (changed[at] ?? 0) ^ 0x10;
      const parsed = parsePacket(changed);
      // Traffic class, flow label and hop limit are not covered by the checksum, and not used.
      const uncovered = (at > 0 && at < 4) || at === 7 || at === 0;
      if (!uncovered) expect(parsed, `byte ${at}`).toBeUndefined();
    }
  });
});

describe("the relay's introduction, as recorded", () => {
  test("box key, client info and server info", () => {
    expect(bytes(boxKey(recorded.derpServerKey, recorded.ownPrivate))).toBe(bytes(recorded.derpBoxKey));
    expect(bytes(clientInfo(own(), recorded.derpServerKey, recorded.derpNonce))).toBe(
      bytes(Buffer.concat([recorded.ownPublic, recorded.derpNonce, recorded.derpClientBox])),
    );
    expect(readServerInfo(recorded.derpServerInfo, own(), recorded.derpServerKey)).toEqual({ version: 2 });
  });

  test("the server's first frame of the contract recording", () => {
    const frame = Buffer.from("AQAAAChERVJQ8J+UkTd52GkfK85ZLcXz/61pF1VkEJK18SuOJ0PW7yRnEqdo", "base64");
    expect(bytes(readServerKey(frame.subarray(5)))).toBe(bytes(recorded.derpServerKey));
  });

  test("a server that has not the key it names is refused", () => {
    expect(() => readServerInfo(recorded.derpServerInfo, own(), recorded.agentPublic)).toThrow(/not genuine/);
  });
});
