import { say } from "../../text/message.ts";
import { TailnetError } from "../errors.ts";
import { type Header, type Payload, type SackBlock, type Segment, TcpFlag } from "./packet.ts";
import { Receiver } from "./receiver.ts";
import { MSS, Sender } from "./sender.ts";
import { fromWire, toWire } from "./sequence.ts";

const WINDOW_SCALE = 4;
const MAX_TRIES = 8;
/**
 * Below an agent's retransmission minimum of 200 ms: the acknowledgement rides on the next tick (docs/tailnet.md,
 * TCP).
 */
const DELAYED_ACK_MS = 120;
/** Late segments of the connection are answered for so long. */
const TIME_WAIT_MS = 10_000;
/** For a peer that has had our FIN and never sends its own, once nobody reads any more. */
const FIN_WAIT_MS = 60_000;
/** Challenge acknowledgements a second (RFC 5961): two confused sides must not answer each other for ever. */
const MAX_CHALLENGES = 10;

const { fin: FIN, syn: SYN, rst: RST, psh: PSH, ack: ACK } = TcpFlag;

export interface ConnectionHandlers {
  /** A segment goes out: valid during the call only. */
  transmit(header: Header, payload: Payload | undefined): void;
  /** Wants `output` at the end of this turn. */
  wantsOutput(): void;
  established(): void;
  data(bytes: Buffer): void;
  /** The other side has sent all it had. */
  ended(): void;
  /** Room for further writes. */
  acknowledged(): void;
  /** Nothing more happens; with an error where it did not end properly. */
  closed(error: TailnetError | undefined): void;
}

type State = "syn-sent" | "syn-received" | "established" | "time-wait" | "closed";

/**
 * One TCP connection (RFC 9293), without sockets and without clocks: time comes in with every call, in
 * milliseconds. Half-closed states are the two flags of who has sent a FIN, not states of their own.
 */
export class TcpConnection {
  #handlers: ConnectionHandlers;
  #initial: number;
  #state: State;
  #sender: Sender;
  #receiver = new Receiver();
  #peerScale = 0;
  #scaleOk = true;
  #sackOk = true;
  /** Segment that the peer's window was last taken from (RFC 9293's SND.WL1 and WL2). */
  #windowFrom = { seq: 0, ack: 0 };
  #finReceived = false;
  #discarding = false;
  /** Times out since the peer was last heard. */
  #tries = 0;
  #timerAt: number | undefined;
  #ackAt: number | undefined;
  #ackNow = false;
  #segmentsUnacked = 0;
  #challenges = { second: 0, count: 0 };

  /** `initial` is our first sequence number, of 32 bits; `syn` the peer's, for the passive side. */
  constructor(initial: number, handlers: ConnectionHandlers, syn?: Segment) {
    this.#handlers = handlers;
    // One turn of 32 bits up, so that no number that is compared with it is below zero.
    this.#initial = initial + 2 ** 32;
    this.#sender = new Sender(this.#initial, (start, end) => this.#emit(start, end));
    this.#state = syn ? "syn-received" : "syn-sent";
    if (syn) this.#learn(syn);
  }

  get state(): State {
    return this.#state;
  }

  /** Bytes written and not yet acknowledged. */
  get unacknowledged(): number {
    return this.#sender.unacknowledged;
  }

  /** Segments that were sent more than once. */
  get retransmissions(): number {
    return this.#sender.retransmissions;
  }

  get smoothedRttMs(): number | undefined {
    return this.#sender.smoothedRttMs;
  }

