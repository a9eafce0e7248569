import { Congestion } from "./congestion.ts";
import type { SackBlock } from "./packet.ts";
import { RoundTrip } from "./rtt.ts";
import { Scoreboard, type Sent } from "./scoreboard.ts";
import { SendBuffer } from "./send-buffer.ts";

/** The tunnel carries 1280 bytes; less the headers of IPv6 and TCP. */
export const MSS = 1220;
/** Until the peer has said what it takes (RFC 9293, 3.7.1). */
const DEFAULT_MSS = 536;

/** Sends the bytes between two sequence numbers, which may include the SYN or the FIN. */
export type Emit = (start: number, end: number) => void;

/** An acknowledgement as it came, with unwrapped numbers. */
export interface Acknowledgement {
  ack: number;
  blocks: SackBlock[];
  /** It carries nothing else: no bytes, no FIN, no other window. */
  bare: boolean;
}

/** The sending half of a connection: what is on its way, what has to be sent again, what may go now. */
export class Sender {
  #emit: Emit;
  #buffer: SendBuffer;
  #board = new Scoreboard();
  #congestion = new Congestion(MSS);
  #rtt = new RoundTrip();
  #una: number;
  #next: number;
  #peerMss = DEFAULT_MSS;
  #sackOk = false;
  #finAsked = false;
  #finSent = false;
  #duplicates = 0;
  /** What was on its way when a loss was found; until that is through, it is one loss. */
  #recoverUntil: number | undefined;
  #tailProbed = false;
  /** More would have been sent, had the network's window been larger. */
  #limited = false;
  /** Bytes that the peer has room for. */
  peerWindow = 0;
  retransmissions = 0;

  constructor(initial: number, emit: Emit) {
    this.#emit = emit;
    this.#una = initial;
    this.#next = initial;
    this.#buffer = new SendBuffer(initial + 1);
  }

  get una(): number {
    return this.#una;
  }

  get next(): number {
    return this.#next;
  }

  /** Sequence number behind the last byte that was written. */
  get dataEnd(): number {
    return this.#buffer.end;
  }

  get unacknowledged(): number {
    return this.#buffer.bytes;
  }

  get finSent(): boolean {
    return this.#finSent;
  }

  get isFinAcknowledged(): boolean {
    return this.#finSent && this.#una === this.#next;
  }

  get nothingInFlight(): boolean {
    return this.#board.isEmpty;
  }

  /** Milliseconds to wait for an acknowledgement, before `probeTail` or `timedOut`. */
  get timeoutMs(): number {
    const probe = this.mayProbeTail ? this.#rtt.probeTimeout : undefined;
    return probe === undefined ? this.#rtt.timeout : Math.min(probe, this.#rtt.timeout);
  }

  /** A single segment is not probed: the other side may just be slow to acknowledge it. */
  get mayProbeTail(): boolean {
    return !this.#tailProbed && this.#board.tail !== undefined && this.#rtt.probeTimeout !== undefined;
  }

  get smoothedRttMs(): number | undefined {
    return this.#rtt.smoothed;
  }

  /** Something waits that output() may be able to send. */
  get hasWork(): boolean {
    return this.#board.lostWaiting > 0 || this.hasUnsent || (this.#finAsked && !this.#finSent);
  }

  get hasUnsent(): boolean {
    return this.#next < this.#buffer.end;
  }

  /** What the peer's SYN said. */
  learn(mss: number | undefined, sackOk: boolean, window: number): void {
    this.#peerMss = Math.max(64, mss ?? DEFAULT_MSS);
    this.#sackOk = sackOk;
    this.peerWindow = window;
  }

