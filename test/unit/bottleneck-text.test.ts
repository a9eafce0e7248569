import { describe, expect, it } from "vitest";
import { bottleneckLines } from "../../src/cli/bottleneck-text.ts";

const line = (text: string) => ({ text, figure: "round_trip.p95", value: 812 });
const cause = (rule: string, title: string) => ({
  ...{ rule, title, strength: 0.9, since: 84, remedy: "more cores", source: "https://coder.com/docs" },
  ...{ because: [line("round trips take 812ms (p95)")], counter: [line("but")] },
});

describe("what breaks first, as text", () => {
  it("has the first cause in full, others in a line, and what cannot be told once for each want", () => {
    const cannot = (rule: string, title: string) => ({ rule, title, without: "a page" });
    const lines = bottleneckLines({
      named: [cause("coderd_cpu", "coderd has no CPU left"), cause("database", "The database is slow")],
      cannot_tell: [cannot("memory", "A"), cannot("relay", "B")],
      felt: [],
    });
    expect(lines).toEqual([
      "What breaks first: coderd has no CPU left, since 01:24",
      "  + round trips take 812ms (p95)",
      "  - but",
      "  Remedy: more cores (https://coder.com/docs)",
      "  Less likely: The database is slow, since 01:24",
      '  Cannot tell without a page: "A", "B"',
      "",
    ]);
  });

  it("has what coderd logged meanwhile, as often as it did", () => {
    const errors = [{ text: "coderd: pool is closed", count: 3, first: 61, last: 70 }];
    expect(bottleneckLines({ named: [], cannot_tell: [], felt: [], errors })).toContain(
      "  coderd's log, 3 ×, first at 01:01: coderd: pool is closed",
    );
  });

  it("says that none was seen, and for what; nothing where nobody asked", () => {
    const nothing = { named: [], cannot_tell: [], felt: [] };
    expect(bottleneckLines(nothing)).toEqual(["What breaks first: no bottleneck seen", ""]);
    expect(bottleneckLines({ ...nothing, felt: [line("it is slow")] })[0]).toBe(
      "What breaks first: no bottleneck seen for what users feel: it is slow",
    );
    expect(bottleneckLines(nothing, true)).toEqual([
      "What breaks first: cannot tell, for too few seconds count",
      "",
    ]);
    expect(bottleneckLines(undefined)).toEqual([]);
  });
});
