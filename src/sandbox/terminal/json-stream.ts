/** One message of the terminal protocol. */
export interface TerminalMessage {
  data: string;
  height: number;
  width: number;
}

/** A value that never ends must not fill the memory. */
const MAX_VALUE_BYTES = 16 * 1024 * 1024;
const MAX_SIZE = 65_535;

/**
 * Reads JSON values from a stream of bytes, however they are cut into frames.
 * Throws on what does not decode, as the agent's decoder does: not JSON, a wrong type, a size over 65535.
 */
export class JsonStream {
  #rest: Buffer = Buffer.alloc(0);

  push(frame: Buffer): TerminalMessage[] {
    const whole = this.#rest.length ? undefined : tryParse(frame);
    if (whole !== undefined) return [decode(whole.value)];
    this.#rest = this.#rest.length ? Buffer.concat([this.#rest, frame]) : frame;
    const messages: TerminalMessage[] = [];
    for (;;) {
      const start = skipSpace(this.#rest);
      const end = valueEnd(this.#rest, start);
      if (end < 0) break;
      messages.push(decode(JSON.parse(this.#rest.toString("utf8", start, end))));
      this.#rest = this.#rest.subarray(end);
    }
    if (this.#rest.length > MAX_VALUE_BYTES) throw new Error("value too large");
    return messages;
  }
}

function tryParse(frame: Buffer): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(frame.toString("utf8")) };
  } catch {
    return undefined;
  }
}

function skipSpace(bytes: Buffer): number {
  let at = 0;
  while (at < bytes.length && /\s/.test(String.fromCharCode(bytes[at] ?? 0))) at++;
  return at;
}

/** The end of the value that starts at `start`; -1 when it is not complete. Only objects and null decode. */
function valueEnd(bytes: Buffer, start: number): number {
  if (start >= bytes.length) return -1;
  const first = String.fromCharCode(bytes[start] ?? 0);
  if (first === "n") {
    const word = bytes.toString("latin1", start, start + 4);
    if (!"null".startsWith(word)) throw new Error("invalid literal");
    return word.length === 4 ? start + 4 : -1;
  }
  if (first !== "{") throw new Error("not an object");
  return objectEnd(bytes, start);
}

function objectEnd(bytes: Buffer, start: number): number {
  let depth = 0;
  let inString = false;
  for (let at = start; at < bytes.length; at++) {
    const byte = bytes[at];
    if (inString) {
      if (byte === 0x5c) at++;
      else if (byte === 0x22) inString = false;
    } else if (byte === 0x22) inString = true;
    else if (byte === 0x7b || byte === 0x5b) depth++;
    else if ((byte === 0x7d || byte === 0x5d) && --depth === 0) return at + 1;
  }
  return -1;
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
