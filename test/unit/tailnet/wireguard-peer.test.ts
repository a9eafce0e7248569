import fc from "fast-check";
import sodium from "libsodium-wrappers-sumo";
import { beforeAll, describe, expect, test } from "vitest";
import { hash, mac } from "../../../src/tailnet/crypto/blake2s.ts";
import { type KeyPair, keyPair, sodiumReady } from "../../../src/tailnet/crypto/sodium.ts";
import { CookieJar } from "../../../src/tailnet/wireguard/cookie.ts";
import { WireGuardPeer } from "../../../src/tailnet/wireguard/peer.ts";
import { ReplayWindow } from "../../../src/tailnet/wireguard/replay-window.ts";
import "./effort.ts";
import { seeded, VirtualClock } from "./virtual-clock.ts";

beforeAll(() => sodiumReady());

interface Side {
  peer: WireGuardPeer;
  received: string[];
  gaveUp: number;
  messages: Buffer[];
}

/** Two of ours against each other: the second one answers handshakes as an agent does. */
class Tunnel {
  readonly clock = new VirtualClock();
  readonly near: Side;
  readonly far: Side;
  drop: (from: "near" | "far", message: Buffer) => boolean = () => false;
  #index = 1;

  constructor() {
    const [a, b] = [keyPair(), keyPair()];
    this.near = this.#side("near", a, b);
    this.far = this.#side("far", b, a);
    const tick = () => {
      this.near.peer.tick();
      this.far.peer.tick();
      this.clock.after(1_000, tick);
    };
    tick();
  }

  #side(name: "near" | "far", own: KeyPair, other: KeyPair): Side {
    const side: Side = {
      received: [],
      gaveUp: 0,
      messages: [],
      peer: new WireGuardPeer({
        own,
        key: other.publicKey,
        clock: this.clock,
        unixMs: () => 1_800_000_000_000 + this.clock.now(),
        newIndex: () => this.#index++,
        reserve: (bytes) => {
          const buffer = Buffer.alloc(bytes);
          // It is filled in the same turn.
          this.clock.after(1, () => this.#deliver(name, buffer));
          return { buffer, at: 0 };
        },
        pace: (run) => this.clock.soon(run),
        receive: (packet) => side.received.push(packet.toString("utf8").replace(/\0+$/, "")),
        established: () => undefined,
        gaveUp: () => side.gaveUp++,
      }),
    };
    return side;
  }

  #deliver(from: "near" | "far", message: Buffer): void {
    this[from].messages.push(message);
    if (!this.drop(from, message)) this[from === "near" ? "far" : "near"].peer.handle(message);
  }

  ofType(side: Side, type: number): number {
    return side.messages.filter((message) => message[0] === type).length;
  }
}

