/** Below an agent's own 200 ms the retransmission would race the acknowledgement (docs/tailnet.md, TCP). */
const MIN_RTO_MS = 300;
const MAX_RTO_MS = 20_000;
const FIRST_RTO_MS = 1_000;

/** Round-trip estimate and the time to wait for an acknowledgement (RFC 6298), in milliseconds. */
export class RoundTrip {
  #smoothed: number | undefined;
  #variation = 0;
  #backoff = 0;
  /** The shortest one seen. */
  least = Number.POSITIVE_INFINITY;

  get smoothed(): number | undefined {
    return this.#smoothed;
  }

  get timeout(): number {
    const base =
      this.#smoothed === undefined ? FIRST_RTO_MS : this.#smoothed + Math.max(20, 4 * this.#variation);
    return Math.min(MAX_RTO_MS, Math.max(MIN_RTO_MS, base) * 2 ** this.#backoff);
  }

  /** After so long without a word the last segment is sent again, to ask what has arrived (RFC 8985, 7.2). */
  get probeTimeout(): number | undefined {
    if (this.#smoothed === undefined || this.#backoff > 0) return undefined;
    return 2 * this.#smoothed + Math.max(10, 4 * this.#variation);
  }

  /** Only of segments that were sent once: of others nobody knows which copy was acknowledged. */
  sample(ms: number): void {
    this.least = Math.min(this.least, ms);
    if (this.#smoothed === undefined) {
      this.#smoothed = ms;
      this.#variation = ms / 2;
    } else {
      this.#variation = 0.75 * this.#variation + 0.25 * Math.abs(this.#smoothed - ms);
      this.#smoothed = 0.875 * this.#smoothed + 0.125 * ms;
    }
  }

  backOff(): void {
    this.#backoff++;
  }

  /** The other side is there. */
  progress(): void {
    this.#backoff = 0;
  }
}
