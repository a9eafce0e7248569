const FIRST_BYTES = 1024;

/** Keeps the last bytes of a stream, in memory that grows to `limit` and no further. */
export class ReplayBuffer {
  readonly #limit: number;
  #bytes: Buffer = Buffer.alloc(0);
  /** Where the next byte goes, and how many are kept. */
  #at = 0;
  #length = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  push(chunk: Buffer): void {
    const kept = chunk.length > this.#limit ? chunk.subarray(chunk.length - this.#limit) : chunk;
    this.#makeRoom(kept.length);
    const size = this.#bytes.length;
    const first = Math.min(kept.length, size - this.#at);
    kept.copy(this.#bytes, this.#at, 0, first);
    kept.copy(this.#bytes, 0, first);
    this.#at = (this.#at + kept.length) % size;
    this.#length = Math.min(size, this.#length + kept.length);
  }

  /** A copy of what is kept, oldest first. */
  read(): Buffer {
    const size = this.#bytes.length;
    if (!this.#length) return Buffer.alloc(0);
    const start = (this.#at - this.#length + size) % size;
    if (start < this.#at) return Buffer.from(this.#bytes.subarray(start, this.#at));
    return Buffer.concat([this.#bytes.subarray(start), this.#bytes.subarray(0, this.#at)]);
  }

  #makeRoom(more: number): void {
    const wanted = this.#length + more;
    if (wanted <= this.#bytes.length || this.#bytes.length === this.#limit) return;
    let size = Math.max(FIRST_BYTES, this.#bytes.length);
    while (size < wanted && size < this.#limit) size *= 2;
    const grown = Buffer.alloc(Math.min(size, this.#limit));
    const kept = this.read();
    kept.copy(grown);
    this.#bytes = grown;
    this.#at = kept.length % grown.length;
  }
}
