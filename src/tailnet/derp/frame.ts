import { say } from "../../text/message.ts";
import { SaidError } from "../../text/said-error.ts";
import { boxKey, boxOpen, boxSeal, type KeyPair, randomBytes } from "../crypto/sodium.ts";

/** A relay's frame (docs/tailnet.md, Relays): type, length (big-endian), body. */
export const DERP_HEADER_BYTES = 5;
export const KEY_BYTES = 32;
/** A packet's own limit on the relay. */
export const MAX_PACKET = 64 * 1024;
/** Longest body that we take; packets and their key fit, with room for newer frames. */
const MAX_BODY = 80 * 1024;

export const DerpFrame = {
  serverKey: 0x01,
  clientInfo: 0x02,
  serverInfo: 0x03,
  send: 0x04,
  received: 0x05,
  keepAlive: 0x06,
  notePreferred: 0x07,
  peerGone: 0x08,
  ping: 0x12,
  pong: 0x13,
  health: 0x14,
  restarting: 0x15,
} as const;

/** Begins the body of the server's first frame. */
const MAGIC = Buffer.from("44455250f09f9491", "hex");
const NONCE_BYTES = 24;
const CLIENT_INFO = { version: 2, CanAckPings: true };

export function encodeDerpFrame(type: number, ...body: Uint8Array[]): Buffer {
  const header = Buffer.alloc(DERP_HEADER_BYTES);
  header[0] = type;
  header.writeUInt32BE(
    body.reduce((sum, part) => sum + part.length, 0),
    1,
  );
  return Buffer.concat([header, ...body]);
}

/** The relay's public key, from its first frame. Throws where the other side is no relay. */
export function readServerKey(body: Uint8Array): Uint8Array {
  if (body.length < MAGIC.length + KEY_BYTES || MAGIC.compare(body, 0, MAGIC.length) !== 0)
    throw new SaidError(say("this is no DERP relay"));
  return Uint8Array.from(body.subarray(MAGIC.length, MAGIC.length + KEY_BYTES));
}

/** Body of the frame that says who we are: our key, and a box of what we can. */
export function clientInfo(
  keys: KeyPair,
  serverKey: Uint8Array,
  nonce: Uint8Array = randomBytes(NONCE_BYTES),
): Buffer {
  const shared = boxKey(serverKey, keys.privateKey);
  return Buffer.concat([
    keys.publicKey,
    nonce,
    boxSeal(Buffer.from(JSON.stringify(CLIENT_INFO)), nonce, shared),
  ]);
}

/** The relay's own info, which proves that it has the key it named. Throws where it does not. */
export function readServerInfo(body: Uint8Array, keys: KeyPair, serverKey: Uint8Array): unknown {
  const opened = boxOpen(
    body.subarray(NONCE_BYTES),
    body.subarray(0, NONCE_BYTES),
    boxKey(serverKey, keys.privateKey),
  );
  if (!opened) throw new SaidError(say("the relay's introduction is not genuine"));
  return JSON.parse(Buffer.from(opened).toString("utf8"));
}

const NOTHING = Buffer.alloc(0);

/**
 * Reads frames from a byte stream that comes in arbitrary pieces. The bodies are views of what came in:
 * take what is to be kept. Throws on a frame that is too long, after which nothing can be read any more.
 */
export class DerpReader {
  #pending: Buffer = NOTHING;

  push(chunk: Buffer, take: (type: number, body: Buffer) => void): void {
    const bytes = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    let at = 0;
    while (bytes.length - at >= DERP_HEADER_BYTES) {
      const length = bytes.readUInt32BE(at + 1);
      if (length > MAX_BODY) throw new SaidError(say("the relay sent a frame of {0} bytes", length));
      const from = at + DERP_HEADER_BYTES;
      if (bytes.length < from + length) break;
      take(bytes.readUInt8(at), bytes.subarray(from, from + length));
      at = from + length;
    }
    // A copy: a view would keep a whole chunk alive for a few bytes.
    this.#pending = at === bytes.length ? NOTHING : Buffer.from(bytes.subarray(at));
  }
}
