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
    // What this answer cannot tell apart stays as it is: the clock of a thread is exactly ours.
    if (Math.abs(ahead - this.ms) > tookMs / 2) this.ms = ahead;
  }

  /** Another question would not say more. */
  get isKnown(): boolean {
    return this.#bestMs <= GOOD_MS || this.#asks >= MOST_ASKS;
  }

  /** Clocks drift: what was found is held against new answers. */
  askAgain(): void {
    this.#bestMs = Number.POSITIVE_INFINITY;
    this.#asks = 0;
  }
}
