import { decryptLength, decryptPacket, encryptPacket } from "../../../tailnet/crypto/openssh-chacha.ts";

/** Whether ssh2 has found these classes; only then its ChaCha20 is the cheap one. */
export const binding = { inUse: false };

/** As ssh2 expects it of its native addon. */
export class ChaChaPolyCipher {
  #key: Uint8Array;

  constructor(key: Uint8Array) {
    this.#key = Uint8Array.from(key);
  }

  /** In place; the last 16 bytes are for the tag. */
  encrypt(packet: Uint8Array, sequence: number): void {
    encryptPacket(this.#key, sequence, packet);
  }

  free(): void {
    this.#key.fill(0);
  }
}

/** As ssh2 expects it of its native addon. */
export class ChaChaPolyDecipher {
  #key: Uint8Array;
  #length = new Uint8Array(4);

  constructor(key: Uint8Array) {
    this.#key = Uint8Array.from(key);
  }

  decryptLen(encrypted: Uint8Array, sequence: number): number {
    this.#length.set(encrypted);
    return decryptLength(this.#key, sequence, encrypted);
  }

  /** In place; throws where the tag does not fit. */
  decrypt(packet: Uint8Array, tag: Uint8Array, sequence: number): void {
    decryptPacket(this.#key, sequence, this.#length, packet, tag);
  }

  free(): void {
    this.#key.fill(0);
  }
}
