/**
 * dRPC's frames (docs/tailnet.md, Coordination): `control | stream id | message id | length | data`, the numbers as
 * varints. Control: bit 0 done, bits 1–6 kind, bit 7 "control" (frames that are ignored where unknown).
 */
export const Kind = {
  invoke: 1,
  message: 2,
  error: 3,
  cancel: 4,
  close: 5,
  closeSend: 6,
  metadata: 7,
} as const;

/** Longer data is split into several frames of one message. */
const MAX_FRAME_DATA = 64 * 1024;
/** The coordinator's own limit for a message. */
const MAX_MESSAGE = 4 * 1024 * 1024;

export interface Packet {
  kind: number;
  data: Uint8Array;
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 127) {
    bytes.push((rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
  return bytes;
}

/** All frames of one packet. The stream id is always 1: each call has a yamux stream of its own. */
export function encodePacket(kind: number, messageId: number, data: Uint8Array = new Uint8Array(0)): Buffer {
  const parts: Uint8Array[] = [];
  let at = 0;
  do {
    const piece = data.subarray(at, at + MAX_FRAME_DATA);
    at += piece.length;
    const done = at >= data.length ? 1 : 0;
    parts.push(
      Uint8Array.from([(kind << 1) | done, ...varint(1), ...varint(messageId), ...varint(piece.length)]),
      piece,
    );
  } while (at < data.length);
  return Buffer.concat(parts);
}

/** Makes packets of a byte stream that comes in arbitrary pieces. `push` throws on what is no dRPC. */
export class PacketReader {
  #pending: Buffer = Buffer.alloc(0);
  #parts: Uint8Array[] = [];
  #size = 0;

  push(chunk: Uint8Array): Packet[] {
    this.#pending = Buffer.concat([this.#pending, chunk]);
    const packets: Packet[] = [];
    for (let frame = this.#take(); frame; frame = this.#take()) {
      if (frame.control & 0x80) continue;
      this.#size += frame.data.length;
      if (this.#size > MAX_MESSAGE) throw new Error("a dRPC message is over 4 MiB");
      // Empty pieces without end must not pile up.
      if (frame.data.length > 0) this.#parts.push(frame.data);
      if (!(frame.control & 1)) continue;
      packets.push({ kind: (frame.control >> 1) & 0x3f, data: Buffer.concat(this.#parts) });
      this.#parts = [];
      this.#size = 0;
    }
    return packets;
  }

  #take(): { control: number; data: Uint8Array } | undefined {
    const bytes = this.#pending;
    let at = 1;
    for (let field = 0; field < 2; field++) {
      const read = readVarint(bytes, at);
      if (!read) return undefined;
      at = read.next;
    }
    const length = readVarint(bytes, at);
    if (!length) return undefined;
    if (length.value > MAX_MESSAGE) throw new Error("a dRPC frame is over 4 MiB");
    const end = length.next + length.value;
    if (bytes.length < end) return undefined;
    this.#pending = bytes.subarray(end);
    return { control: bytes.readUInt8(0), data: bytes.subarray(length.next, end) };
  }
}

function readVarint(bytes: Uint8Array, from: number): { value: number; next: number } | undefined {
  let value = 0;
  for (let index = 0; index < 10; index++) {
    const byte = bytes[from + index];
    if (byte === undefined) return undefined;
    value += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return { value, next: from + index + 1 };
  }
  throw new Error("a dRPC number is over 10 bytes");
}

/** The text of an error packet: 8 bytes of code, then words. */
export function errorText(data: Uint8Array): string {
  return Buffer.from(data.subarray(8)).toString("utf8") || "the server ended the call with an error";
}
