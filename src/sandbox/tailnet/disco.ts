import { randomBytes } from "node:crypto";
import sodium from "libsodium-wrappers-sumo";

/** Tailscale's path discovery (its `disco` package), as much as answers "are you there": a ping gets a pong. */
const MAGIC = Buffer.from("TS💬");
const KEY_BYTES = 32;
const NONCE_BYTES = 24;
const HEADER_BYTES = MAGIC.length + KEY_BYTES + NONCE_BYTES;
const PING = 1;
const PONG = 2;
const ID_BYTES = 12;
/** What came by the relay came from this address, with the region as its port. */
const RELAY_ADDRESS = Buffer.from("00000000000000000000ffff7f030328", "hex");

export function isDisco(message: Buffer): boolean {
  return message.length > HEADER_BYTES && message.subarray(0, MAGIC.length).equals(MAGIC);
}

/** The answer to a ping; undefined where it is something else, or not genuine. */
export function answerDisco(
  message: Buffer,
  own: { privateKey: Uint8Array; publicKey: Uint8Array },
  region: number,
): Buffer | undefined {
  const sender = message.subarray(MAGIC.length, MAGIC.length + KEY_BYTES);
  const nonce = message.subarray(MAGIC.length + KEY_BYTES, HEADER_BYTES);
  const plain = open(message.subarray(HEADER_BYTES), nonce, sender, own.privateKey);
  if (plain?.[0] !== PING || plain.length < 2 + ID_BYTES) return undefined;
  const port = Buffer.alloc(2);
  port.writeUInt16BE(region);
  const pong = Buffer.concat([Buffer.from([PONG, 0]), plain.subarray(2, 2 + ID_BYTES), RELAY_ADDRESS, port]);
  const fresh = randomBytes(NONCE_BYTES);
  return Buffer.concat([
    MAGIC,
    own.publicKey,
    fresh,
    sodium.crypto_box_easy(pong, fresh, sender, own.privateKey),
  ]);
}

function open(sealed: Buffer, nonce: Buffer, from: Buffer, key: Uint8Array): Uint8Array | undefined {
  try {
    return sodium.crypto_box_open_easy(sealed, nonce, from, key);
  } catch {
    return undefined;
  }
}
