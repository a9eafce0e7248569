import { describe, expect, it } from "vitest";
import { formatClock, formatDuration, parseDuration } from "../../src/protocol/duration.ts";

describe("durations as Coder writes them", () => {
  it.each([
    ["100ms", 100],
    ["1h30m", 5_400_000],
    ["1.5s", 1_500],
    ["0", 0],
    ["2m31s", 151_000],
    ["1us", 0.001],
  ])("%s", (text, ms) => expect(parseDuration(text)).toBeCloseTo(ms, 9));

  it.each(["", "5", "5x", "-5s", "1h 30m", "s", "1e3s", "５s"])("not %j", (text) =>
    expect(parseDuration(text)).toBeUndefined(),
  );

  it("what is written is read back, at the precision that is written", () => {
    for (const ms of [1, 850, 1_500, 59_900, 60_000, 151_000, 3_605_000]) {
      expect(parseDuration(formatDuration(ms))).toBe(ms);
    }
  });

  it("a clock does not change its width from second to second", () => {
    expect([0, 59_999, 60_000, 3_599_000].map((ms) => formatClock(ms).length)).toEqual([5, 5, 5, 5]);
    expect(formatClock(3_765_000)).toBe("1:02:45");
  });
});
