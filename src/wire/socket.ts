import { createHash, randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import { say } from "../text/message.ts";
import { SaidError } from "../text/said-error.ts";
import { FrameReader, type FrameWriter, OPCODE, ProtocolError } from "./frames.ts";
import { type Head, headerLines, parseHead } from "./http-head.ts";
import { connectTcp, type WireTls } from "./tcp.ts";

export interface WireOptions {
  /** `http:`, `https:`, `ws:` or `wss:`, with path and query. */
  url: string;
  headers?: Readonly<Record<string, string>>;
  proxy?: string | undefined;
  tls?: WireTls | undefined;
  /** Milliseconds until it is open; 30 s by default. */
  timeoutMs?: number;
  signal?: AbortSignal;
  /** Frames of this thread are made here. */
  writer: FrameWriter;
  /** Bytes of binary and text messages, as a stream; valid during the call only. May come before the open. */
  onData: (bytes: Buffer, start: number, end: number) => void;
  /** Once, after the open. */
  onEnd: (end: WireEnd) => void;
}

export interface WireEnd {
  /** The other side's close code; 1006 where the stream ended without a close frame, 1005 for one without a code. */
  code: number;
  reason: string;
  /** The socket's own error, such as ECONNRESET. */
  error?: Error;
}

/** The server answered, but not with a WebSocket. */
export class WireRefused extends Error {
  override readonly name = "WireRefused";
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  /** At most 64 KiB of it. */
  readonly body: string;

  constructor(status: number, headers: ReadonlyMap<string, string>, body: string) {
    super(`the server refuses the WebSocket (status ${status})`);
    this.status = status;
    this.headers = headers;
    this.body = body;
  }
}

const ACCEPT_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const MAX_REFUSAL = 64 * 1024;
const REFUSAL_WAIT_MS = 2_000;
const CLOSE_WAIT_MS = 1_000;

/** Opens a WebSocket. Rejects with WireRefused, the socket's error, or the signal's reason. */
export async function openWire(options: WireOptions): Promise<WireSocket> {
  const limit = new OpenLimit(options.timeoutMs ?? 30_000, options.signal);
  try {
    const url = new URL(options.url);
    const secure = url.protocol === "https:" || url.protocol === "wss:";
    const way = {
      host: url.hostname.replace(/^\[|\]$/g, ""),
      port: Number(url.port || (secure ? 443 : 80)),
      secure,
      proxy: options.proxy,
      tls: options.tls,
    };
    const wire = new WireSocket(options);
    const tcp = await connectTcp(way, (bytes, start, end) => wire.receive(bytes, start, end), limit.signal);
    await wire.handshake(tcp, url, options.headers ?? {}, limit.signal);
    return wire;
  } finally {
    limit.end();
  }
}

/**
 * The signal of an opening: the caller's, and a time limit. `AbortSignal.any` and `.timeout` would be
 * shorter, and would stay for as long as the limit for every connection that has long been open.
 */
class OpenLimit {
  #controller = new AbortController();
  #timer: NodeJS.Timeout;
  #outer: AbortSignal | undefined;
  #abort = () => this.#controller.abort(this.#outer?.reason);

  constructor(ms: number, outer: AbortSignal | undefined) {
    this.#outer = outer;
    this.#timer = setTimeout(() => this.#controller.abort(new SaidError(say("no answer in time"))), ms);
    outer?.addEventListener("abort", this.#abort, { once: true });
    if (outer?.aborted) this.#abort();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#outer?.removeEventListener("abort", this.#abort);
  }
}

type Handshake = { take(bytes: Buffer): void };

/** A WebSocket of the traffic path: a client's, without extensions, its messages a stream of bytes. */
export class WireSocket {
  #tcp: Socket | undefined;
  #writer: FrameWriter;
  #reader: FrameReader;
  #onEnd: (end: WireEnd) => void;
  #handshake: Handshake | undefined;
  #closing = false;
  #ended = false;
  #peerCode: number | undefined;
  #peerReason = "";
  #error: Error | undefined;

  constructor(options: Pick<WireOptions, "writer" | "onData" | "onEnd">) {
    this.#writer = options.writer;
    this.#onEnd = options.onEnd;
    this.#reader = new FrameReader({
      data: options.onData,
      control: (opcode, payload) => this.#control(opcode, payload),
    });
  }

  /** For openWire: asks for the upgrade, and resolves when it is granted. */
  handshake(
    tcp: Socket,
    url: URL,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<void> {
    this.#tcp = tcp;
    const key = randomBytes(16).toString("base64");
    return new Promise((resolve, reject) => {
      const done = (error?: unknown) => {
        this.#handshake = undefined;
        signal.removeEventListener("abort", aborted);
        tcp.off("error", done);
        tcp.off("close", closed);
        if (error === undefined) return resolve(this.#listen(tcp));
        tcp.on("error", () => undefined);
        tcp.destroy();
        reject(error);
      };
      const aborted = () => done(signal.reason);
      const closed = () => done(new SaidError(say("the server closed the connection")));
      signal.addEventListener("abort", aborted, { once: true });
      tcp.once("error", done);
      tcp.once("close", closed);
      if (signal.aborted) return aborted();
      this.#handshake = new Upgrade(key, tcp, done, (rest) => this.receive(rest, 0, rest.length));
      tcp.write(upgradeRequest(url, key, headers));
    });
  }

  /** For the socket underneath: bytes have come. */
  receive(bytes: Buffer, start: number, end: number): void {
    if (this.#handshake) return this.#handshake.take(Buffer.from(bytes.subarray(start, end)));
    if (this.#ended) return;
    try {
      this.#reader.take(bytes, start, end);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#error ??= error;
      this.close(error.code);
    }
  }

  /** Bytes that the system has not taken yet. */
  get backlog(): number {
    return this.#tcp?.writableLength ?? 0;
  }

  /**
   * Sends the first `length` bytes that were written to the writer's payload as one message.
   * @returns bytes on the wire, 0 where the socket is closed
   */
  send(length: number, opcode: number = OPCODE.binary): number {
    const tcp = this.#tcp;
    if (!tcp || this.#closing || this.#ended) return 0;
    const frame = this.#writer.frame(opcode, length);
    tcp.write(frame);
    // Taken at once, the bytes are free again; else the stream still holds them.
    if (tcp.writableLength > 0) this.#writer.keep();
    return frame.length;
  }

  /** Says good-bye, and ends the connection where the other side does not. */
  close(code = 1000): void {
    const tcp = this.#tcp;
    if (!tcp || this.#closing || this.#ended) return;
    this.#sendControl(OPCODE.close, Buffer.of(code >> 8, code & 0xff));
    this.#closing = true;
    tcp.end();
    setTimeout(() => tcp.destroy(), CLOSE_WAIT_MS).unref();
  }

  destroy(): void {
    this.#tcp?.destroy();
  }

  #listen(tcp: Socket): void {
    tcp.on("error", (error) => {
      this.#error ??= error;
    });
    tcp.once("end", () => tcp.end());
    if (tcp.destroyed) return void queueMicrotask(() => this.#end());
    tcp.once("close", () => this.#end());
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#onEnd({
      code: this.#peerCode ?? 1006,
      reason: this.#peerReason,
      ...(this.#error ? { error: this.#error } : {}),
    });
  }

  #control(opcode: number, payload: Buffer): void {
    if (opcode === OPCODE.ping) this.#sendControl(OPCODE.pong, payload);
    if (opcode !== OPCODE.close || this.#peerCode !== undefined) return;
    if (payload.length === 1) throw new ProtocolError(1002, "a close frame with half a code");
    this.#peerCode = payload.length >= 2 ? payload.readUInt16BE(0) : 1005;
    this.#peerReason = payload.toString("utf8", 2);
    this.close(this.#peerCode === 1005 ? 1000 : this.#peerCode);
  }

  #sendControl(opcode: number, payload: Buffer): void {
    if (this.#closing || this.#ended) return;
    payload.copy(this.#writer.payload(payload.length));
    this.send(payload.length, opcode);
  }
}

/** Waits for the answer to an upgrade. */
class Upgrade implements Handshake {
  #key: string;
  #tcp: Socket;
  #done: (error?: unknown) => void;
  #rest: (bytes: Buffer) => void;
  #bytes = Buffer.alloc(0);
  #refused: Head | undefined;

  constructor(key: string, tcp: Socket, done: (error?: unknown) => void, rest: (bytes: Buffer) => void) {
    this.#key = key;
    this.#tcp = tcp;
    this.#done = done;
    this.#rest = rest;
  }

  take(bytes: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    try {
      if (this.#refused) return this.#takeRefusal(this.#refused);
      const head = parseHead(this.#bytes);
      if (!head) return;
      if (head.status !== 101) return this.#beginRefusal(head);
      checkUpgrade(head, this.#key);
      const rest = this.#bytes.subarray(head.length);
      this.#done();
      if (rest.length > 0) this.#rest(rest);
    } catch (error) {
      this.#done(error);
    }
  }

  #beginRefusal(head: Head): void {
    this.#refused = head;
    const told = () => this.#tell(head);
    this.#tcp.prependOnceListener("close", told);
    setTimeout(told, REFUSAL_WAIT_MS).unref();
    this.#takeRefusal(head);
  }

  #takeRefusal(head: Head): void {
    const length = this.#bytes.length - head.length;
    const expected = Number(head.headers.get("content-length") ?? Number.NaN);
    const ended =
      head.headers.get("transfer-encoding") === "chunked" &&
      this.#bytes.subarray(-5).toString() === "0\r\n\r\n";
    if (ended || length >= expected || length > MAX_REFUSAL) this.#tell(head);
  }

  #tell(head: Head): void {
    const body = this.#bytes.toString("utf8", head.length, head.length + MAX_REFUSAL);
    this.#done(new WireRefused(head.status, head.headers, body));
  }
}

function upgradeRequest(url: URL, key: string, headers: Readonly<Record<string, string>>): string {
  const lines = headerLines({
    Host: url.host,
    Upgrade: "websocket",
    Connection: "Upgrade",
    "Sec-WebSocket-Key": key,
    "Sec-WebSocket-Version": "13",
    ...headers,
  });
  return `GET ${url.pathname}${url.search} HTTP/1.1\r\n${lines}\r\n`;
}

function checkUpgrade(head: Head, key: string): void {
  const accept = createHash("sha1").update(`${key}${ACCEPT_SUFFIX}`).digest("base64");
  if (head.headers.get("upgrade")?.toLowerCase() !== "websocket")
    throw new SaidError(say("the server's upgrade is not to a WebSocket"));
  if (head.headers.get("sec-websocket-accept") !== accept)
    throw new SaidError(say("the server's Sec-WebSocket-Accept is wrong"));
  if (head.headers.has("sec-websocket-extensions"))
    throw new SaidError(say("the server uses an extension that was not offered"));
}
