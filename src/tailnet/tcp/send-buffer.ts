/** Bytes that were written and not yet acknowledged, by their sequence numbers. */
export class SendBuffer {
  #chunks: Buffer[] = [];
  /** Sequence number of the first byte that is kept. */
  #start: number;
  #end: number;

  constructor(start: number) {
    this.#start = start;
    this.#end = start;
  }

  /** Sequence number behind the last byte. */
  get end(): number {
    return this.#end;
  }

  get bytes(): number {
    return this.#end - this.#start;
  }

  append(chunk: Buffer): void {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#end += chunk.length;
  }

  /** Copies `length` bytes from sequence number `from` on. */
  copy(from: number, length: number, target: Buffer, at: number): void {
    let skip = from - this.#start;
    let left = length;
    let to = at;
    for (const chunk of this.#chunks) {
      if (left <= 0) return;
      if (skip >= chunk.length) {
        skip -= chunk.length;
        continue;
      }
      const piece = Math.min(left, chunk.length - skip);
      chunk.copy(target, to, skip, skip + piece);
      to += piece;
      left -= piece;
      skip = 0;
    }
  }

  /** Forgets what lies before the sequence number. */
  release(before: number): void {
    if (before >= this.#end) {
      this.#chunks.length = 0;
      this.#start = this.#end;
      return;
    }
    while (this.#start < before) {
      const first = this.#chunks[0];
      if (!first) return;
      const done = Math.min(first.length, before - this.#start);
      this.#start += done;
      if (done === first.length) this.#chunks.shift();
      else this.#chunks[0] = first.subarray(done);
    }
  }

  clear(): void {
    this.#chunks = [];
    this.#start = this.#end;
  }
}
