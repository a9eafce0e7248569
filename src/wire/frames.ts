/** Opcodes of RFC 6455 §5.2. */
export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** What a peer did that RFC 6455 forbids, with the close code to answer with (§7.4.1). */
export class ProtocolError extends Error {
  override readonly name = "ProtocolError";
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

export interface FrameHandlers {
  /**
   * Bytes of data frames, as they come: not whole frames, not whole messages. Valid during the call only:
   * the buffer is used again for the next read.
   */
  data(bytes: Buffer, start: number, end: number): void;
  /** Ping, pong or close, with its whole payload. */
  control(opcode: number, payload: Buffer): void;
}

const AT_FIRST_BYTE = 0;
const AT_SECOND_BYTE = 1;
const AT_LENGTH = 2;
const IN_PAYLOAD = 3;

const EMPTY = Buffer.alloc(0);
const MAX_CONTROL = 125;

/**
 * Reads the frames that a server sends, from chunks cut anywhere. Data is handed on as a stream of bytes, so
 * that nothing is copied or kept, whatever a frame's length says.
 */
export class FrameReader {
  #handlers: FrameHandlers;
  #at = AT_FIRST_BYTE;
  #opcode = 0;
  #length = 0;
  #lengthBytes = 0;
  #remaining = 0;
  /** A message has begun that its last frame has not ended yet. */
  #inMessage = false;
  #control: Buffer = EMPTY;

  constructor(handlers: FrameHandlers) {
    this.#handlers = handlers;
  }

  /** True between frames: an end of the stream here cuts nothing off. */
  get idle(): boolean {
    return this.#at === AT_FIRST_BYTE && !this.#inMessage;
  }

