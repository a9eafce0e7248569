import type { SackBlock } from "./packet.ts";
import { Reassembly } from "./reassembly.ts";

/** Larger ones overflow the queues of relay and agent, smaller ones are slower (docs/tailnet.md, TCP). */
const RECEIVE_WINDOW = 128 * 1024;

/** The receiving half of a connection: what has come, what is missing, how much more may come. */
export class Receiver {
  #next = 0;
  #unread = 0;
  /** Edge that the other side was told it may send up to; it must not move back. */
  #toldEdge = 0;
  #pieces = new Reassembly();
  #finAt: number | undefined;

  /** Sequence number of the first byte that has not come. */
  get next(): number {
    return this.#next;
  }

  /** Delivered, and not yet taken by the reader. */
  get unread(): number {
    return this.#unread;
  }

  get hasGap(): boolean {
    return !this.#pieces.isEmpty;
  }

  begin(synSeq: number): void {
    this.#next = synSeq + 1 + 2 ** 32;
    this.#toldEdge = this.#next + 0xffff;
  }

  /** Whether any of a segment lies in the window (RFC 9293, 3.10.7.4). */
  accepts(seq: number, length: number): boolean {
    const edge = Math.max(this.#toldEdge, this.#next);
    if (length === 0) return seq >= this.#next && seq <= edge;
    return seq < edge && seq + length > this.#next;
  }

  /** Bytes that are free. */
  window(): number {
    return Math.max(0, RECEIVE_WINDOW - this.#unread, this.#toldEdge - this.#next);
  }

  /** The window, which the other side is told of now. */
  tellWindow(): number {
    const window = this.window();
    // Rounded as the scale rounds it, so that both sides know the same edge.
    this.#toldEdge = Math.max(this.#toldEdge, this.#next + (window & ~15));
    return window;
  }

  /** Whether there is so much more room than was told that it is worth a packet. */
  shouldTellWindow(mss: number): boolean {
    const more = this.#next + this.window() - this.#toldEdge;
    const told = this.#toldEdge - this.#next;
    return more >= RECEIVE_WINDOW / 2 || (told < 2 * mss && more >= 2 * mss);
  }

  /** What can be delivered now, in order. Bytes beyond the window are cut off. */
  take(seq: number, payload: Buffer): Buffer[] {
    const edge = Math.max(this.#toldEdge, this.#next);
    const from = Math.max(seq, this.#next);
    const to = Math.min(seq + payload.length, edge, this.#finAt ?? edge);
    if (from >= to) return [];
    const bytes = payload.subarray(from - seq, to - seq);
    if (from > this.#next) {
      this.#pieces.add(from, bytes);
      return [];
    }
    this.#next = to;
    const ready = this.#pieces.isEmpty ? [bytes] : [bytes, ...this.#pieces.take(to)];
    const length = ready.reduce((sum, piece) => sum + piece.length, 0);
    this.#next = from + length;
    this.#unread += length;
    return ready;
  }

  consumed(bytes: number): void {
    this.#unread = Math.max(0, this.#unread - bytes);
  }

  /** A FIN came, behind the byte before this number. */
  finAt(seq: number): void {
    if (seq >= this.#next) this.#finAt ??= seq;
  }

  /** True once all before the FIN has come; counts the FIN itself. */
  takeFin(): boolean {
    if (this.#finAt !== this.#next) return false;
    this.#next++;
    this.#finAt = undefined;
    return true;
  }

  blocks(): SackBlock[] {
    return this.#pieces.isEmpty ? [] : this.#pieces.blocks();
  }

  clear(): void {
    this.#pieces.clear();
    this.#unread = 0;
  }
}
