/** Something that is due at a time. */
export interface Entry {
  due: number;
}

/** Slots of one millisecond; what is due later than that many waits for further rounds. */
const SLOTS = 1_024;
/** What is due within this is due now: a timer is as often early as late. */
export const EARLY_MS = 0.5;
const LONGEST_SLEEP_MS = 50;

/**
 * A hashed timer wheel (Varghese and Lauck): one timer for all entries of a place, whatever their number,
 * with O(1) for each. Times are absolute milliseconds.
 */
export class Wheel<E extends Entry> {
  #slots: E[][] = Array.from({ length: SLOTS }, () => []);
  #spare: E[] = [];
  #cursor: number;
  #size = 0;

  constructor(now: number) {
    this.#cursor = Math.floor(now);
  }

  get size(): number {
    return this.#size;
  }

  add(entry: E): void {
    // What is overdue goes where the next look begins.
    const at = Math.max(this.#cursor, Math.floor(entry.due));
    this.#slots[at % SLOTS]?.push(entry);
    this.#size++;
  }

  /** Calls `fire` for each entry that is due, in about the order of time; it may add it again. */
  advance(now: number, fire: (entry: E) => void): void {
    const horizon = now + EARLY_MS;
    const last = Math.floor(horizon);
    const from = Math.max(this.#cursor, last - SLOTS + 1);
    // From here on: what is added now and is overdue must not land in a slot that has had its turn.
    this.#cursor = last;
    for (let slot = from; slot <= last; slot++) this.#turn(slot % SLOTS, horizon, fire);
  }

  #turn(slot: number, horizon: number, fire: (entry: E) => void): void {
    const list = this.#slots[slot];
    if (!list || list.length === 0) return;
    this.#slots[slot] = this.#spare;
    this.#spare = [];
    for (const entry of list) {
      if (entry.due <= horizon) {
        this.#size--;
        fire(entry);
      } else this.#slots[slot]?.push(entry);
    }
    list.length = 0;
    this.#spare = list;
  }

  /** Takes all entries out, in no order. */
  takeAll(): E[] {
    const all = this.#slots.flat();
    for (const slot of this.#slots) slot.length = 0;
    this.#size = 0;
    return all;
  }

  /** Milliseconds until somebody should look again. */
  sleep(now: number): number {
    const longest = Math.floor(now) + LONGEST_SLEEP_MS;
    for (let slot = this.#cursor; slot < longest; slot++) {
      if ((this.#slots[slot % SLOTS]?.length ?? 0) > 0) return Math.max(0, slot + 1 - EARLY_MS - now);
    }
    return LONGEST_SLEEP_MS;
  }
}
