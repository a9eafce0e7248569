import { createPrivateKey, createPublicKey } from "node:crypto";

/** DER of a PKCS#8 Ed25519 key up to its 32-byte seed (RFC 8410). */
const PKCS8_PREFIX = Buffer.from("302e020100300506032b657004220420", "hex");
const KEY_TYPE = "ssh-ed25519";

/**
 * An Ed25519 host key made from a seed, in OpenSSH's own format (PROTOCOL.key), which is what ssh2 reads.
 * Node writes no such file, and its PKCS#8 is not taken.
 * @param seed 32 bytes
 */
export function hostKey(seed: Buffer): string {
  const pkcs8 = createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: "der", type: "pkcs8" });
  const publicKey = createPublicKey(pkcs8).export({ format: "der", type: "spki" }).subarray(-32);
  const publicBlob = Buffer.concat([field(KEY_TYPE), field(publicKey)]);
  const check = seed.subarray(0, 4);
  const secret = Buffer.concat([
    check,
    check,
    field(KEY_TYPE),
    field(publicKey),
    field(Buffer.concat([seed, publicKey])),
    field("sandbox"),
  ]);
  const padding = Buffer.from(Array.from({ length: (8 - (secret.length % 8)) % 8 }, (_, at) => at + 1));
  const key = Buffer.concat([
    Buffer.from("openssh-key-v1\0"),
    field("none"),
    field("none"),
    field(""),
    uint32(1),
    field(publicBlob),
    field(Buffer.concat([secret, padding])),
  ]);
  const body = key
    .toString("base64")
    .replace(/(.{70})/g, "$1\n")
    .trimEnd();
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${body}\n-----END OPENSSH PRIVATE KEY-----\n`;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function field(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([uint32(bytes.length), bytes]);
}
