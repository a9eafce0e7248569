import { readU32BE } from "./bytes.ts";

interface Entry<Value> {
  key: Uint8Array;
  value: Value;
}

/**
 * What belongs to public keys, found by their bytes as they stand in a packet: a string of each packet's key
 * costs more than the look-up.
 */
export class KeyMap<Value> {
  /** By a key's first four bytes. */
  #entries = new Map<number, Entry<Value>[]>();

  get(key: Uint8Array): Value | undefined {
    return this.#entries.get(readU32BE(key, 0))?.find((entry) => sameKey(entry.key, key))?.value;
  }

  /** Keeps a copy of the key. */
  set(key: Uint8Array, value: Value): void {
    this.delete(key);
    const head = readU32BE(key, 0);
    this.#entries.set(head, [...(this.#entries.get(head) ?? []), { key: Uint8Array.from(key), value }]);
  }

  delete(key: Uint8Array): void {
    const head = readU32BE(key, 0);
    const others = this.#entries.get(head)?.filter((entry) => !sameKey(entry.key, key)) ?? [];
    if (others.length > 0) this.#entries.set(head, others);
    else this.#entries.delete(head);
  }

  clear(): void {
    this.#entries.clear();
  }
}

function sameKey(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false;
  for (let at = 0; at < one.length; at++) if (one[at] !== other[at]) return false;
  return true;
}