  /** Throws ProtocolError. */
  take(bytes: Buffer, start: number, end: number): void {
    let at = start;
    while (at < end) {
      if (this.#at === IN_PAYLOAD) at = this.#payload(bytes, at, end);
      else this.#header(bytes[at++] ?? 0);
    }
  }

  #header(byte: number): void {
    if (this.#at === AT_FIRST_BYTE) this.#firstByte(byte);
    else if (this.#at === AT_SECOND_BYTE) this.#secondByte(byte);
    else {
      // Not shifts: they would end at 32 bits.
      this.#length = this.#length * 256 + byte;
      if (--this.#lengthBytes === 0) this.#beginPayload();
    }
  }

  #firstByte(byte: number): void {
    const opcode = byte & 0x0f;
    const fin = byte >= 0x80;
    if ((byte & 0x70) !== 0) throw new ProtocolError(1002, "a reserved bit is set");
    if (opcode > OPCODE.pong || (opcode > OPCODE.binary && opcode < OPCODE.close))
      throw new ProtocolError(1002, `opcode ${opcode} is reserved`);
    if (opcode >= OPCODE.close) {
      if (!fin) throw new ProtocolError(1002, "a control frame is fragmented");
    } else {
      if ((opcode === OPCODE.continuation) !== this.#inMessage)
        throw new ProtocolError(
          1002,
          this.#inMessage ? "a message begins inside another" : "nothing to continue",
        );
      this.#inMessage = !fin;
    }
    this.#opcode = opcode;
    this.#at = AT_SECOND_BYTE;
  }

  #secondByte(byte: number): void {
    if (byte >= 0x80) throw new ProtocolError(1002, "a server must not mask");
    if (this.#opcode >= OPCODE.close && byte > MAX_CONTROL)
      throw new ProtocolError(1002, "a control frame is too long");
    this.#length = byte < 126 ? byte : 0;
    this.#lengthBytes = byte === 126 ? 2 : byte === 127 ? 8 : 0;
    if (this.#lengthBytes === 0) this.#beginPayload();
    else this.#at = AT_LENGTH;
  }

  #beginPayload(): void {
    if (this.#length > Number.MAX_SAFE_INTEGER) throw new ProtocolError(1009, "a frame is too long");
    this.#remaining = this.#length;
    this.#at = this.#length > 0 ? IN_PAYLOAD : AT_FIRST_BYTE;
    if (this.#opcode < OPCODE.close) return;
    if (this.#length === 0) this.#handlers.control(this.#opcode, EMPTY);
    else this.#control = Buffer.allocUnsafe(this.#length);
  }

  #payload(bytes: Buffer, at: number, end: number): number {
    const until = Math.min(end, at + this.#remaining);
    const isControl = this.#opcode >= OPCODE.close;
    if (isControl) bytes.copy(this.#control, this.#length - this.#remaining, at, until);
    this.#remaining -= until - at;
    if (this.#remaining === 0) this.#at = AT_FIRST_BYTE;
    if (!isControl) this.#handlers.data(bytes, at, until);
    else if (this.#remaining === 0) this.#finishControl();
    return until;
  }

  #finishControl(): void {
    const payload = this.#control;
    this.#control = EMPTY;
    this.#handlers.control(this.#opcode, payload);
  }
}

/** Room in front of the payload: at most ten bytes of header and four of mask, payload on a word boundary. */
const FRONT = 16;

/**
 * Makes the frames that a client sends: the payload is written where the frame will be, then masked in
 * place, so a frame costs one copy of its bytes. One writer serves all connections of a thread.
 */
export class FrameWriter {
  #bytes: Buffer;
  #words: Uint32Array;
  #masks = new Uint32Array(1_024);
  #nextMask = this.#masks.length;
  #view: Buffer | undefined;
  #fill: (masks: Uint32Array<ArrayBuffer>) => void;

  /** `fill` makes the masks; RFC 6455 §5.3 wants them unpredictable. */
  constructor(
    capacity: number,
    fill: (masks: Uint32Array<ArrayBuffer>) => void = (masks) => crypto.getRandomValues(masks),
  ) {
    this.#fill = fill;
    [this.#bytes, this.#words] = room(capacity);
  }

  /** Where the payload of the next frame is to be written: at least `length` bytes. */
  payload(length: number): Buffer {
    if (length > this.#bytes.length - FRONT) this.#renew(length);
    return this.#payload;
  }

  get #payload(): Buffer {
    this.#payloadView ??= this.#bytes.subarray(FRONT);
    return this.#payloadView;
  }
  #payloadView: Buffer | undefined;

  /** The frame around the first `length` bytes of the payload. Valid until the next one, unless kept. */
  frame(opcode: number, length: number): Buffer {
    const bytes = this.#bytes;
    let start: number;
    if (length < 126) {
      start = FRONT - 6;
      bytes[start + 1] = 0x80 | length;
    } else if (length < 65_536) {
      start = FRONT - 8;
      bytes[start + 1] = 0x80 | 126;
      bytes.writeUInt16BE(length, start + 2);
    } else {
      start = FRONT - 14;
      bytes[start + 1] = 0x80 | 127;
      bytes.writeUInt32BE(Math.floor(length / 2 ** 32), start + 2);
      bytes.writeUInt32BE(length >>> 0, start + 6);
    }
    bytes[start] = 0x80 | opcode;
    this.#mask(length);
    return this.#viewOf(start, FRONT + length);
  }

  /** The frame given last is still needed by somebody: the next one is made elsewhere. */
  keep(): void {
    this.#renew(this.#bytes.length - FRONT);
  }

  #mask(length: number): void {
    if (this.#nextMask === this.#masks.length) {
      this.#fill(this.#masks);
      this.#nextMask = 0;
    }
    const mask = this.#masks[this.#nextMask++] ?? 0;
    const words = this.#words;
    // The mask stands right before the payload, in the same byte order as the words that it is mixed with.
    words[FRONT / 4 - 1] = mask;
    const end = FRONT / 4 + ((length + 3) >> 2);
    for (let at = FRONT / 4; at < end; at++) words[at] = (words[at] ?? 0) ^ mask;
  }

  /** Ticks are of one size, mostly: the same view again costs nothing. */
  #viewOf(start: number, end: number): Buffer {
    const view = this.#view;
    if (view && view.byteOffset === start && view.length === end - start) return view;
    this.#view = this.#bytes.subarray(start, end);
    return this.#view;
  }

  #renew(capacity: number): void {
    [this.#bytes, this.#words] = room(capacity);
    this.#view = undefined;
    this.#payloadView = undefined;
  }
}

function room(capacity: number): [Buffer, Uint32Array] {
  const memory = new ArrayBuffer(FRONT + Math.ceil(capacity / 4) * 4);
  return [Buffer.from(memory), new Uint32Array(memory)];
}
