import { readU32LE } from "../bytes.ts";
import { open, sealInto, TAG_BYTES } from "../crypto/sodium.ts";
import { MessageType, type SessionKeys } from "./handshake.ts";
import { ReplayWindow } from "./replay-window.ts";

/** Bytes before the sealed packet: type, receiver, counter. */
const HEADER_BYTES = 16;
export const TRANSPORT_OVERHEAD = HEADER_BYTES + TAG_BYTES;
/** Packets are padded to a multiple of this, so that their lengths say less. */
const PADDING = 16;

/** For the padded packet, until it is sealed: all sessions share it. */
let scratch = new Uint8Array(2048);

/** A pair of keys that a handshake has given, for at most three minutes. */
export class Session {
  readonly createdAt: number;
  readonly isInitiator: boolean;
  readonly ownIndex: number;
  readonly peerIndex: number;
  /** The other side has shown that it has the keys. */
  confirmed: boolean;
  #keys: SessionKeys;
  #counter = 0;
  #replay = new ReplayWindow();

  constructor(parts: {
    keys: SessionKeys;
    ownIndex: number;
    peerIndex: number;
    createdAt: number;
    isInitiator: boolean;
  }) {
    this.#keys = parts.keys;
    this.ownIndex = parts.ownIndex;
    this.peerIndex = parts.peerIndex;
    this.createdAt = parts.createdAt;
    this.isInitiator = parts.isInitiator;
    this.confirmed = parts.isInitiator;
  }

  /** Length of the message that carries an IP packet of so many bytes; 0 makes a keepalive. */
  static messageBytes(packetBytes: number): number {
    return TRANSPORT_OVERHEAD + Math.ceil(packetBytes / PADDING) * PADDING;
  }

  /** Writes the message for `packet` to `target` at `at`, where it takes `messageBytes`. */
  seal(packet: Uint8Array, target: Buffer, at: number): void {
    const length = Math.ceil(packet.length / PADDING) * PADDING;
    if (scratch.length < length) scratch = new Uint8Array(length);
    const padded = scratch.subarray(0, length);
    padded.set(packet);
    padded.fill(0, packet.length);
    const counter = this.#counter++;
    target.writeUInt32LE(MessageType.transport, at);
    target.writeUInt32LE(this.peerIndex, at + 4);
    target.writeUInt32LE(counter % 2 ** 32, at + 8);
    target.writeUInt32LE(Math.floor(counter / 2 ** 32), at + 12);
    sealInto(this.#keys.send, counter, padded, target, at + HEADER_BYTES);
  }

  /** The padded packet; undefined where it is not genuine, or was here before. */
  open(message: Uint8Array): Buffer | undefined {
    if (message.length < TRANSPORT_OVERHEAD) return undefined;
    const high = readU32LE(message, 12);
    // Past what a number holds exactly; a real peer has rekeyed long before.
    if (high >= 2 ** 20) return undefined;
    const counter = readU32LE(message, 8) + high * 2 ** 32;
    if (!this.#replay.mayTake(counter)) return undefined;
    const packet = open(this.#keys.receive, counter, message.subarray(HEADER_BYTES));
    if (!packet) return undefined;
    this.#replay.take(counter);
    this.confirmed = true;
    return packet;
  }
}
