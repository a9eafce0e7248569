/** Packets may come late by this many others, and no more. */
const WINDOW = 1024;
const WORDS = WINDOW / 32;

/** Remembers which counters were here, so that none is taken twice (RFC 6479's ring of words). */
export class ReplayWindow {
  #highest = -1;
  #seen = new Uint32Array(WORDS);

  mayTake(counter: number): boolean {
    if (counter > this.#highest) return true;
    if (counter <= this.#highest - (WINDOW - 32)) return false;
    return ((this.#seen[this.#word(counter)] ?? 0) & (1 << (counter % 32))) === 0;
  }

  /** Only for counters whose packet was genuine. */
  take(counter: number): void {
    const last = Math.floor(this.#highest / 32);
    const word = Math.floor(counter / 32);
    for (let next = last + 1; next <= word && next <= last + WORDS; next++) this.#seen[next % WORDS] = 0;
    if (word > last + WORDS) this.#seen.fill(0);
    if (counter > this.#highest) this.#highest = counter;
    const at = this.#word(counter);
    this.#seen[at] = (this.#seen[at] ?? 0) | (1 << (counter % 32));
  }

  #word(counter: number): number {
    return Math.floor(counter / 32) % WORDS;
  }
}
