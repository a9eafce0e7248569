import { Duplex } from "node:stream";
import type { TailnetError } from "../errors.ts";
import type { TcpConnection } from "./connection.ts";

/** Writes wait once so much is unacknowledged. */
const MAX_UNACKNOWLEDGED = 256 * 1024;

/** A TCP connection as a stream. What nobody reads closes the other side's window. */
export class TcpSocket extends Duplex {
  #connection: TcpConnection;
  #now: () => number;
  /** Came in, and does not fit into the stream's own buffer. */
  #unread: Buffer[] = [];
  /** The stream's own buffer is full: it will ask for more by itself. */
  #full = false;
  #endCame = false;
  #writeDone: ((error?: Error | null) => void) | undefined;
  #over = false;

  constructor(connection: TcpConnection, now: () => number) {
    super({ allowHalfOpen: true, readableHighWaterMark: 32 * 1024, writableHighWaterMark: 64 * 1024 });
    this.#connection = connection;
    this.#now = now;
  }

  /** Round trip to the agent as TCP sees it, in milliseconds. */
  get smoothedRttMs(): number | undefined {
    return this.#connection.smoothedRttMs;
  }

  get retransmissions(): number {
    return this.#connection.retransmissions;
  }

  override _read(): void {
    this.#full = false;
    for (let bytes = this.#unread.shift(); bytes; bytes = this.#unread.shift()) {
      this.#connection.consumed(bytes.length);
      this.#full = !this.push(bytes);
      if (this.#full) return;
    }
    if (this.#endCame) this.push(null);
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#connection.write(chunk);
    this.#afterWrite(done);
  }

  override _writev(
    chunks: { chunk: Buffer; encoding: BufferEncoding }[],
    done: (error?: Error | null) => void,
  ): void {
    for (const { chunk } of chunks) this.#connection.write(chunk);
    this.#afterWrite(done);
  }

  #afterWrite(done: (error?: Error | null) => void): void {
    if (this.#connection.unacknowledged > MAX_UNACKNOWLEDGED) this.#writeDone = done;
    else done();
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#connection.end();
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#unread = [];
    if (!this.#over) {
      // A proper end goes on in the background; anything else is cut off, so that the agent knows.
      const proper = !error && this.writableFinished;
      if (proper) this.#connection.discard(this.#now());
      else this.#connection.abort();
    }
    const waiting = this.#writeDone;
    this.#writeDone = undefined;
    waiting?.(error);
    done(error);
  }

  /** For the stack: bytes have come. */
  deliver(bytes: Buffer): void {
    if (this.#full) this.#unread.push(bytes);
    else {
      this.#connection.consumed(bytes.length);
      this.#full = !this.push(bytes);
    }
  }

  /** For the stack: the other side has sent all it had. */
  deliverEnd(): void {
    this.#endCame = true;
    if (this.#unread.length === 0) this.push(null);
  }

  /** For the stack: something was acknowledged. */
  acknowledged(): void {
    if (!this.#writeDone || this.#connection.unacknowledged > MAX_UNACKNOWLEDGED / 2) return;
    const done = this.#writeDone;
    this.#writeDone = undefined;
    done();
  }

  /** For the stack: the connection is over. */
  over(error: TailnetError | undefined): void {
    this.#over = true;
    if (error) this.destroy(error);
    else if (!this.#endCame) this.deliverEnd();
  }
}
