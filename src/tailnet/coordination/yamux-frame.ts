import { say } from "../../text/message.ts";
import { SaidError } from "../../text/said-error.ts";

/** yamux's 12-byte header (docs/tailnet.md, Coordination): version 0, type, flags, stream id, length; big-endian. */
export const HEADER_BYTES = 12;
export const FrameType = { data: 0, windowUpdate: 1, ping: 2, goAway: 3 } as const;
export const Flag = { syn: 1, ack: 2, fin: 4, rst: 8 } as const;

export interface Frame {
  type: number;
  flags: number;
  stream: number;
  /** Bytes of the body for data, else a value. */
  length: number;
  body: Uint8Array;
}

const NO_BODY = new Uint8Array(0);

export function encodeFrame(
  type: number,
  flags: number,
  stream: number,
  length: number,
  body: Uint8Array = NO_BODY,
): Buffer {
  const frame = Buffer.alloc(HEADER_BYTES + body.length);
  frame[1] = type;
  frame.writeUInt16BE(flags, 2);
  frame.writeUInt32BE(stream, 4);
  frame.writeUInt32BE(length, 8);
  frame.set(body, HEADER_BYTES);
  return frame;
}

/** Makes frames of a byte stream that comes in arbitrary pieces. `push` throws on what is no yamux. */
export class FrameReader {
  #maxBody: number;
  #pending: Buffer = Buffer.alloc(0);

  constructor(maxBody: number) {
    this.#maxBody = maxBody;
  }

  push(chunk: Uint8Array): Frame[] {
    this.#pending = this.#pending.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.#pending, chunk]);
    const frames: Frame[] = [];
    let at = 0;
    while (this.#pending.length - at >= HEADER_BYTES) {
      const frame = this.#frameAt(at);
      if (!frame) break;
      frames.push(frame);
      at += HEADER_BYTES + frame.body.length;
    }
    this.#pending = this.#pending.subarray(at);
    return frames;
  }

  #frameAt(at: number): Frame | undefined {
    const bytes = this.#pending;
    const type = bytes.readUInt8(at + 1);
    if (bytes.readUInt8(at) !== 0 || type > FrameType.goAway) throw new SaidError(say("not a yamux frame"));
    const length = bytes.readUInt32BE(at + 8);
    const bodyLength = type === FrameType.data ? length : 0;
    if (bodyLength > this.#maxBody)
      throw new SaidError(say("a yamux frame of {0} bytes is over the window", bodyLength));
    if (bytes.length - at < HEADER_BYTES + bodyLength) return undefined;
    return {
      type,
      flags: bytes.readUInt16BE(at + 2),
      stream: bytes.readUInt32BE(at + 4),
      length,
      body: bytes.subarray(at + HEADER_BYTES, at + HEADER_BYTES + bodyLength),
    };
  }
}
