import { say } from "../../text/message.ts";
import { SaidError } from "../../text/said-error.ts";
import { encodeFrame, Flag, type Frame, FrameReader, FrameType } from "./yamux-frame.ts";

/** Bytes that a side may send before the other gives more credit; yamux's own start value. */
const WINDOW = 256 * 1024;
/** Credit is given back in steps of this. */
const CREDIT_STEP = 64 * 1024;

export interface YamuxHandlers {
  /** Bytes for the other side, in order. */
  send(bytes: Buffer): void;
  /** The other side broke the rules, or says good-bye: nothing more will come. */
  failed(error: Error): void;
}

/** The client's side of a yamux session: it opens streams, the server opens none. */
export class YamuxSession {
  #handlers: YamuxHandlers;
  #reader = new FrameReader(WINDOW);
  #streams = new Map<number, YamuxStream>();
  #nextId = 1;
  #failed = false;

  constructor(handlers: YamuxHandlers) {
    this.#handlers = handlers;
  }

  open(handlers: StreamHandlers): YamuxStream {
    const id = this.#nextId;
    this.#nextId += 2;
    const stream = new YamuxStream(id, handlers, {
      send: (bytes) => this.#handlers.send(bytes),
      forget: () => this.#streams.delete(id),
    });
    this.#streams.set(id, stream);
    this.#handlers.send(encodeFrame(FrameType.windowUpdate, Flag.syn, id, 0));
    return stream;
  }

  /** Bytes from the other side. Never throws: what is wrong ends the session. */
  receive(chunk: Uint8Array): void {
    if (this.#failed) return;
    try {
      for (const frame of this.#reader.push(chunk)) this.#take(frame);
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** The connection below has ended. */
  end(error: Error): void {
    if (this.#failed) return;
    this.#failed = true;
    for (const stream of [...this.#streams.values()]) stream.ended(error);
    this.#streams.clear();
  }

  #fail(error: Error): void {
    this.end(error);
    this.#handlers.failed(error);
  }

  #take(frame: Frame): void {
    switch (frame.type) {
      case FrameType.ping:
        if (frame.flags & Flag.syn)
          this.#handlers.send(encodeFrame(FrameType.ping, Flag.ack, 0, frame.length));
        return;
      case FrameType.goAway:
        throw new SaidError(say("the server ends the session (code {0})", frame.length));
      default:
        // Frames for a stream that we have reset or ended may still be on their way.
        this.#streams.get(frame.stream)?.take(frame);
    }
  }
}

export interface StreamHandlers {
  data(bytes: Uint8Array): void;
  /** Once; with an error where it did not end properly. */
  ended(error: Error | undefined): void;
}

/** One stream of a session: writes wait for the other side's credit. */
export class YamuxStream {
  #id: number;
  #handlers: StreamHandlers;
  #session: { send(bytes: Buffer): void; forget(): void };
  #credit = WINDOW;
  #received = 0;
  #windowLeft = WINDOW;
  #waiting: Uint8Array[] = [];
  #weEnded = false;
  #over = false;

  constructor(id: number, handlers: StreamHandlers, session: { send(bytes: Buffer): void; forget(): void }) {
    this.#id = id;
    this.#handlers = handlers;
    this.#session = session;
  }

  write(bytes: Uint8Array): void {
    if (this.#over || this.#weEnded) return;
    this.#waiting.push(bytes);
    this.#flush();
  }

  /** No more writes; what waits for credit is still sent. */
  end(): void {
    if (this.#over || this.#weEnded) return;
    this.#weEnded = true;
    this.#flush();
  }

  reset(): void {
    if (this.#over) return;
    this.#session.send(encodeFrame(FrameType.windowUpdate, Flag.rst, this.#id, 0));
    this.ended(undefined);
  }

  #flush(): void {
    for (let first = this.#waiting[0]; first && this.#credit > 0; first = this.#waiting[0]) {
      const piece = first.subarray(0, this.#credit);
      this.#credit -= piece.length;
      if (piece.length === first.length) this.#waiting.shift();
      else this.#waiting[0] = first.subarray(piece.length);
      this.#session.send(encodeFrame(FrameType.data, 0, this.#id, piece.length, piece));
    }
    if (this.#weEnded && this.#waiting.length === 0)
      this.#session.send(encodeFrame(FrameType.windowUpdate, Flag.fin, this.#id, 0));
  }

  take(frame: Frame): void {
    if (frame.flags & Flag.rst) return this.ended(new SaidError(say("the server reset the stream")));
    if (frame.type === FrameType.windowUpdate) {
      this.#credit += frame.length;
      if (this.#waiting.length > 0) this.#flush();
    } else {
      this.#takeData(frame.body);
    }
    if (frame.flags & Flag.fin) this.ended(undefined);
  }

  #takeData(body: Uint8Array): void {
    this.#windowLeft -= body.length;
    if (this.#windowLeft < 0) throw new SaidError(say("the server sent more than the stream's window"));
    this.#received += body.length;
    if (this.#received >= CREDIT_STEP) {
      this.#windowLeft += this.#received;
      this.#session.send(encodeFrame(FrameType.windowUpdate, 0, this.#id, this.#received));
      this.#received = 0;
    }
    if (body.length > 0) this.#handlers.data(body);
  }

  ended(error: Error | undefined): void {
    if (this.#over) return;
    this.#over = true;
    this.#waiting = [];
    this.#session.forget();
    this.#handlers.ended(error);
  }
}