describe("a tunnel", () => {
  test("what is sent before there are keys arrives after the handshake, in order", () => {
    const tunnel = new Tunnel();
    for (const text of ["one", "two", "three"]) tunnel.near.peer.send(Buffer.from(text));
    tunnel.clock.run(100);
    expect(tunnel.far.received).toEqual(["one", "two", "three"]);
    tunnel.far.peer.send(Buffer.from("back"));
    tunnel.clock.run(10);
    expect(tunnel.near.received).toEqual(["back"]);
  });

  test("the peer's own handshake is answered, also when both begin at once", () => {
    const tunnel = new Tunnel();
    tunnel.near.peer.start();
    tunnel.far.peer.start();
    tunnel.clock.run(100);
    tunnel.near.peer.send(Buffer.from("there"));
    tunnel.far.peer.send(Buffer.from("here"));
    tunnel.clock.run(100);
    expect([tunnel.far.received, tunnel.near.received]).toEqual([["there"], ["here"]]);
  });

  test("an initiation that is lost is sent again after five seconds", () => {
    const tunnel = new Tunnel();
    let lost = 0;
    tunnel.drop = (from, message) => from === "near" && message[0] === 1 && ++lost <= 2;
    tunnel.near.peer.send(Buffer.from("hello"));
    tunnel.clock.run(9_000);
    expect(tunnel.far.received).toEqual([]);
    tunnel.clock.run(6_000);
    expect(tunnel.far.received).toEqual(["hello"]);
  });

  test("a peer that never answers is given up after 90 seconds", () => {
    const tunnel = new Tunnel();
    tunnel.drop = () => true;
    tunnel.near.peer.send(Buffer.from("hello"));
    tunnel.clock.run(85_000);
    expect(tunnel.near.gaveUp).toBe(0);
    tunnel.clock.run(15_000);
    expect(tunnel.near.gaveUp).toBe(1);
    expect(tunnel.ofType(tunnel.near, 1)).toBeLessThanOrEqual(19);
  });

  test("traffic for ten minutes: a rekey every two, nothing lost", () => {
    const tunnel = new Tunnel();
    for (let tick = 0; tick < 6_000; tick++) {
      tunnel.near.peer.send(Buffer.from(`tick ${tick}`));
      tunnel.clock.run(100);
    }
    expect(tunnel.far.received).toHaveLength(6_000);
    expect(tunnel.near.peer.handshakes).toBe(5);
  });

  test("idle for an hour: kept alive, and still there", () => {
    const tunnel = new Tunnel();
    tunnel.near.peer.send(Buffer.from("first"));
    tunnel.clock.run(3_600_000);
    expect(tunnel.near.peer.isEstablished).toBe(true);
    const before = tunnel.ofType(tunnel.near, 1);
    tunnel.near.peer.send(Buffer.from("last"));
    tunnel.clock.run(50);
    expect(tunnel.far.received).toEqual(["first", "last"]);
    expect(tunnel.ofType(tunnel.near, 1)).toBe(before);
  });

  test("data that is never answered starts a new handshake after 15 seconds", () => {
    const tunnel = new Tunnel();
    tunnel.near.peer.start();
    tunnel.clock.run(1_000);
    tunnel.drop = (from) => from === "far";
    tunnel.near.peer.send(Buffer.from("anybody?"));
    const before = tunnel.ofType(tunnel.near, 1);
    tunnel.clock.run(14_000);
    expect(tunnel.ofType(tunnel.near, 1)).toBe(before);
    tunnel.clock.run(4_000);
    expect(tunnel.ofType(tunnel.near, 1)).toBe(before + 1);
  });

  test("one side only receives: it says so within ten seconds", () => {
    const tunnel = new Tunnel();
    tunnel.near.peer.start();
    tunnel.clock.run(1_000);
    tunnel.near.peer.send(Buffer.from("data"));
    const before = tunnel.far.messages.length;
    tunnel.clock.run(12_000);
    expect(tunnel.far.messages.length).toBe(before + 1);
  });

  test("every message twice: each packet is taken once", () => {
    const tunnel = new Tunnel();
    tunnel.near.peer.start();
    tunnel.clock.run(100);
    tunnel.near.peer.send(Buffer.from("once"));
    tunnel.clock.run(10);
    for (const message of [...tunnel.near.messages]) tunnel.far.peer.handle(message);
    expect(tunnel.far.received).toEqual(["once"]);
    tunnel.far.peer.send(Buffer.from("still there"));
    tunnel.clock.run(10);
    expect(tunnel.near.received).toEqual(["still there"]);
  });

  test("any changed bit of any message is refused", () => {
    const random = seeded(5);
    const tunnel = new Tunnel();
    tunnel.near.peer.send(Buffer.from("packet"));
    tunnel.clock.run(100);
    const genuine = tunnel.near.messages.filter((message) => message[0] === 4);
    for (const message of genuine)
      for (let turn = 0; turn < 50; turn++) {
        const forged = Buffer.from(message);
        const at = Math.floor(random() * forged.length);
        forged[at] = (forged[at] ?? 0) ^ (1 << Math.floor(random() * 8));
        tunnel.far.peer.handle(forged);
      }
    expect(tunnel.far.received).toEqual(["packet"]);
  });

  test("random bytes do nothing", () => {
    const tunnel = new Tunnel();
    tunnel.near.peer.start();
    tunnel.clock.run(100);
    fc.assert(
      fc.property(fc.constantFrom(1, 2, 3, 4, 9), fc.uint8Array({ maxLength: 200 }), (type, bytes) => {
        tunnel.near.peer.handle(Buffer.concat([Buffer.from([type, 0, 0, 0]), bytes]));
      }),
    );
    tunnel.near.peer.send(Buffer.from("fine"));
    tunnel.clock.run(10);
    expect(tunnel.far.received).toEqual(["fine"]);
  });
});

describe("a peer under load", () => {
  test("its cookie signs our next try; one that is not meant for us does not", () => {
    const pair = keyPair();
    const jar = new CookieJar(pair.publicKey);
    const mac1 = new Uint8Array(16).fill(7);
    const reply = (cookie: Uint8Array, to: Uint8Array) => {
      const nonce = new Uint8Array(24).fill(3);
      const key = hash(Buffer.from("cookie--"), pair.publicKey);
      const box = sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(cookie, to, null, nonce, key);
      return Buffer.concat([Buffer.from([3, 0, 0, 0, 1, 0, 0, 0]), nonce, box]);
    };
    const cookie = new Uint8Array(16).fill(9);
    const message = Buffer.alloc(148, 1).fill(0, 132);
    expect(jar.take(reply(cookie, new Uint8Array(16)), mac1, 0)).toBe(false);
    jar.sign(message, 0);
    expect(message.subarray(132).equals(Buffer.alloc(16))).toBe(true);
    expect(jar.take(reply(cookie, mac1), mac1, 1_000)).toBe(true);
    jar.sign(message, 2_000);
    expect(message.subarray(132).equals(mac(cookie, message.subarray(0, 132)))).toBe(true);
    const late = Buffer.alloc(148);
    jar.sign(late, 200_000);
    expect(late.subarray(132).equals(Buffer.alloc(16))).toBe(true);
  });
});

describe("the replay window", () => {
  test("takes each counter once, late ones within the window, against a plain set", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 3_000 }), { maxLength: 300 }), (counters) => {
        const window = new ReplayWindow();
        const taken = new Set<number>();
        let highest = -1;
        for (const counter of counters) {
          const may = window.mayTake(counter);
          if (taken.has(counter)) expect(may).toBe(false);
          else if (counter > highest - 900) expect(may).toBe(true);
          else if (counter <= highest - 1024) expect(may).toBe(false);
          if (!may) continue;
          window.take(counter);
          taken.add(counter);
          highest = Math.max(highest, counter);
        }
      }),
    );
  });
});
