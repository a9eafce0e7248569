/** So near to the true value is near enough: no figure is written with more digits. */
const NEAR = 1e-4;
const MOST_STEPS = 40;

/**
 * Percentiles of several seconds together, by the percentiles of each: between two that are known, the values of a
 * second are taken to lie evenly. The mean of percentiles is none, and the histograms are not here.
 */
export class MergedSeconds {
  /** Of what the values of each second are, the smallest first. */
  readonly #shares: readonly number[];
  /** A second after the other: how many it is of, and behind that a value for each share. */
  readonly #seconds: Float64Array;
  #length = 0;
  #count = 0;

  constructor(shares: readonly number[], mostSeconds: number) {
    this.#shares = shares;
    this.#seconds = new Float64Array(mostSeconds * (shares.length + 1));
  }

  /** `valueAt` gives the value of the share at that place. */
  add(count: number, valueAt: (place: number) => number): void {
    if (count <= 0) return;
    this.#seconds[this.#length++] = count;
    for (let place = 0; place < this.#shares.length; place++) this.#seconds[this.#length++] = valueAt(place);
    this.#count += count;
  }

  /** null where nothing was observed. */
  percentile(share: number): number | null {
    if (this.#count === 0) return null;
    let [low, high] = this.#bounds(share);
    for (let step = 0; step < MOST_STEPS && high - low > high * NEAR; step++) {
      const middle = (low + high) / 2;
      if (this.#below(middle) < share * this.#count) low = middle;
      else high = middle;
    }
    return high;
  }

  /** It is not less than in the second where it is least, and not more than where it is most. */
  #bounds(share: number): [number, number] {
    const place = this.#shares.findIndex((one) => one >= share);
    const [least, most] = [place === -1 || this.#shares[place] !== share ? place - 1 : place, place];
    let [low, high] = [Number.POSITIVE_INFINITY, 0];
    const size = this.#shares.length;
    for (let at = 0; at < this.#length; at += size + 1) {
      low = Math.min(low, least < 0 ? 0 : (this.#seconds[at + 1 + least] ?? 0));
      high = Math.max(high, this.#seconds[at + 1 + (most === -1 ? size - 1 : most)] ?? 0);
    }
    return [low, high];
  }

  /** How many are below a value. */
  #below(value: number): number {
    const size = this.#shares.length;
    let below = 0;
    for (let at = 0; at < this.#length; at += size + 1) below += this.#belowIn(at, value);
    return below;
  }

  #belowIn(at: number, value: number): number {
    const count = this.#seconds[at] ?? 0;
    let from = 0;
    let fromShare = 0;
    for (let place = 0; place < this.#shares.length; place++) {
      const to = this.#seconds[at + 1 + place] ?? 0;
      const toShare = this.#shares[place] ?? 1;
      if (value < to) return count * (fromShare + ((toShare - fromShare) * (value - from)) / (to - from));
      from = to;
      fromShare = toShare;
    }
    return count;
  }
}
