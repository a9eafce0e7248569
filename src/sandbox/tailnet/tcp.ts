import { Duplex } from "node:stream";
import type { Timers } from "../timers.ts";

/** A plain server side of TCP over IPv6: go-back-N, every segment acknowledged, as the real agents do it. */
const MSS = 1220;
const WINDOW = 64 * 1024;
const SCALE = 7;
const RETRY_MS = 250;
const MAX_RETRIES = 10;
const FIN = 1;
const SYN = 2;
const RST = 4;
const ACK = 16;

export interface Incoming {
  source: Buffer;
  destination: Buffer;
  sourcePort: number;
  port: number;
  seq: number;
  ack: number;
  flags: number;
  window: number;
  scale: number;
  body: Buffer;
}

/** How far `a` is ahead of `b`, in numbers that turn over at 2^32. */
const ahead = (a: number, b: number) => (a - b) | 0;

function checksum(bytes: Buffer): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) sum += ((bytes[at] ?? 0) << 8) + (bytes[at + 1] ?? 0);
  while (sum >>> 16) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

/** The bytes that TCP's checksum is over: addresses, length, next header, segment. */
function checked(source: Buffer, destination: Buffer, segment: Buffer): Buffer {
  const tail = Buffer.alloc(8);
  tail.writeUInt32BE(segment.length, 0);
  tail.writeUInt8(6, 7);
  return Buffer.concat([source, destination, tail, segment]);
}

export function readPacket(packet: Buffer): Incoming | undefined {
  if (packet.length < 60 || packet.readUInt8(0) >> 4 !== 6 || packet.readUInt8(6) !== 6) return undefined;
  const segment = packet.subarray(40, 40 + packet.readUInt16BE(4));
  if (segment.length < 20) return undefined;
  const [source, destination] = [packet.subarray(8, 24), packet.subarray(24, 40)];
  if (checksum(checked(source, destination, segment)) !== 0) return undefined;
  const headerLength = (segment.readUInt8(12) >> 4) * 4;
  return {
    source: Buffer.from(source),
    destination: Buffer.from(destination),
    sourcePort: segment.readUInt16BE(0),
    port: segment.readUInt16BE(2),
    seq: segment.readUInt32BE(4),
    ack: segment.readUInt32BE(8),
    flags: segment.readUInt8(13),
    window: segment.readUInt16BE(14),
    scale: scaleOption(segment.subarray(20, headerLength)),
    body: Buffer.from(segment.subarray(headerLength)),
  };
}

function scaleOption(options: Buffer): number {
  for (let at = 0; at < options.length; ) {
    const kind = options[at];
    if (kind === 0) return 0;
    if (kind === 3) return options[at + 2] ?? 0;
    at += kind === 1 ? 1 : Math.max(2, options[at + 1] ?? 2);
  }
  return 0;
}

/** One connection that a client has opened; a stream of bytes for whoever serves the port. */
export class ServedConnection extends Duplex {
  readonly #to: Pick<Incoming, "source" | "destination" | "sourcePort" | "port">;
  readonly #transmit: (packet: Buffer) => void;
  readonly #timers: Timers;
  readonly #scale: number;
  readonly #onGone: () => void;
  #next: number;
  #una: number;
  #expected: number;
  #window: number;
  /** Sent and not acknowledged: bytes from `una` on. */
  #unacked = Buffer.alloc(0);
  #queue: Buffer[] = [];
  #waiting: (() => void) | undefined;
  #finWanted = false;
  #finSent = false;
  #finCame = false;
  #ahead = new Map<number, Buffer>();
  #duplicates = 0;
  #retries = 0;
  #established = false;
  #stopTimer: () => void = () => undefined;
  #unread = 0;

  constructor(
    syn: Incoming,
    parts: { transmit: (packet: Buffer) => void; timers: Timers; initial: number; gone: () => void },
  ) {
    super({ allowHalfOpen: true });
    this.#to = syn;
    this.#transmit = parts.transmit;
    this.#timers = parts.timers;
    this.#onGone = parts.gone;
    this.#scale = syn.scale;
    this.#window = syn.window;
    this.#una = parts.initial;
    this.#next = (parts.initial + 1) >>> 0;
    this.#expected = (syn.seq + 1) >>> 0;
    this.#sendSyn();
    this.#arm();
  }

