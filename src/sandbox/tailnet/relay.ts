import { randomBytes } from "node:crypto";
import type { Duplex } from "node:stream";
import sodium from "libsodium-wrappers-sumo";
import type { WebSocket } from "ws";
import { DERP_INFO_BYTES, DERP_PACKET_BYTES } from "../limits.ts";
import type { Replica } from "../model/load-model.ts";
import type { Timers } from "../timers.ts";

const SERVER_KEY = 1;
const CLIENT_INFO = 2;
const SERVER_INFO = 3;
const SEND = 4;
const RECEIVED = 5;
const KEEP_ALIVE = 6;
const PEER_GONE = 8;
const PING = 0x12;
const PONG = 0x13;
const MAGIC = Buffer.from("DERP🔑");
const KEEP_ALIVE_MS = 60_000;
/** Bytes that wait for a client before packets to it are dropped, as the real relay drops them. */
const MAX_QUEUED = 512 * 1300;
const MOST_BYTES: Readonly<Record<number, number>> = { [CLIENT_INFO]: DERP_INFO_BYTES };
const GONE = 0;
const NOT_HERE = 1;

/** Somebody that the relay can give packets to: a client's connection, or an agent within the sandbox. */
interface Member {
  /** Which one relays for it; none for an agent within the sandbox. */
  replica: Replica | undefined;
  packet(from: Buffer, packet: Buffer): void;
  gone(key: Buffer, reason: number): void;
}

/** What the relay does to packets on purpose. */
export interface RelayFaults {
  loses(): boolean;
}

/** A DERP relay: packets from key to key, over whatever byte streams its clients come by. */
export class Relay {
  readonly #private: Uint8Array;
  readonly #public: Buffer;
  readonly #members = new Map<string, Member>();
  /** Who has sent to whom, to be told when the other goes. */
  readonly #sentTo = new Map<string, Set<string>>();
  readonly #timers: Timers;
  readonly #faults: RelayFaults;

  constructor(seed: Buffer, timers: Timers, faults: RelayFaults) {
    this.#timers = timers;
    this.#faults = faults;
    const pair = sodium.crypto_box_seed_keypair(seed);
    this.#private = pair.privateKey;
    this.#public = Buffer.from(pair.publicKey);
  }

  get members(): number {
    return this.#members.size;
  }

  /** An agent within the sandbox takes part. Returns how it sends, and how it leaves. */
  attach(
    key: Buffer,
    receive: (from: Buffer, packet: Buffer) => void,
  ): { send(to: Buffer, packet: Buffer): void; leave(): void } {
    const member = { replica: undefined, packet: receive, gone: () => undefined };
    this.#members.set(key.toString("hex"), member);
    return {
      send: (to, packet) => this.#forward(key, to, packet),
      leave: () => this.#leave(key, member),
    };
  }

  /** The replica that a client's packets go through. */
  replicaOf(key: Buffer): Replica | undefined {
    return this.#members.get(key.toString("hex"))?.replica;
  }

  serveSocket(socket: Duplex, head: Buffer, replica?: Replica): void {
    const serve = this.#serve(
      replica,
      (bytes) => socket.write(bytes),
      () => socket.writableLength,
      () => socket.destroy(),
    );
    if (head.length > 0) serve.data(head);
    socket.on("data", serve.data);
    socket.on("close", serve.end);
  }

  serveWebSocket(socket: WebSocket, replica?: Replica): void {
    const serve = this.#serve(
      replica,
      (bytes) => socket.send(bytes),
      () => socket.bufferedAmount,
      () => socket.close(1002),
    );
    socket.on("message", serve.data);
    socket.on("close", serve.end);
  }

  #serve(
    replica: Replica | undefined,
    write: (bytes: Buffer) => void,
    queued: () => number,
    refuse: () => void,
  ): { data: (chunk: Buffer) => void; end: () => void } {
    let pending = Buffer.alloc(0);
    let key: Buffer | undefined;
    let broken = false;
    const frame = (type: number, ...body: Uint8Array[]) => {
      if (queued() >= MAX_QUEUED) return;
      const head = Buffer.alloc(5);
      head.writeUInt8(type, 0);
      head.writeUInt32BE(
        body.reduce((sum, part) => sum + part.length, 0),
        1,
      );
      write(Buffer.concat([head, ...body]));
    };
    const member: Member = {
      replica,
      packet: (from, packet) => frame(RECEIVED, from, packet),
      gone: (who, reason) => frame(PEER_GONE, who, Buffer.from([reason])),
    };
    const take = (type: number, body: Buffer) => {
      // A client has one key for as long as it is there.
      if (type === CLIENT_INFO && !key) {
        key = this.#welcome(body, frame);
        if (!key) return refuse();
        this.#members.set(key.toString("hex"), member);
      } else if (type === SEND && key) this.#forward(key, body.subarray(0, 32), body.subarray(32));
      else if (type === PING) frame(PONG, body);
    };
    const keepAlive = this.#timers.every(KEEP_ALIVE_MS, () => frame(KEEP_ALIVE));
    frame(SERVER_KEY, MAGIC, this.#public);
    return {
      data: (chunk) => {
        if (broken) return;
        pending = Buffer.concat([pending, chunk]);
        while (pending.length >= 5) {
          const end = 5 + pending.readUInt32BE(1);
          if (end - 5 > (MOST_BYTES[pending.readUInt8(0)] ?? DERP_PACKET_BYTES)) {
            broken = true;
            pending = Buffer.alloc(0);
            return refuse();
          }
          if (pending.length < end) return;
          const [type, body] = [pending.readUInt8(0), pending.subarray(5, end)];
          pending = pending.subarray(end);
          take(type, body);
        }
      },
      end: () => {
        keepAlive();
        if (key) this.#leave(key, member);
      },
    };
  }

  /** The client's key, where its box is genuine. */
  #welcome(body: Buffer, frame: (type: number, ...parts: Uint8Array[]) => void): Buffer | undefined {
    if (body.length < 32 + 24 + 16) return undefined;
    const key = Buffer.from(body.subarray(0, 32));
    try {
      sodium.crypto_box_open_easy(body.subarray(56), body.subarray(32, 56), key, this.#private);
    } catch {
      return undefined;
    }
    const nonce = randomBytes(24);
    frame(SERVER_INFO, nonce, sodium.crypto_box_easy('{"version":2}', nonce, key, this.#private));
    return key;
  }

  #forward(from: Buffer, to: Buffer, packet: Buffer): void {
    const member = this.#members.get(to.toString("hex"));
    const sender = from.toString("hex");
    if (!member) {
      this.#members.get(sender)?.gone(Buffer.from(to), NOT_HERE);
      return;
    }
    const told = this.#sentTo.get(sender) ?? new Set();
    told.add(to.toString("hex"));
    this.#sentTo.set(sender, told);
    if (!this.#faults.loses()) member.packet(from, packet);
  }

  #leave(key: Buffer, member: Member): void {
    const name = key.toString("hex");
    // Another connection may have taken the key's place.
    if (this.#members.get(name) !== member) return;
    this.#members.delete(name);
    this.#sentTo.delete(name);
    for (const [sender, receivers] of this.#sentTo)
      if (receivers.delete(name)) this.#members.get(sender)?.gone(key, GONE);
  }
}
