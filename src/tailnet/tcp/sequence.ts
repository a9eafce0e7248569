/**
 * Sequence numbers are kept as plain numbers that only grow (good for 2^53 bytes), and are cut to 32 bits
 * on the wire.
 */
export function toWire(sequence: number): number {
  return sequence >>> 0;
}

/** The number with these 32 bits that is nearest to `near`; it may be below zero where near is small. */
export function fromWire(wire: number, near: number): number {
  return near + ((wire - near) | 0);
}
