import type { Share } from "../http/intake.ts";
import { STREAM_MESSAGE_BYTES } from "../limits.ts";

/** One message of the terminal protocol. */
export interface TerminalMessage {
  data: string;
  height: number;
  width: number;
}

const MAX_SIZE = 65_535;
const FIRST_BYTES = 1_024;
const [QUOTE, BACKSLASH, OPEN, CLOSE, LIST, LIST_END] = [0x22, 0x5c, 0x7b, 0x7d, 0x5b, 0x5d];
const NULL = Buffer.from("null");

/**
 * Reads JSON values from a stream of bytes, however they are cut into frames; each byte is looked at once.
 * Throws on what does not decode, as the agent's decoder does: not JSON, a wrong type, a size over 65535.
 */
export class JsonStream {
  readonly #share: Share;
  /** The value that is not complete yet. */
  #rest: Buffer = Buffer.alloc(0);
  #length = 0;
  #depth = 0;
  #inString = false;
  #escaped = false;

  /** @param share what the unfinished value counts to */
  constructor(share: Share) {
    this.#share = share;
  }

  push(frame: Buffer): TerminalMessage[] {
    const whole = this.#length ? undefined : tryParse(frame);
    if (whole !== undefined) return [decode(whole.value)];
    const messages: TerminalMessage[] = [];
    let from = 0;
    for (;;) {
      if (!this.#length) from = skipSpace(frame, from);
      const end = this.#valueEnd(frame, from);
      if (end < 0) break;
      messages.push(decode(JSON.parse(this.#taken(frame.subarray(from, end)))));
      from = end;
    }
    this.#keep(frame.subarray(from));
    return messages;
  }

  /** Nothing more comes. */
  end(): void {
    this.#rest = Buffer.alloc(0);
    this.#length = 0;
    this.#share.hold(0);
  }

  #taken(last: Buffer): string {
    const whole = this.#length ? Buffer.concat([this.#rest.subarray(0, this.#length), last]) : last;
    const text = whole.toString("utf8");
    this.end();
    return text;
  }

  #keep(part: Buffer): void {
    const length = this.#length + part.length;
    if (length > STREAM_MESSAGE_BYTES || !this.#share.hold(length)) throw new Error("value too large");
    if (length > this.#rest.length) {
      const grown = Buffer.alloc(Math.max(FIRST_BYTES, length, this.#rest.length * 2));
      this.#rest.copy(grown, 0, 0, this.#length);
      this.#rest = grown;
    }
    part.copy(this.#rest, this.#length);
    this.#length = length;
  }

  /** The end of the value that goes on, or begins, at `from`; -1 when it is not complete. Only objects and null decode. */
  #valueEnd(bytes: Buffer, from: number): number {
    if (from >= bytes.length) return -1;
    const first = this.#length ? this.#rest[0] : bytes[from];
    if (first === NULL[0]) return this.#nullEnd(bytes, from);
    if (first !== OPEN) throw new Error("not an object");
    for (let at = from; at < bytes.length; at++) if (this.#closes(bytes[at])) return at + 1;
    return -1;
  }

  #nullEnd(bytes: Buffer, from: number): number {
    const end = from + NULL.length - this.#length;
    const said = bytes.subarray(from, end);
    if (!said.equals(NULL.subarray(this.#length, this.#length + said.length)))
      throw new Error("invalid literal");
    return end <= bytes.length ? end : -1;
  }

  /** Whether this byte ends the outermost object. */
  #closes(byte: number | undefined): boolean {
    if (this.#escaped) this.#escaped = false;
    else if (this.#inString) {
      this.#escaped = byte === BACKSLASH;
      this.#inString = byte !== QUOTE;
    } else if (byte === QUOTE) this.#inString = true;
    else if (byte === OPEN || byte === LIST) this.#depth++;
    else if (byte === CLOSE || byte === LIST_END) return --this.#depth === 0;
    return false;
  }
}

function tryParse(frame: Buffer): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(frame.toString("utf8")) };
  } catch {
    return undefined;
  }
}

function skipSpace(bytes: Buffer, from: number): number {
  let at = from;
  while (at < bytes.length && /\s/.test(String.fromCharCode(bytes[at] ?? 0))) at++;
  return at;
}

function decode(value: unknown): TerminalMessage {
  if (value === null) return { data: "", height: 0, width: 0 };
  if (typeof value !== "object" || Array.isArray(value)) throw new Error("not an object");
  const { data = null, height = null, width = null } = value as Record<string, unknown>;
  if (data !== null && typeof data !== "string") throw new Error("data is no string");
  return { data: data ?? "", height: size(height), width: size(width) };
}

function size(value: unknown): number {
  if (value === null) return 0;
  if (typeof value !== "number" || !Number.isInteger(value) || value < 0 || value > MAX_SIZE) {
    throw new Error("size out of range");
  }
  return value;
}
