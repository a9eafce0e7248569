/** A small seeded generator, so that a sandbox with the same seed behaves the same again. */
export interface Random {
  /** A float in [0, 1). */
  next(): number;
  /** A float in [from, to). */
  between(range: readonly [number, number]): number;
  /** An integer in [0, limit). */
  below(limit: number): number;
  /** A version 4 UUID. */
  uuid(): string;
  /** A string of letters and digits. */
  letters(length: number): string;
  /** `length` pseudo-random bytes. */
  bytes(length: number): Buffer;
  /** An independent generator: drawing from it does not change what this one yields. */
  fork(name: string): Random;
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** Mulberry32: 32 bits of state, good enough for timings and names. */
export function createRandom(seed: number): Random {
  let state = (seed ^ 0x9e3779b9) >>> 0;
  const word = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  const next = () => word() / 0x1_0000_0000;
  const bytes = (length: number) => {
    const out = Buffer.alloc(length);
    for (let at = 0; at < length; at++) out[at] = word() >>> 24;
    return out;
  };
  return {
    next,
    between: ([from, to]) => from + next() * (to - from),
    below: (limit) => Math.floor(next() * limit),
    bytes,
    uuid: () => formatUuid(bytes(16)),
    letters: (length) => {
      let out = "";
      for (let at = 0; at < length; at++) out += ALPHABET[Math.floor(next() * ALPHABET.length)];
      return out;
    },
    fork: (name) => createRandom(hash(name) ^ Math.imul(seed, 0x85ebca6b)),
  };
}

function formatUuid(bytes: Buffer): string {
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** FNV-1a. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193) >>> 0;
  return value;
}
