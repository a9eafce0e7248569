import { createReadStream } from "node:fs";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPENING = new Set([0x7b, 0x5b]);
const CLOSING = new Set([0x7d, 0x5d]);

/**
 * Values of some keys at the top of a file that holds one JSON object. The file is read in small pieces and only until
 * all of them are known: a result of many megabytes costs what its first lines cost, and nobody waits for the rest.
 * undefined where the file cannot be read, or a value in it is no JSON; a key that is not there is left out.
 */
export async function readTop(
  file: string,
  keys: readonly string[],
): Promise<Record<string, unknown> | undefined> {
  const top = new TopMembers(keys);
  try {
    for await (const piece of createReadStream(file)) if (top.take(piece as Buffer)) break;
    return top.found;
  } catch {
    return undefined;
  }
}

/** Finds the members of the outermost object in bytes that come piece by piece. */
class TopMembers {
  readonly found: Record<string, unknown> = {};
  readonly #wanted: Set<string>;
  #depth = 0;
  #isText = false;
  #isEscaped = false;
  /** Of the member at hand; undefined until its colon. */
  #key: string | undefined;
  /** Bytes of its key, then of its value where that is wanted. */
  #parts: Buffer[] = [];

  constructor(keys: readonly string[]) {
    this.#wanted = new Set(keys);
  }

  /** Whether nothing more is wanted. Throws where a value is no JSON. */
  take(piece: Buffer): boolean {
    let from = 0;
    for (let at = 0; at < piece.length; at++) {
      const byte = piece[at] ?? 0;
      if (this.#isText) {
        this.#inText(byte);
        continue;
      }
      if (byte === QUOTE) this.#isText = true;
      else if (OPENING.has(byte)) {
        this.#depth++;
        if (this.#depth === 1) from = at + 1;
      } else if (CLOSING.has(byte)) {
        this.#depth--;
        if (this.#depth === 0) return this.#end(piece.subarray(from, at));
      } else if (this.#depth === 1 && byte === COLON && this.#key === undefined) {
        this.#key = String(this.#value(piece.subarray(from, at)));
        from = at + 1;
      } else if (this.#depth === 1 && byte === COMMA) {
        if (this.#end(piece.subarray(from, at))) return true;
        from = at + 1;
      }
    }
    if (this.#depth > 0) this.#keep(piece.subarray(from));
    return false;
  }

  #inText(byte: number): void {
    if (this.#isEscaped) this.#isEscaped = false;
    else if (byte === BACKSLASH) this.#isEscaped = true;
    else if (byte === QUOTE) this.#isText = false;
  }

  #keep(bytes: Buffer): void {
    if (this.#key === undefined || this.#wanted.has(this.#key)) this.#parts.push(bytes);
  }

  /** Of the bytes so far and these. */
  #value(last: Buffer): unknown {
    const bytes = Buffer.concat([...this.#parts, last]);
    this.#parts = [];
    return JSON.parse(bytes.toString("utf8"));
  }

  /** A member is over. */
  #end(last: Buffer): boolean {
    const key = this.#key;
    this.#key = undefined;
    if (key !== undefined && this.#wanted.delete(key)) this.found[key] = this.#value(last);
    this.#parts = [];
    return this.#wanted.size === 0 || this.#depth === 0;
  }
}