  /** When `tick` has something to do; undefined: nothing is waited for. */
  get deadline(): number | undefined {
    if (this.#timerAt === undefined) return this.#ackAt;
    return this.#ackAt === undefined ? this.#timerAt : Math.min(this.#timerAt, this.#ackAt);
  }

  /** Sends the SYN, or the answer to one. */
  open(now: number): void {
    this.#sender.sendSyn(now);
    this.#timerAt = now + this.#sender.timeoutMs;
  }

  write(chunk: Buffer): void {
    if (this.#state === "closed") return;
    this.#sender.append(chunk);
    this.#handlers.wantsOutput();
  }

  /** No more writes. What was written is still sent, then a FIN. */
  end(): void {
    if (this.#state === "closed") return;
    this.#sender.askFin();
    this.#handlers.wantsOutput();
  }

  /** The reader is gone: what still comes is thrown away, and an end is not waited for without limit. */
  discard(now: number): void {
    this.#discarding = true;
    this.#receiver.consumed(this.#receiver.unread);
    if (this.#sender.isFinAcknowledged && !this.#finReceived) this.#timerAt = now + FIN_WAIT_MS;
  }

  /** Ends it at once, with an RST for the other side. */
  abort(error?: TailnetError): void {
    if (this.#state === "closed") return;
    if (this.#state !== "syn-sent" && this.#state !== "time-wait")
      this.#transmit(this.#sender.next, RST | ACK, 0);
    this.#close(error);
  }

  /** The reader has taken bytes: the other side may send more. */
  consumed(bytes: number): void {
    this.#receiver.consumed(bytes);
    if (this.#state !== "established" || !this.#receiver.shouldTellWindow(MSS)) return;
    this.#ackNow = true;
    this.#handlers.wantsOutput();
  }

  /** The way to the peer is back after an outage: no need to wait for the timer. */
  retransmitNow(now: number): void {
    if (this.#sender.nothingInFlight || this.#state === "closed" || this.#state === "time-wait") return;
    this.#tries = 0;
    this.#sender.retransmitAll(now);
    this.#timerAt = now + this.#sender.timeoutMs;
    this.#handlers.wantsOutput();
  }

  /** Timers: retransmission, window probe, delayed acknowledgement, the end of TIME_WAIT. */
  tick(now: number): void {
    if (this.#ackAt !== undefined && now >= this.#ackAt) {
      this.#ackNow = true;
      this.output(now);
    }
    if (this.#timerAt === undefined || now < this.#timerAt || this.#state === "closed") return;
    const onlyWaits = this.#state === "time-wait" || this.#sender.isFinAcknowledged;
    if (onlyWaits) return this.#close(undefined);
    if (this.#sender.nothingInFlight) this.#sender.probe(now);
    else if (this.#sender.mayProbeTail) this.#sender.probeTail(now);
    else if (++this.#tries > MAX_TRIES)
      return this.#close(new TailnetError("connection_timeout", say("the agent no longer answers")));
    else this.#sender.timedOut(now);
    this.#timerAt = now + this.#sender.timeoutMs;
  }

  /** Sends what may be sent now: what was lost, new bytes, the FIN, an acknowledgement. */
  output(now: number): void {
    if (this.#state === "established") {
      this.#sender.output(now);
      // Nothing is on its way, but something waits: the peer's window is closed.
      const waits = !this.#sender.nothingInFlight || this.#sender.hasUnsent;
      if (waits) this.#timerAt ??= now + this.#sender.timeoutMs;
    }
    const mayAck = this.#state === "established" || this.#state === "time-wait";
    if (this.#ackNow && mayAck) this.#transmit(this.#sender.next, ACK, 0);
  }

  #emit(start: number, end: number): void {
    if (start === this.#initial) return this.#transmitSyn();
    const dataEnd = this.#sender.dataEnd;
    const bytes = Math.max(0, Math.min(end, dataEnd) - start);
    const push = bytes > 0 && start + bytes === dataEnd ? PSH : 0;
    this.#transmit(start, ACK | push | (end > dataEnd ? FIN : 0), bytes);
  }

  #transmitSyn(): void {
    const answers = this.#state === "syn-received";
    this.#handlers.transmit(
      {
        seq: toWire(this.#initial),
        ack: answers ? toWire(this.#receiver.next) : 0,
        flags: answers ? SYN | ACK : SYN,
        // Never scaled in a SYN.
        window: 0xffff,
        mss: MSS,
        windowScale: this.#scaleOk ? WINDOW_SCALE : undefined,
        sackPermitted: this.#sackOk,
      },
      undefined,
    );
  }

  #transmit(seq: number, flags: number, bytes: number): void {
    this.#ackAt = undefined;
    this.#ackNow = false;
    this.#segmentsUnacked = 0;
    const window = this.#receiver.tellWindow();
    const header: Header = {
      seq: toWire(seq),
      ack: toWire(this.#receiver.next),
      flags,
      window: Math.min(0xffff, this.#scaleOk ? window >> WINDOW_SCALE : window),
      sacks: this.#sackOk && this.#receiver.hasGap ? this.#sacks() : undefined,
    };
    this.#handlers.transmit(header, bytes > 0 ? { from: seq, bytes, source: this.#sender } : undefined);
  }

  #sacks(): SackBlock[] {
    return this.#receiver.blocks().map((one) => ({ start: toWire(one.start), end: toWire(one.end) }));
  }

  /** A segment from the peer, in any order and number, genuine or not. */
  receive(segment: Segment, now: number): void {
    if (this.#state === "closed") return;
    if (this.#state === "syn-sent") return this.#receiveInSynSent(segment, now);
    const seq = fromWire(segment.seq, this.#receiver.next);
    const length = segment.payload.length + (segment.flags & FIN ? 1 : 0);
    if (!this.#receiver.accepts(seq, length)) {
      if (!(segment.flags & RST)) this.#challenge(now);
      return;
    }
    if (segment.flags & RST) return this.#takeReset(seq, now);
    if (segment.flags & SYN) return this.#challenge(now);
    if (segment.flags & ACK && this.#takeAck(segment, seq, now)) this.#takePayload(segment, seq, now);
  }

  #receiveInSynSent(segment: Segment, now: number): void {
    const ack = fromWire(segment.ack, this.#sender.next);
    const acknowledges = (segment.flags & ACK) !== 0 && ack === this.#sender.next;
    if (!acknowledges) return;
    if (segment.flags & RST)
      return this.#close(
        new TailnetError("connection_refused", say("nothing listens on this port of the agent")),
      );
    if (!(segment.flags & SYN)) return;
    this.#learn(segment);
    this.#acknowledged(ack, [], now);
    this.#windowFrom = { seq: this.#receiver.next, ack };
    this.#establish();
    this.#ackNow = true;
    this.#handlers.wantsOutput();
  }

  #establish(): void {
    this.#state = "established";
    this.#tries = 0;
    this.#handlers.established();
  }

  /** Takes the peer's first sequence number and options. */
  #learn(syn: Segment): void {
    this.#receiver.begin(syn.seq);
    this.#scaleOk = syn.windowScale !== undefined;
    this.#peerScale = syn.windowScale ?? 0;
    this.#sackOk = syn.sackPermitted === true;
    this.#sender.learn(syn.mss, this.#sackOk, syn.window);
  }

  /** RFC 5961: only the very next number ends the connection, or whoever guesses a window could. */
  #takeReset(seq: number, now: number): void {
    if (seq !== this.#receiver.next) return this.#challenge(now);
    this.#close(new TailnetError("connection_reset", say("the agent reset the connection")));
  }

  /** Tells a peer that sent something strange, or something again, where we are. */
  #challenge(now: number): void {
    const second = Math.floor(now / 1000);
    if (this.#challenges.second !== second) this.#challenges = { second, count: 0 };
    if (++this.#challenges.count <= MAX_CHALLENGES) this.#transmit(this.#sender.next, ACK, 0);
  }

  /** False where the acknowledgement makes no sense and the segment is to be dropped. */
  #takeAck(segment: Segment, seq: number, now: number): boolean {
    const ack = fromWire(segment.ack, this.#sender.una);
    if (ack > this.#sender.next) {
      this.#challenge(now);
      return false;
    }
    if (this.#state === "syn-received" && ack !== this.#sender.next) return false;
    // The peer is alive, whatever it says; a closed window is no reason to give up.
    this.#tries = 0;
    const blocks = this.#blocksOf(segment);
    // At most 16 and 14 bits.
    const window = segment.window << this.#peerScale;
    const bare = segment.payload.length === 0 && !(segment.flags & FIN) && window === this.#sender.peerWindow;
    if (ack > this.#sender.una) this.#acknowledged(ack, blocks, now);
    else if (ack === this.#sender.una) this.#sender.duplicate({ ack, blocks, bare }, now);
    this.#updateWindow(window, seq, ack);
    if (this.#state === "syn-received") this.#establish();
    if (this.#sender.hasWork) this.#handlers.wantsOutput();
    return true;
  }

  #blocksOf(segment: Segment): { start: number; end: number }[] {
    if (!this.#sackOk || !segment.sacks) return [];
    const { una, next } = this.#sender;
    return segment.sacks
      .map((one) => ({ start: fromWire(one.start, una), end: fromWire(one.end, una) }))
      .filter((one) => one.start >= una && one.start < one.end && one.end <= next);
  }

  #acknowledged(ack: number, blocks: { start: number; end: number }[], now: number): void {
    this.#sender.acknowledged({ ack, blocks, bare: false }, now);
    this.#timerAt = this.#sender.nothingInFlight ? undefined : now + this.#sender.timeoutMs;
    this.#handlers.acknowledged();
    if (this.#sender.isFinAcknowledged) this.#finAcknowledged(now);
  }

  #updateWindow(window: number, seq: number, ack: number): void {
    const from = this.#windowFrom;
    if (seq < from.seq || (seq === from.seq && ack < from.ack)) return;
    this.#windowFrom = { seq, ack };
    this.#sender.peerWindow = window;
  }

  #takePayload(segment: Segment, seq: number, now: number): void {
    if (this.#finReceived || this.#state === "closed") return;
    if (segment.payload.length > 0) {
      const inOrder = seq <= this.#receiver.next;
      for (const bytes of this.#receiver.take(seq, segment.payload)) this.#deliver(bytes);
      // Whoever takes the bytes may have ended the connection.
      if (this.state === "closed") return;
      this.#planAck(inOrder, now);
    }
    if (segment.flags & FIN) this.#receiver.finAt(seq + segment.payload.length);
    if (this.#receiver.takeFin()) this.#takeFin(now);
  }

  #deliver(bytes: Buffer): void {
    if (this.#discarding) this.#receiver.consumed(bytes.length);
    else this.#handlers.data(bytes);
  }

  #planAck(inOrder: boolean, now: number): void {
    // Without SACK the other side counts these: each has to be a packet of its own.
    if (!inOrder) return this.#transmit(this.#sender.next, ACK, 0);
    this.#segmentsUnacked++;
    if (this.#segmentsUnacked < 2 && !this.#receiver.hasGap) {
      this.#ackAt ??= now + DELAYED_ACK_MS;
      return;
    }
    this.#ackNow = true;
    this.#handlers.wantsOutput();
  }

  #takeFin(now: number): void {
    this.#finReceived = true;
    this.#ackNow = true;
    this.#handlers.wantsOutput();
    if (this.#sender.isFinAcknowledged) {
      this.#state = "time-wait";
      this.#timerAt = now + TIME_WAIT_MS;
    }
    this.#handlers.ended();
  }

  #finAcknowledged(now: number): void {
    // The second to say good-bye: nobody waits for anything of us.
    if (this.#finReceived) this.#close(undefined);
    else if (this.#discarding) this.#timerAt = now + FIN_WAIT_MS;
  }

  #close(error: TailnetError | undefined): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#timerAt = undefined;
    this.#ackAt = undefined;
    this.#sender.clear();
    this.#receiver.clear();
    this.#handlers.closed(error);
  }
}
