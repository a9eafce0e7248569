import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import { UNREAD_BYTES } from "../limits.ts";
import { intake } from "./intake.ts";

/** Leaves a client's input waiting while it does not read, or while what it has sent is not taken. */
export class Flow {
  /** Set by whoever takes the messages: it can take no more for now, and calls `look` when it can. */
  full: () => boolean = () => false;
  readonly #socket: WebSocket;
  readonly #tcp: Duplex;

  constructor(socket: WebSocket, tcp: Duplex) {
    this.#socket = socket;
    this.#tcp = tcp;
    tcp.on("drain", () => this.look());
    socket.on("message", () => this.look());
    boundUnfinished(socket, tcp);
  }

  look(): void {
    const wait = this.#tcp.writableLength >= UNREAD_BYTES || this.full();
    if (wait === this.#socket.isPaused || this.#socket.readyState !== this.#socket.OPEN) return;
    if (wait) this.#socket.pause();
    else this.#socket.resume();
  }
}

/** A message that is not complete counts; where all together are too much, the next one to grow ends. */
function boundUnfinished(socket: WebSocket, tcp: Duplex): void {
  const share = intake.share();
  let bytes = 0;
  const complete = () => {
    bytes = 0;
    share.hold(0);
  };
  // Before the WebSocket's own listener, which may complete a message with it.
  tcp.prependListener("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (!share.hold(bytes)) tcp.destroy();
  });
  for (const event of ["message", "ping", "pong", "close"]) socket.on(event, complete);
}
