import { describe, expect, it } from "vitest";
import { limitPicture } from "../../../src/cli/limit-picture.ts";
import { limitLines } from "../../../src/cli/limit-text.ts";
import {
  kindOfLimit,
  type LimitLevel,
  type LimitResult,
  type LimitRow,
} from "../../../src/protocol/limit.ts";
import { sayLimit } from "../../../src/protocol/limit-words.ts";
import { english } from "../../../src/text/message.ts";

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

function side(at: number, confidence: number) {
  return { level: at, looks: 3, agreeing: 3, distance: 9, confidence };
}

function row(value: number, passing: number): LimitRow {
  const failing = passing + 10;
  return {
    value,
    end: {
      ...{ kind: "found", passing: side(passing, 0.99), failing: side(failing, 0.98) },
      ...{ first_broken: "round_trip.p95<200ms", confidence: 0.97, precision: 10 / passing },
    },
    levels: [level(passing, "passes", 100, passing), level(failing, "breaks", 900, passing)],
  };
}

function gridOf(rows: LimitRow[], grid: Partial<NonNullable<LimitResult["grid"]>> = {}): LimitResult {
  const { end, levels } = rows.at(-1) ?? LIMIT;
  const asked = { vary: "connections", step: "terminals", from: 10, to: 400, precision: 0.05 };
  return {
    ...asked,
    end,
    levels,
    grid: { vary: "messages_per_connection", rows, not_reached: [], rises: [], ...grid },
  };
}

const WHOLE = gridOf([row(1, 200), row(2, 100), row(10, 20)]);

describe("a search for each value of a second number, as text", () => {
  it("has the frontier as bars, and each search under it", () => {
    const lines = limitPicture(WHOLE);
    expect(lines[0]).toBe("connections of terminals that pass, by messages a second of each connection");
    const filled = lines.slice(1, 4).map((line) => line.match(/█/g)?.length ?? 0);
    expect(filled).toEqual([28, 14, 2]);
    expect(lines[3]).toMatch(/^ {2}10 {3}20 {2}/);
    expect(lines).toContain(
      "connections of terminals at 2 messages a second of each connection against round_trip.p95<200ms",
    );
  });

  it("has a line for each value, none without its confidence, and says what was not searched", () => {
    const lines = limitLines(gridOf([row(1, 200), row(2, 100)], { not_reached: [5, 10], why: "budget" }));
    expect(lines.slice(0, 5)).toEqual([
      "Limits of terminals (connections) by messages a second of each connection",
      "   1  200 pass (confidence 97 %)",
      "   2  100 pass (confidence 97 %)",
      ...["   5  not searched", "  10  not searched"],
    ]);
    expect(lines.join("\n")).toContain(
      "Levels of terminals (connections), at 2 messages a second of each connection",
    );
  });

  it("says in one sentence which were found, which were not, and that a larger value carries more", () => {
    const said = english(
      sayLimit(
        gridOf([row(1, 50), row(2, 100)], { not_reached: [5], why: "budget", rises: [{ from: 1, to: 2 }] }),
      ),
    );
    expect(said).toBe(
      "limits of connections by messages a second of each connection: 1: 50 pass (confidence 97 %), 2: 100 pass (confidence 97 %); 5 not searched: the budget ran out; not monotone: 2 was seen to carry more than 1",
    );
  });

  it.each<[string, Partial<NonNullable<LimitResult["grid"]>>, LimitRow["end"] | undefined, string]>([
    ["all found", {}, undefined, "found"],
    ["one not begun", { not_reached: [5], why: "budget" }, undefined, "so_far"],
    ["one stopped", {}, { kind: "so_far", why: "stopped" }, "so_far"],
    ["one invalid", {}, { kind: "invalid", level: 9 }, "invalid"],
    ["the generator the limit", { not_reached: [5], why: "generator" }, undefined, "invalid"],
    [
      "the smallest level broken at some",
      { not_reached: [5], why: "smallest_breaks" },
      { kind: "smallest_breaks", failing: side(10, 0.9), first_broken: "round_trip.p95<200ms" },
      "found",
    ],
  ])("comes to one verdict: %s", (_what, grid, end, kind) => {
    const rows = [row(1, 200), { ...row(2, 100), ...(end ? { end } : {}) }];
    expect(kindOfLimit(gridOf(rows, grid))).toBe(kind);
  });
});