  append(chunk: Buffer): void {
    if (!this.#finAsked) this.#buffer.append(chunk);
  }

  copy(from: number, length: number, target: Buffer, at: number): void {
    this.#buffer.copy(from, length, target, at);
  }

  askFin(): void {
    this.#finAsked = true;
  }

  /** The SYN takes a sequence number of its own. */
  sendSyn(now: number): void {
    this.#sendNew(1, now);
  }

  /** What was lost, then new bytes, then the FIN: as much as peer and network take. */
  output(now: number): void {
    this.#resendLost(now);
    this.#sendNewData(now);
    if (!this.#finAsked || this.#finSent || this.hasUnsent) return;
    this.#finSent = true;
    this.#sendNew(1, now);
  }

  /** One byte into a closed window: the answer says whether it has opened. */
  probe(now: number): void {
    if (this.#board.isEmpty && this.hasUnsent) this.#sendNew(1, now);
  }

  /** Asks what has arrived, where the last segments or the acknowledgement of all of them may be lost. */
  probeTail(now: number): void {
    this.#tailProbed = true;
    const tail = this.#board.tail;
    if (tail && tail.state !== "held") this.#resend(tail, now);
    else if (this.#board.first) this.#resend(this.#board.first, now);
  }

  /** Nothing came back in time. */
  timedOut(now: number): void {
    this.#rtt.backOff();
    // Where the window is closed, nothing was lost: the peer has no room for it.
    if (this.peerWindow > 0) this.#congestion.timedOut(this.#board.inFlight);
    this.#board.loseAll();
    this.#recoverUntil = undefined;
    this.#duplicates = 0;
    const first = this.#board.first;
    if (first) this.#resend(first, now);
  }

  /** The way to the peer is back: all of it again, without waiting for the timer. */
  retransmitAll(now: number): void {
    this.#rtt.progress();
    this.#board.loseAll();
    const first = this.#board.first;
    if (first) this.#resend(first, now);
  }

  /** An acknowledgement of something new; `una` < ack ≤ `next`. */
  acknowledged({ ack, blocks }: Acknowledgement, now: number): void {
    const delivered = this.#board.delivered(ack, blocks, now, this.#rtt.least);
    if (delivered.sampleSentAt !== undefined) this.#rtt.sample(now - delivered.sampleSentAt);
    this.#rtt.progress();
    this.#tailProbed = false;
    this.#una = ack;
    this.#buffer.release(Math.min(ack, this.#buffer.end));
    this.#duplicates = 0;
    if (this.#recoverUntil !== undefined && ack >= this.#recoverUntil) this.#recoverUntil = undefined;
    // Without SACK, one that covers only part of what was on its way shows the next hole (RFC 6582).
    else if (this.#recoverUntil !== undefined && !this.#sackOk) this.#board.loseFirst();
    if (this.#recoverUntil === undefined) this.#congestion.acknowledged(delivered.bytes, this.#limited);
    this.#lookForLoss();
  }

  /** An acknowledgement of what was acknowledged before. */
  duplicate({ blocks, bare }: Acknowledgement, now: number): void {
    if (this.#board.isEmpty) return;
    if (this.#sackOk) {
      this.#board.delivered(this.#una, blocks, now, this.#rtt.least);
      return this.#lookForLoss();
    }
    if (!bare) return;
    this.#duplicates++;
    if (this.#duplicates === 3 && this.#recoverUntil === undefined && this.#board.loseFirst())
      this.#recover();
  }

  clear(): void {
    this.#board.clear();
    this.#buffer.clear();
  }

  #resendLost(now: number): void {
    for (let lost = this.#board.nextLost(); lost; lost = this.#board.nextLost()) {
      const used = this.#inFlight();
      if (used > 0 && used + lost.end - lost.start > this.#congestion.window) return;
      this.#resend(lost, now);
    }
  }

  #resend(segment: Sent, now: number): void {
    this.#board.sentAgain(segment, now);
    this.retransmissions++;
    this.#emit(segment.start, segment.end);
  }

  /** Without SACK every duplicate acknowledgement stands for a segment that left the network. */
  #inFlight(): number {
    return Math.max(0, this.#board.inFlight - this.#duplicates * MSS);
  }

  #sendNewData(now: number): void {
    const segmentBytes = Math.min(MSS, this.#peerMss);
    while (this.hasUnsent) {
      const waiting = this.#buffer.end - this.#next;
      const peerRoom = this.#una + this.peerWindow - this.#next;
      const room = Math.ceil(this.#congestion.window - this.#inFlight());
      const bytes = Math.min(segmentBytes, waiting, peerRoom, room);
      this.#limited = room < Math.min(segmentBytes, waiting, peerRoom);
      // A small piece only where it is all there is: else windows grow silly (RFC 9293, 3.8.6.2.1).
      if (bytes <= 0 || (bytes < segmentBytes && bytes < waiting && !this.#board.isEmpty)) return;
      this.#sendNew(bytes, now);
    }
  }

  #sendNew(bytes: number, now: number): void {
    const start = this.#next;
    this.#next += bytes;
    this.#board.add(start, this.#next, now);
    this.#emit(start, this.#next);
  }

  #lookForLoss(): void {
    const reorderMs = Math.max(1, (this.#rtt.smoothed ?? 0) / 4);
    if (this.#board.findLost(reorderMs) && this.#recoverUntil === undefined) this.#recover();
  }

  /** Once for all that is on its way now. */
  #recover(): void {
    this.#congestion.lost(this.#board.inFlight);
    this.#recoverUntil = this.#next;
  }
}
