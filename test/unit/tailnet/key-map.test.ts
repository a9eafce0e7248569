import { describe, expect, test } from "vitest";
import { KeyMap } from "../../../src/tailnet/key-map.ts";

const key = (...bytes: number[]) => Uint8Array.from({ length: 32 }, (_, at) => bytes[at] ?? 0);

describe("a map by public keys", () => {
  test("keys that begin alike are told apart, and go one by one", () => {
    const map = new KeyMap<string>();
    map.set(key(1, 2, 3, 4, 5), "five");
    map.set(key(1, 2, 3, 4, 6), "six");
    expect([map.get(key(1, 2, 3, 4, 5)), map.get(key(1, 2, 3, 4, 6))]).toEqual(["five", "six"]);
    expect(map.get(key(1, 2, 3, 4))).toBeUndefined();
    map.delete(key(1, 2, 3, 4, 5));
    expect([map.get(key(1, 2, 3, 4, 5)), map.get(key(1, 2, 3, 4, 6))]).toEqual([undefined, "six"]);
  });

  test("a key's later value takes the place of the first", () => {
    const map = new KeyMap<string>();
    map.set(key(9), "old");
    map.set(key(9), "new");
    expect(map.get(key(9))).toBe("new");
    map.delete(key(9));
    expect(map.get(key(9))).toBeUndefined();
  });

  test("the key is kept as it was, whatever becomes of the memory it came in", () => {
    const map = new KeyMap<string>();
    const bytes = key(7);
    map.set(bytes, "seven");
    bytes.fill(0);
    expect(map.get(key(7))).toBe("seven");
  });
});
