import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import type { Flow } from "../http/flow.ts";
import { intake } from "../http/intake.ts";
import { keepAlive } from "../http/sockets.ts";
import { MOST_UNREAD_BYTES, UNREAD_BYTES, WAITING_MESSAGES } from "../limits.ts";
import type { Arrival } from "../model/load-model.ts";
import type { Random } from "../random.ts";
import { JsonStream } from "./json-stream.ts";
import type { Attachment, Terminals } from "./sessions.ts";

export interface PtyOptions {
  id: string;
  command: string;
  rows: number;
  columns: number;
}

/** The largest frame that was seen from a real server. */
const MAX_FRAME = 32 * 1024;
/** One frame in eight is cut in two: where frames end means nothing, and a client must not think so. */
const SPLIT_SHARE = 1 / 8;
/** A client that does not answer the end of the stream is dropped. */
const LINGER_MS = 2_000;

/** Runs a terminal over a WebSocket: JSON in, bytes out, and no close frame when the process ends. */
export function servePty(
  { socket, tcp, flow }: { socket: WebSocket; tcp: Duplex; flow: Flow },
  terminals: Terminals,
  options: PtyOptions,
  random: Random,
  arrive: Arrival,
): void {
  keepAlive(socket);
  const terminal = terminals.open(options.id, options.command, options.rows, options.columns);
  const output = new Output(socket, random);
  const attachment: Attachment = {
    send: (bytes) => output.push(bytes),
    full: () => tcp.writableLength >= UNREAD_BYTES,
    end: () => {
      output.flush();
      endTcp(tcp);
    },
  };
  const input = new JsonStream(intake.share());
  let waiting = 0;
  flow.full = () => terminal.full || waiting > WAITING_MESSAGES;
  terminal.onRoom(flow);
  tcp.on("drain", () => terminal.look());
  const type = (typed: string) => {
    waiting++;
    arrive(() => {
      waiting--;
      terminal.input(Buffer.from(typed, "utf8"));
      flow.look();
    });
  };
  socket.on("message", (data, isBinary) => {
    if (!isBinary) {
      socket.close(1003, "unexpected frame type read (expected MessageBinary): MessageText");
      return;
    }
    try {
      for (const message of input.push(asBuffer(data))) {
        if (message.height && message.width) terminal.resize(message.height, message.width);
        if (message.data) type(message.data);
      }
    } catch {
      attachment.end();
    }
  });
  socket.on("close", () => {
    input.end();
    terminal.offRoom(flow);
    terminal.detach(attachment);
  });
  terminal.attach(attachment);
}

/** Ends the stream without a close frame: the client sees 1006 (docs/coder-api.md, Web terminal). */
function endTcp(tcp: Duplex): void {
  tcp.end();
  setTimeout(() => tcp.destroy(), LINGER_MS).unref();
}

function asBuffer(data: Buffer | ArrayBuffer | Buffer[]): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
}

/** Joins what comes in one go into a frame, and cuts frames where nobody expects it. */
class Output {
  readonly #socket: WebSocket;
  readonly #random: Random;
  #chunks: Buffer[] = [];

  constructor(socket: WebSocket, random: Random) {
    this.#socket = socket;
    this.#random = random;
  }

  push(bytes: Buffer): void {
    if (this.#chunks.push(bytes) === 1) queueMicrotask(() => this.flush());
  }

  flush(): void {
    const [only, ...more] = this.#chunks;
    if (!only) return;
    const bytes = more.length ? Buffer.concat(this.#chunks) : only;
    this.#chunks = [];
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    if (this.#socket.bufferedAmount > MOST_UNREAD_BYTES) {
      this.#socket.terminate();
      return;
    }
    if (bytes.length > 1 && bytes.length <= MAX_FRAME && this.#random.next() < SPLIT_SHARE) {
      const at = 1 + this.#random.below(bytes.length - 1);
      this.#socket.send(bytes.subarray(0, at));
      this.#socket.send(bytes.subarray(at));
      return;
    }
    for (let at = 0; at < bytes.length; at += MAX_FRAME)
      this.#socket.send(bytes.subarray(at, at + MAX_FRAME));
  }
}
