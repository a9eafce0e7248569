import type { SackBlock } from "./packet.ts";

/**
 * A segment that was sent and not yet acknowledged. "out": on its way, as far as we know; "lost": taken for
 * lost, not yet sent again; "held": the other side has it, but not all before it.
 */
export interface Sent {
  start: number;
  end: number;
  sentAt: number;
  /** Orders segments that were sent at the same moment. */
  order: number;
  sendings: number;
  state: "out" | "lost" | "held";
}

export interface Delivered {
  /** Bytes that left the network by this acknowledgement. */
  bytes: number;
  /** When the newest segment among them was sent, of those that were sent only once; for the round trip. */
  sampleSentAt: number | undefined;
}

/** As many segments may overtake one on the way before it is taken for lost. */
const DUPLICATES = 3;

/** What is on its way, what arrived, what is lost: SACK's scoreboard with RACK's loss detection (RFC 8985). */
export class Scoreboard {
  #sent: Sent[] = [];
  #inFlight = 0;
  /** Segments in state "held". */
  #held = 0;
  #order = 0;
  /** The newest sending that was delivered. */
  #newest = { sentAt: Number.NEGATIVE_INFINITY, order: -1 };
  lostWaiting = 0;

  /** Bytes that are believed to be on their way. */
  get inFlight(): number {
    return this.#inFlight;
  }

  get isEmpty(): boolean {
    return this.#sent.length === 0;
  }

  get first(): Sent | undefined {
    return this.#sent[0];
  }

  /** The last segment, where there are others before it. */
  get tail(): Sent | undefined {
    return this.#sent.length > 1 ? this.#sent.at(-1) : undefined;
  }

  /** A segment that is taken for lost, the first one first. */
  nextLost(): Sent | undefined {
    return this.lostWaiting > 0 ? this.#sent.find((one) => one.state === "lost") : undefined;
  }

  add(start: number, end: number, now: number): void {
    this.#sent.push({ start, end, sentAt: now, order: this.#order++, sendings: 1, state: "out" });
    this.#inFlight += end - start;
  }

  sentAgain(segment: Sent, now: number): void {
    this.#setState(segment, "out");
    segment.sendings++;
    segment.sentAt = now;
    segment.order = this.#order++;
  }

  /** All before `ack` arrived, and the blocks above it. `leastRtt` tells late copies from first ones. */
  delivered(ack: number, blocks: readonly SackBlock[], now: number, leastRtt: number): Delivered {
    const result: Delivered = { bytes: 0, sampleSentAt: undefined };
    let gone = 0;
    for (const segment of this.#sent) {
      if (segment.start >= ack) break;
      if (segment.end > ack) {
        this.#shorten(segment, ack, result);
        break;
      }
      if (segment.state !== "held") this.#arrived(segment, result, now, leastRtt);
      this.#drop(segment);
      gone++;
    }
    // As a rule it is all of them.
    if (gone === this.#sent.length) this.#sent.length = 0;
    else if (gone > 0) this.#sent.splice(0, gone);
    for (const block of blocks) this.#hold(block, result, now, leastRtt);
    return result;
  }

  #hold(block: SackBlock, result: Delivered, now: number, leastRtt: number): void {
    for (const segment of this.#sent) {
      if (segment.start >= block.end) break;
      if (segment.state === "held" || segment.start < block.start || segment.end > block.end) continue;
      this.#arrived(segment, result, now, leastRtt);
      this.#setState(segment, "held");
    }
  }

  /** Takes what was sent before something that arrived for lost. True where that found anything new. */
  findLost(reorderMs: number): boolean {
    const first = this.#sent[0];
    if (!first || (this.#held === 0 && !this.#overtaken(first))) return false;
    let found = false;
    let heldAbove = this.#held;
    for (const segment of this.#sent) {
      if (segment.state === "held") {
        heldAbove--;
        continue;
      }
      if (segment.state !== "out" || !this.#overtaken(segment)) continue;
      const late = this.#newest.sentAt - segment.sentAt > reorderMs;
      const many = segment.sendings === 1 && heldAbove >= DUPLICATES;
      if (!late && !many) continue;
      this.#setState(segment, "lost");
      found = true;
    }
    return found;
  }

  /** Takes the first segment for lost: without SACK, three duplicate acknowledgements say no more. */
  loseFirst(): boolean {
    const first = this.#sent[0];
    if (first?.state !== "out") return false;
    this.#setState(first, "lost");
    return true;
  }

  /** Nothing came back in time: all of it has to be sent again, except what is known to have arrived. */
  loseAll(): void {
    for (const segment of this.#sent) if (segment.state === "out") this.#setState(segment, "lost");
  }

  clear(): void {
    this.#sent = [];
    this.#inFlight = 0;
    this.#held = 0;
    this.lostWaiting = 0;
  }

  #overtaken(segment: Sent): boolean {
    const { sentAt, order } = this.#newest;
    return sentAt > segment.sentAt || (sentAt === segment.sentAt && order > segment.order);
  }

  #arrived(segment: Sent, result: Delivered, now: number, leastRtt: number): void {
    result.bytes += segment.end - segment.start;
    // An answer faster than any round trip was to an earlier copy, and says nothing of this one.
    if (segment.sendings > 1 && now - segment.sentAt < leastRtt) return;
    if (segment.sendings === 1) result.sampleSentAt = Math.max(result.sampleSentAt ?? 0, segment.sentAt);
    const newest = this.#newest;
    if (segment.sentAt < newest.sentAt) return;
    if (segment.sentAt === newest.sentAt && segment.order <= newest.order) return;
    newest.sentAt = segment.sentAt;
    newest.order = segment.order;
  }

  #shorten(segment: Sent, ack: number, result: Delivered): void {
    const bytes = ack - segment.start;
    result.bytes += bytes;
    if (segment.state === "out") this.#inFlight -= bytes;
    segment.start = ack;
  }

  #setState(segment: Sent, state: Sent["state"]): void {
    this.#count(segment, -1);
    segment.state = state;
    this.#count(segment, 1);
  }

  #drop(segment: Sent): void {
    this.#count(segment, -1);
  }

  #count(segment: Sent, sign: 1 | -1): void {
    const bytes = sign * (segment.end - segment.start);
    if (segment.state === "out") this.#inFlight += bytes;
    else if (segment.state === "held") this.#held += sign;
    else this.lostWaiting += sign;
  }
}