  receive(segment: Incoming): void {
    if (this.destroyed) return;
    if (segment.flags & RST) {
      if (segment.seq === this.#expected) this.#fail("read ECONNRESET");
      return;
    }
    if (segment.flags & SYN) return this.#sendSyn();
    if (segment.flags & ACK) this.#takeAck(segment);
    this.#takeBody(segment);
    this.#pump();
    if (this.#finSent && this.#finCame && this.#una === this.#next) this.#end();
  }

  #takeAck(segment: Incoming): void {
    const acked = ahead(segment.ack, this.#una);
    if (acked < 0 || ahead(segment.ack, this.#next) > 0) return;
    const window = segment.window << this.#scale;
    const repeated = acked === 0 && segment.body.length === 0 && window === this.#window;
    this.#window = window;
    this.#established = true;
    if (acked === 0) {
      if (repeated && this.#unacked.length > 0 && ++this.#duplicates === 3) this.#resend();
      return;
    }
    // The SYN and the FIN count as a byte each, and are in no buffer.
    this.#unacked = this.#unacked.subarray(Math.min(acked, this.#unacked.length));
    this.#una = segment.ack;
    this.#duplicates = 0;
    this.#retries = 0;
    this.#arm();
  }

  #takeBody(segment: Incoming): void {
    const offset = ahead(segment.seq, this.#expected);
    const length = segment.body.length + (segment.flags & FIN ? 1 : 0);
    if (length === 0) return;
    // What is beyond the window that it was told of is not taken.
    const fits = offset + segment.body.length <= this.#advertised();
    if (offset > 0 && this.#ahead.size < 200 && fits) this.#ahead.set(segment.seq, segment.body);
    else if (offset <= 0 && -offset < length && fits) {
      this.#deliver(segment.body.subarray(Math.min(-offset, segment.body.length)));
      this.#deliverAhead();
      const end = (segment.seq + segment.body.length) >>> 0;
      if (segment.flags & FIN && end === this.#expected && !this.#finCame) {
        this.#finCame = true;
        this.#expected = (this.#expected + 1) >>> 0;
        this.push(null);
      }
    }
    this.#sendAck();
  }

  #deliverAhead(): void {
    for (const [seq, body] of [...this.#ahead].sort(([a], [b]) => ahead(a, b))) {
      const offset = ahead(seq, this.#expected);
      if (offset > 0) return;
      this.#ahead.delete(seq);
      if (-offset < body.length) this.#deliver(body.subarray(-offset));
    }
  }

  #deliver(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#expected = (this.#expected + bytes.length) >>> 0;
    this.#unread += bytes.length;
    this.push(bytes);
  }

  override _read(): void {
    const wasFull = this.#advertised() < MSS;
    this.#unread = this.readableLength;
    if (wasFull && this.#established) this.#sendAck();
  }

  #advertised(): number {
    return Math.max(0, WINDOW - Math.max(this.#unread, this.readableLength));
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#queue.push(chunk);
    this.#waiting = done;
    this.#pump();
  }

  override _final(done: () => void): void {
    this.#finWanted = true;
    this.#pump();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#stopTimer();
    if (!this.#finSent || error) this.#send(RST | ACK, this.#next, Buffer.alloc(0));
    this.#onGone();
    done(error);
  }

  /** Sends what the client's window takes. */
  #pump(): void {
    if (!this.#established) return;
    while (this.#queue.length > 0) {
      const room = Math.min(this.#window, WINDOW) - this.#unacked.length;
      const chunk = this.#queue[0];
      if (!chunk || (room <= 0 && this.#unacked.length > 0)) return;
      const piece = chunk.subarray(0, Math.min(MSS, Math.max(1, room)));
      if (piece.length === chunk.length) this.#queue.shift();
      else this.#queue[0] = chunk.subarray(piece.length);
      this.#send(ACK, this.#next, piece);
      this.#unacked = Buffer.concat([this.#unacked, piece]);
      this.#next = (this.#next + piece.length) >>> 0;
      this.#arm();
    }
    const done = this.#waiting;
    this.#waiting = undefined;
    done?.();
    if (!this.#finWanted || this.#finSent || this.#queue.length > 0) return;
    this.#finSent = true;
    this.#send(FIN | ACK, this.#next, Buffer.alloc(0));
    this.#next = (this.#next + 1) >>> 0;
    this.#arm();
  }

  /** All that is not acknowledged, again. */
  #resend(): void {
    if (!this.#established) return this.#sendSyn();
    let seq = this.#una;
    for (let at = 0; at < this.#unacked.length; at += MSS) {
      const piece = this.#unacked.subarray(at, at + MSS);
      this.#send(ACK, seq, piece);
      seq = (seq + piece.length) >>> 0;
    }
    if (this.#finSent && this.#una !== this.#next)
      this.#send(FIN | ACK, (this.#next - 1) >>> 0, Buffer.alloc(0));
  }

  #arm(): void {
    this.#stopTimer();
    if (this.#una === this.#next || this.destroyed) return;
    this.#stopTimer = this.#timers.after(RETRY_MS * 2 ** Math.min(this.#retries, 6), () => {
      if (++this.#retries > MAX_RETRIES) return this.#fail("read ETIMEDOUT");
      this.#resend();
      this.#arm();
    });
  }

  #sendSyn(): void {
    const options = Buffer.from([2, 4, MSS >> 8, MSS & 255, 1, 3, 3, SCALE]);
    this.#send(SYN | ACK, (this.#next - 1) >>> 0, Buffer.alloc(0), options);
  }

  #sendAck(): void {
    this.#send(ACK, this.#next, Buffer.alloc(0));
  }

  #send(flags: number, seq: number, body: Buffer, options: Buffer = Buffer.alloc(0)): void {
    const head = Buffer.alloc(20);
    head.writeUInt16BE(this.#to.port, 0);
    head.writeUInt16BE(this.#to.sourcePort, 2);
    head.writeUInt32BE(seq, 4);
    head.writeUInt32BE(this.#expected, 8);
    head.writeUInt8(((20 + options.length) / 4) << 4, 12);
    head.writeUInt8(flags, 13);
    head.writeUInt16BE(flags & SYN ? WINDOW - 1 : this.#advertised() >> SCALE, 14);
    const segment = Buffer.concat([head, options, body]);
    const { source, destination } = this.#to;
    segment.writeUInt16BE(checksum(checked(destination, source, segment)), 16);
    const ip = Buffer.alloc(40);
    ip.writeUInt8(0x60, 0);
    ip.writeUInt16BE(segment.length, 4);
    ip.writeUInt8(6, 6);
    ip.writeUInt8(64, 7);
    destination.copy(ip, 8);
    source.copy(ip, 24);
    this.#transmit(Buffer.concat([ip, segment]));
  }

  #fail(problem: string): void {
    this.destroy(new Error(problem));
  }

  /** Both sides have said good-bye, and heard it. */
  #end(): void {
    this.#stopTimer();
    this.#onGone();
  }
}

/** The RST that answers a segment for which nobody listens. */
export function refusal(segment: Incoming, transmit: (packet: Buffer) => void): void {
  if (segment.flags & RST) return;
  const length = segment.body.length + (segment.flags & (SYN | FIN) ? 1 : 0);
  const head = Buffer.alloc(20);
  head.writeUInt16BE(segment.port, 0);
  head.writeUInt16BE(segment.sourcePort, 2);
  head.writeUInt32BE(segment.flags & ACK ? segment.ack : 0, 4);
  head.writeUInt32BE((segment.seq + length) >>> 0, 8);
  head.writeUInt8(5 << 4, 12);
  head.writeUInt8(segment.flags & ACK ? RST : RST | ACK, 13);
  head.writeUInt16BE(checksum(checked(segment.destination, segment.source, head)), 16);
  const ip = Buffer.alloc(40);
  ip.writeUInt8(0x60, 0);
  ip.writeUInt16BE(head.length, 4);
  ip.writeUInt8(6, 6);
  ip.writeUInt8(64, 7);
  segment.destination.copy(ip, 8);
  segment.source.copy(ip, 24);
  transmit(Buffer.concat([ip, head]));
}
