import { describe, expect, it } from "vitest";
import { limitPicture } from "../../../src/cli/limit-picture.ts";
import type { LimitLevel, LimitResult } from "../../../src/protocol/limit.ts";

function level(at: number, verdict: LimitLevel["verdict"], value: number, throughput: number): LimitLevel {
  const objective = { expression: "round_trip.p95<200ms", unit: "duration", limit: 200, broken_windows: 0 };
  const look = { from: at, until: at + 20, verdict, windows: 5, achieved: 1, throughput };
  return { level: at, verdict, looks: [{ ...look, objectives: [{ ...objective, value }] }] };
}

const LIMIT: LimitResult = {
  ...{ vary: "connections", step: "terminals", from: 50, to: 400, precision: 0.05 },
  end: { kind: "so_far", why: "budget" },
  levels: [
    level(50, "passes", 50, 500),
    level(100, "passes", 100, 1_000),
    level(200, "breaks", 900, 1_100),
    level(400, "invalid", 300, 600),
  ],
  knee: 100,
};

describe("the levels of a search as text", () => {
  it("has a bar for each level, the limit across them, what is cut off, and the knee", () => {
    const lines = limitPicture(LIMIT);
    expect(lines[0]).toBe("connections of terminals against round_trip.p95<200ms");
    const bars = lines.slice(1, 5).map((line) => line.slice(line.indexOf("ms") + 2));
    const filled = bars.map((bar) => bar.match(/█/g)?.length ?? 0);
    expect(Math.abs((filled[1] ?? 0) - 2 * (filled[0] ?? 0))).toBeLessThanOrEqual(1);
    expect(filled[0]).toBeGreaterThan(0);
    // Half of what is shown is the limit.
    expect(bars.map((bar) => /[│┃]/.exec(bar)?.[0])).toEqual(["│", "│", "┃", "┃"]);
    expect(bars.map((bar) => bar.includes("▶"))).toEqual([false, false, true, false]);
    expect(lines[2]).toMatch(/100 ✓ +100ms .*◆ knee$/);
    expect(lines[3]).toMatch(/^ {2}200 ✗ /);
    expect(lines[4]).toMatch(/^ {2}400 \? /);
    expect(lines.join("\n")).toContain("connections of terminals against throughput");
    expect(Math.max(...lines.slice(0, 5).map(({ length }) => length))).toBeLessThan(100);
  });

  it("is nothing of one level, and of none", () => {
    expect(limitPicture({ ...LIMIT, levels: LIMIT.levels.slice(0, 1) })).toEqual([]);
    expect(limitPicture(undefined)).toEqual([]);
  });
});
