import type { SackBlock } from "./packet.ts";

interface Piece {
  start: number;
  bytes: Buffer;
}

const MAX_SACK_BLOCKS = 3;
/** Pieces are few: a window holds about a hundred segments. More than this is an attack on our memory. */
const MAX_PIECES = 512;

/** Bytes that came before the ones that go ahead of them. The caller keeps them within its window. */
export class Reassembly {
  /** Sorted, without overlaps. */
  #pieces: Piece[] = [];
  /** Start of the block that the newest segment fell into, which is reported first. */
  #newest = 0;

  get isEmpty(): boolean {
    return this.#pieces.length === 0;
  }

  /** Keeps what is new of a segment. */
  add(start: number, bytes: Buffer): void {
    this.#newest = start;
    if (this.#pieces.length >= MAX_PIECES) return;
    const end = start + bytes.length;
    let from = start;
    const fresh: Piece[] = [];
    for (const piece of this.#pieces) {
      if (from >= end) break;
      const pieceEnd = piece.start + piece.bytes.length;
      if (pieceEnd <= from) continue;
      if (piece.start > from) {
        const until = Math.min(end, piece.start);
        fresh.push({ start: from, bytes: bytes.subarray(from - start, until - start) });
      }
      from = Math.max(from, pieceEnd);
    }
    if (from < end) fresh.push({ start: from, bytes: bytes.subarray(from - start) });
    if (fresh.length === 0) return;
    this.#pieces = [...this.#pieces, ...fresh].sort((a, b) => a.start - b.start);
  }

  /** The bytes that follow `next` without a gap, in pieces; they are forgotten here. */
  take(next: number): Buffer[] {
    const taken: Buffer[] = [];
    let at = next;
    let count = 0;
    for (const piece of this.#pieces) {
      if (piece.start > at) break;
      count++;
      const end = piece.start + piece.bytes.length;
      if (end > at) taken.push(piece.bytes.subarray(at - piece.start));
      at = Math.max(at, end);
    }
    this.#pieces.splice(0, count);
    return taken;
  }

  /** Blocks to report, the newest first (RFC 2018). */
  blocks(): SackBlock[] {
    const blocks: SackBlock[] = [];
    for (const piece of this.#pieces) {
      const last = blocks.at(-1);
      const end = piece.start + piece.bytes.length;
      if (last && last.end === piece.start) last.end = end;
      else blocks.push({ start: piece.start, end });
    }
    const first = blocks.findIndex((one) => one.start <= this.#newest && this.#newest < one.end);
    if (first > 0) blocks.unshift(...blocks.splice(first, 1));
    return blocks.slice(0, MAX_SACK_BLOCKS);
  }

  clear(): void {
    this.#pieces = [];
  }
}
