import type { WebSocket } from "ws";
import { RPC_MESSAGE_BYTES, YAMUX_STREAMS, YAMUX_WINDOW_BYTES } from "../limits.ts";

const YAMUX = { data: 0, window: 1, ping: 2, goAway: 3 };
const SYN = 1;
const ACK = 2;
const FIN = 4;
const RST = 8;
const PING_EVERY_MS = 30_000;
/** Of ten bytes, as in Go's encoding/binary. */
const MOST_SHIFT = 63;
const MOST_PARTS = 4_096;
const DRPC = { invoke: 1, message: 2, error: 3, cancel: 4, close: 5, closeSend: 6 };

/** One call of a client, as the server sees it. */
export interface Call {
  method: string;
  answer(message: Uint8Array): void;
  /** Says that there is nothing more to say. */
  finish(): void;
  /** Set by the handler. */
  onMessage: (message: Uint8Array) => void;
  /** The client has gone, or ended the call. */
  onEnd: () => void;
}

/** What the other side may not send; the connection ends by it. */
class ProtocolProblem extends Error {}

interface Stream {
  bytes: Buffer;
  parts: Buffer[];
  partBytes: number;
  call: Call | undefined;
  nextMessage: number;
  over: boolean;
}

/** The server's side of dRPC over yamux over a WebSocket. `handle` is given each call as it is invoked. */
export function serveRpc(socket: WebSocket, handle: (call: Call) => void): void {
  const streams = new Map<number, Stream>();
  let pending = Buffer.alloc(0);
  const header = (type: number, flags: number, stream: number, length: number) => {
    const bytes = Buffer.alloc(12);
    bytes.writeUInt8(type, 1);
    bytes.writeUInt16BE(flags, 2);
    bytes.writeUInt32BE(stream, 4);
    bytes.writeUInt32BE(length, 8);
    return bytes;
  };
  const send = (bytes: Buffer) => {
    if (socket.readyState === socket.OPEN) socket.send(bytes);
  };
  const end = (id: number, stream: Stream) => {
    if (stream.over) return;
    stream.over = true;
    streams.delete(id);
    stream.call?.onEnd();
  };
  // Header and body are two messages, as the real server sends them.
  const write = (id: number, body: Buffer) => {
    send(header(YAMUX.data, 0, id, body.length));
    send(body);
  };
  const packet = (stream: Stream, kind: number, data: Uint8Array) => {
    stream.nextMessage++;
    return Buffer.concat([
      Buffer.from([(kind << 1) | 1, 1, ...varint(stream.nextMessage), ...varint(data.length)]),
      data,
    ]);
  };
  const invoke = (id: number, stream: Stream, method: string) => {
    stream.call = {
      method,
      answer: (message) => {
        if (!stream.over) write(id, packet(stream, DRPC.message, message));
      },
      finish: () => {
        if (stream.over) return;
        write(id, packet(stream, DRPC.close, new Uint8Array(0)));
        send(header(YAMUX.window, FIN, id, 0));
      },
      onMessage: () => undefined,
      onEnd: () => undefined,
    };
    handle(stream.call);
  };
  const takeData = (id: number, stream: Stream, body: Buffer) => {
    if (body.length > 0) send(header(YAMUX.window, 0, id, body.length));
    stream.bytes = Buffer.concat([stream.bytes, body]);
    takeFrames(id, stream);
    if (unfinishedBytes(streams) > RPC_MESSAGE_BYTES) throw new ProtocolProblem("message too large");
  };
  const takeFrames = (id: number, stream: Stream) => {
    for (let frame = nextFrame(stream); frame; frame = nextFrame(stream)) {
      stream.parts.push(frame.data);
      stream.partBytes += frame.data.length;
      // Empty parts would count for nothing.
      if (stream.parts.length > MOST_PARTS) throw new ProtocolProblem("too many parts");
      if (!frame.done) continue;
      const data = Buffer.concat(stream.parts);
      stream.parts = [];
      stream.partBytes = 0;
      if (frame.kind === DRPC.invoke) invoke(id, stream, data.toString("utf8"));
      else if (frame.kind === DRPC.message) stream.call?.onMessage(data);
      else if (frame.kind !== DRPC.closeSend) end(id, stream);
    }
  };
  const take = (type: number, flags: number, id: number, length: number, body: Buffer) => {
    if (type === YAMUX.ping) {
      if (flags & SYN) send(header(YAMUX.ping, ACK, 0, length));
      return;
    }
    if (type === YAMUX.goAway) return void socket.close(1000);
    if (flags & SYN && streams.size >= YAMUX_STREAMS) return send(header(YAMUX.window, RST, id, 0));
    if (flags & SYN) {
      streams.set(id, {
        bytes: Buffer.alloc(0),
        parts: [],
        partBytes: 0,
        call: undefined,
        nextMessage: 0,
        over: false,
      });
      send(header(YAMUX.window, ACK, id, 0));
    }
    const stream = streams.get(id);
    if (!stream) return;
    if (flags & RST) return end(id, stream);
    if (type === YAMUX.data) takeData(id, stream, body);
    if (flags & FIN) end(id, stream);
  };
  let broken = false;
  const giveUp = (problem: string) => {
    broken = true;
    pending = Buffer.alloc(0);
    socket.close(1002, problem);
  };
  socket.on("message", (chunk: Buffer) => {
    if (broken) return;
    pending = Buffer.concat([pending, chunk]);
    while (pending.length >= 12) {
      const type = pending.readUInt8(1);
      const length = pending.readUInt32BE(8);
      const bodyLength = type === YAMUX.data ? length : 0;
      if (bodyLength > YAMUX_WINDOW_BYTES) return giveUp("receive window exceeded");
      if (pending.length < 12 + bodyLength) return;
      const body = pending.subarray(12, 12 + bodyLength);
      const [flags, id] = [pending.readUInt16BE(2), pending.readUInt32BE(4)];
      pending = pending.subarray(12 + bodyLength);
      try {
        take(type, flags, id, length, body);
      } catch {
        return giveUp("protocol error");
      }
    }
  });
  let pings = 0;
  const ping = setInterval(() => send(header(YAMUX.ping, SYN, 0, ++pings)), PING_EVERY_MS);
  ping.unref();
  socket.on("close", () => {
    clearInterval(ping);
    for (const [id, stream] of streams) end(id, stream);
  });
}

/** Of messages that are not complete. */
function unfinishedBytes(streams: ReadonlyMap<number, Stream>): number {
  let bytes = 0;
  for (const stream of streams.values()) bytes += stream.bytes.length + stream.partBytes;
  return bytes;
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)];
}

function nextFrame(stream: Stream): { kind: number; done: boolean; data: Buffer } | undefined {
  const { bytes } = stream;
  const numbers: number[] = [];
  let at = 1;
  while (numbers.length < 3) {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++];
      if (byte === undefined) return undefined;
      if (shift > MOST_SHIFT) throw new ProtocolProblem("varint overflow");
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) break;
    }
    numbers.push(value);
  }
  const [, , length = 0] = numbers;
  if (bytes.length < at + length) return undefined;
  const control = bytes.readUInt8(0);
  stream.bytes = bytes.subarray(at + length);
  return { kind: (control >> 1) & 63, done: (control & 1) === 1, data: bytes.subarray(at, at + length) };
}
