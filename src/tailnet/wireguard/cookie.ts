import { hash, mac } from "../crypto/blake2s.ts";
import { sodium } from "../crypto/sodium.ts";

/** A loaded peer answers with a cookie, which proves for two minutes that we receive what is sent to us. */
const COOKIE_BYTES = 64;
const LIFETIME_MS = 120_000;
const LABEL_COOKIE = Buffer.from("cookie--");

export class CookieJar {
  #key: Uint8Array;
  #cookie: Uint8Array | undefined;
  #takenAt = 0;

  constructor(peerPublic: Uint8Array) {
    this.#key = hash(LABEL_COOKIE, peerPublic);
  }

  /** Takes a cookie reply to a message of ours with this mac1; false where it is not genuine. */
  take(reply: Uint8Array, mac1: Uint8Array, now: number): boolean {
    if (reply.length !== COOKIE_BYTES) return false;
    try {
      this.#cookie = sodium().crypto_aead_xchacha20poly1305_ietf_decrypt(
        null,
        reply.subarray(32),
        mac1,
        reply.subarray(8, 32),
        this.#key,
      );
    } catch {
      return false;
    }
    this.#takenAt = now;
    return true;
  }

  /** Fills mac2, the last 16 bytes of a handshake message, where there is a cookie. */
  sign(message: Buffer, now: number): void {
    if (!this.#cookie || now - this.#takenAt > LIFETIME_MS) return;
    const at = message.length - 16;
    message.set(mac(this.#cookie, message.subarray(0, at)), at);
  }
}
