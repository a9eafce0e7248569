/** `#` and four digits of a sequence number. No other byte of a payload is a `#`. */
export const HEADER = 5;
export const MARK = 0x23;
/** A sequence number is three bytes: after that many ticks it begins again at 0. */
export const SEQUENCES = 2 ** 24;

const DIGITS = Buffer.from("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_");
const VALUES = new Int8Array(256).fill(-1);
DIGITS.forEach((digit, value) => {
  VALUES[digit] = value;
});

/** A header's `at`-th byte: 0 is the mark. */
export function headerByte(sequence: number, at: number): number {
  return at === 0 ? MARK : (DIGITS[(sequence >>> (6 * (4 - at))) & 63] ?? 0);
}

/** A digit's value, or -1. */
export function digitValue(byte: number): number {
  return VALUES[byte] ?? -1;
}

const POOL = 64 * 1024;

/**
 * What ticks carry: a header, and a stretch of random bytes that header and connection choose. Both ends know
 * it, so an echo is compared and never kept.
 */
export class Payload {
  /** Random; a tick's stretch begins at its offset. */
  readonly pool: Buffer;

  /**
   * `printable`: characters that a terminal passes on as they are, and that stand for themselves in JSON;
   * else any bytes. `bytes` is a tick's size.
   */
  constructor(seed: number, bytes: number, printable: boolean) {
    const next = randomBytes(seed);
    this.pool = Buffer.alloc(POOL + bytes);
    for (let at = 0; at < this.pool.length; at++)
      this.pool[at] = printable ? printableByte(next) : anyByte(next);
  }

  /** Where in the pool a tick's stretch begins. */
  offset(salt: number, sequence: number): number {
    return (salt + sequence * 7_919) % POOL;
  }

  /** Writes a tick of `bytes` bytes. */
  write(target: Buffer, at: number, salt: number, sequence: number, bytes: number): void {
    for (let index = 0; index < HEADER; index++) target[at + index] = headerByte(sequence, index);
    const from = this.offset(salt, sequence);
    this.pool.copy(target, at + HEADER, from, from + bytes - HEADER);
  }
}

/** Where a connection's stretches begin. */
export function saltOf(index: number): number {
  return (index * 104_729) % POOL;
}

/** xorshift32: the same bytes for the same seed, on every machine. */
function randomBytes(seed: number): () => number {
  let state = (seed ^ 0x9e3779b9) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state >>> 24;
  };
}

function printableByte(next: () => number): number {
  for (;;) {
    const byte = 0x21 + (next() % 94);
    if (byte !== MARK && byte !== 0x22 && byte !== 0x5c) return byte;
  }
}

function anyByte(next: () => number): number {
  for (;;) {
    const byte = next();
    if (byte !== MARK) return byte;
  }
}
