import { createRequire } from "node:module";
import { beforeAll, expect, test } from "vitest";
import { ChaChaPolyCipher, ChaChaPolyDecipher } from "../../../src/coder/ssh/sshcrypto/ciphers.ts";
import { sodiumReady } from "../../../src/tailnet/crypto/sodium.ts";

/** ssh2's own implementation, by way of node:crypto, as the second opinion. */
interface Ssh2Crypto {
  init: Promise<void>;
  CIPHER_INFO: Record<string, unknown>;
  createCipher(config: object): { allocPacket(length: number): Buffer; encrypt(packet: Buffer): void };
  createDecipher(config: object): { decrypt(data: Buffer, from: number, length: number): unknown };
}
const ssh2Crypto = createRequire(import.meta.url)("ssh2/lib/protocol/crypto.js") as Ssh2Crypto;
const cipherInfo = ssh2Crypto.CIPHER_INFO["chacha20-poly1305@openssh.com"];
const key = Buffer.from(Array.from({ length: 64 }, (_, index) => (index * 37 + 11) % 256));

beforeAll(() => Promise.all([sodiumReady(), ssh2Crypto.init]));

function packetOf(payload: Buffer): Buffer {
  const padding = 8 - ((1 + payload.length) % 8) + (8 - ((1 + payload.length) % 8) < 4 ? 8 : 0);
  const packet = Buffer.alloc(4 + 1 + payload.length + padding + 16);
  packet.writeUInt32BE(packet.length - 20, 0);
  packet[4] = padding;
  packet.set(payload, 5);
  return packet;
}

test.each([0, 1, 2 ** 31, 2 ** 32 - 1])("what we encrypt, ssh2 decrypts: packet number %d", (seqno) => {
  const payload = Buffer.from("the quick brown fox jumps over the lazy dog".repeat(20));
  const packet = packetOf(payload);
  new ChaChaPolyCipher(key).encrypt(packet, seqno);
  const opened: Buffer[] = [];
  const decipher = ssh2Crypto.createDecipher({
    inbound: {
      seqno,
      decipherInfo: cipherInfo,
      decipherKey: key,
      forceNative: true,
      onPayload: (bytes: Buffer) => void opened.push(Buffer.from(bytes)),
    },
  });
  decipher.decrypt(packet, 0, packet.length);
  expect(Buffer.concat(opened).equals(payload)).toBe(true);
});

test.each([0, 5, 2 ** 32 - 1])("what ssh2 encrypts, we decrypt: packet number %d", (seqno) => {
  const written: Buffer[] = [];
  const cipher = ssh2Crypto.createCipher({
    outbound: {
      seqno,
      cipherInfo,
      cipherKey: key,
      forceNative: true,
      onWrite: (bytes: Buffer) => written.push(Buffer.from(bytes)),
    },
  });
  const payload = Buffer.from("0123456789".repeat(100));
  const packet = cipher.allocPacket(payload.length);
  packet.set(payload, 5);
  cipher.encrypt(packet);
  const bytes = Buffer.concat(written);
  const decipher = new ChaChaPolyDecipher(key);
  const length = decipher.decryptLen(bytes.subarray(0, 4), seqno);
  expect(length).toBe(bytes.length - 20);
  const body = Buffer.from(bytes.subarray(4, 4 + length));
  decipher.decrypt(body, bytes.subarray(4 + length), seqno);
  expect(body.subarray(1, 1 + payload.length).equals(payload)).toBe(true);
});

test("a changed bit anywhere is refused", () => {
  const packet = packetOf(Buffer.from("secret"));
  new ChaChaPolyCipher(key).encrypt(packet, 3);
  for (let at = 0; at < packet.length; at++) {
    const changed = Buffer.from(packet);
    changed[at] = (changed[at] ?? 0) ^ 4;
    const decipher = new ChaChaPolyDecipher(key);
    decipher.decryptLen(changed.subarray(0, 4), 3);
    const end = changed.length - 16;
    expect(() => decipher.decrypt(changed.subarray(4, end), changed.subarray(end), 3), `byte ${at}`).toThrow(
      "Invalid MAC",
    );
  }
});
