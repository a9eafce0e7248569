import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { offsetOf } from "../../../src/load/offset.ts";

const offsets = (connections: number, places: number, intervalMs: number) =>
  Array.from({ length: connections }, (_, index) => offsetOf(index, { connections, places, intervalMs }));

describe("places in the schedule", () => {
  it("a few connections share a wake-up where there are few", () => {
    expect(new Set(offsets(40, 1, 100)).size).toBe(10);
    expect(new Set(offsets(40, 2, 100)).size).toBe(10);
  });

  it("hardly any are together where there are many, or where ticks are far apart", () => {
    expect(new Set(offsets(1_000, 1, 100)).size).toBe(250);
    expect(new Set(offsets(10, 1, 1_000)).size).toBe(10);
  });

  it("every interval is used evenly, and nobody is far from where an even spread would put it", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 2_000 }),
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 1, max: 10_000 }),
        (connections, places, intervalMs) => {
          const early = offsets(connections, places, intervalMs).map(
            (offset, index) => (index * intervalMs) / connections - offset,
          );
          expect(Math.min(...early)).toBeGreaterThanOrEqual(-1e-6);
          expect(Math.max(...early)).toBeLessThanOrEqual(Math.min(10, intervalMs / 10) + 1e-6);
        },
      ),
    );
  });
});
