/** An answer that took longer than this says too little; another is asked for. */
const GOOD_MS = 2;
const MOST_ASKS = 5;

/**
 * How far another clock is ahead of ours, by questions and answers: the answer was given half-way, give or take half of
 * the time that both took (Cristian's algorithm). The fastest answer says it best.
 */
export class ClockOffset {
  /** Milliseconds by which the other clock is ahead. */
  ms = 0;
  #bestMs = Number.POSITIVE_INFINITY;
  #asks = 0;

  /** We asked at `asked` and have heard at `heard`, by our clock, that it is `theirs` by the other. */
  answered(asked: number, heard: number, theirs: number): void {
    this.#asks++;
    const tookMs = heard - asked;
    if (tookMs >= this.#bestMs) return;
    this.#bestMs = tookMs;
    const ahead = theirs - (asked + heard) / 2;
    // Within what this can tell, it is the same clock: that of a thread is exactly ours.
    this.ms = Math.abs(ahead) <= tookMs / 2 ? 0 : ahead;
  }

  /** Another question would not say more. */
  get isKnown(): boolean {
    return this.#bestMs <= GOOD_MS || this.#asks >= MOST_ASKS;
  }
}
