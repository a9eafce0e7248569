import { blake2s } from "@noble/hashes/blake2.js";
import { hmac } from "@noble/hashes/hmac.js";
import { concatBytes } from "@noble/hashes/utils.js";

/** BLAKE2s-256 of the parts, one after the other. libsodium has BLAKE2b only. */
export function hash(...parts: Uint8Array[]): Uint8Array {
  return blake2s(concatBytes(...parts));
}

/** Keyed BLAKE2s with 16 bytes of output: WireGuard's MAC. */
export function mac(key: Uint8Array, message: Uint8Array): Uint8Array {
  return blake2s(message, { key, dkLen: 16 });
}

/** WireGuard's KDF (HKDF over BLAKE2s): as many 32-byte keys as asked for. */
export function kdf(count: 1, chain: Uint8Array, input: Uint8Array): [Uint8Array];
export function kdf(count: 2, chain: Uint8Array, input: Uint8Array): [Uint8Array, Uint8Array];
export function kdf(count: 3, chain: Uint8Array, input: Uint8Array): [Uint8Array, Uint8Array, Uint8Array];
export function kdf(count: number, chain: Uint8Array, input: Uint8Array): Uint8Array[] {
  const secret = hmac(blake2s, chain, input);
  const keys: Uint8Array[] = [];
  let last: Uint8Array = new Uint8Array(0);
  for (let index = 1; index <= count; index++) {
    last = hmac(blake2s, secret, concatBytes(last, Uint8Array.of(index)));
    keys.push(last);
  }
  return keys;
}
