import { describe, expect, it } from "vitest";
import { bottleneckLines } from "../../src/cli/bottleneck-text.ts";

const line = (text: string, figure = "round_trip.p95") => ({ text, figure, value: 812 });
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

  it("has drills with what was promised and seen, whether a cause is named or not", () => {
    const side = (text: string, value: number | null) => ({ text, value });
    const drills = [
      {
        ...{ drill: "replica_loss", title: "A replica of coderd was lost", at: 65 },
        lines: [
          { what: "connections lost", promised: side("33 %", 0.33), seen: side("30 %", 0.3) },
          { what: "opened again", promised: side("all", 1), seen: side("none of them", 0) },
        ],
      },
    ];
    for (const named of [[], [cause("replica", "A replica has gone")]]) {
      const lines = bottleneckLines({ named, cannot_tell: [], felt: [], drills });
      expect(lines.slice(-4)).toEqual([
        "  Drill: A replica of coderd was lost, at 01:05",
        "    connections lost: promised 33 %; seen 30 %",
        "    opened again: promised all; seen none of them",
        "",
      ]);
    }
  });

  it("has what coderd logged meanwhile, as often as it did", () => {
    const errors = [{ text: "coderd: pool is closed", count: 3, first: 61, last: 70 }];
    expect(bottleneckLines({ named: [], cannot_tell: [], felt: [], errors })).toContain(
      "  coderd's log, 3 ×, first at 01:01: coderd: pool is closed",
    );
  });

  it("says that none was seen, and for what; nothing where nobody asked", () => {
    const nothing = { named: [], cannot_tell: [], felt: [] };
    const slow = { ...nothing, felt: [line("builds wait 8s", "queue.p95"), line("it is slow", "ready.p95")] };
    const said = (...of: Parameters<typeof bottleneckLines>) =>
      bottleneckLines(...of)[0]?.replace("What breaks first: ", "");
    expect(said(nothing)).toBe("no bottleneck seen: users feel nothing of the load");
    expect(said(slow)).toBe("no bottleneck seen for what users feel: builds wait 8s, it is slow");
    expect(said(slow, { holds: true })).toBe(
      "no bottleneck seen; builds wait 8s, it is slow; no threshold limits that",
    );
    expect(said(slow, { holds: true, thresholds: ["ready{step=create}.p95 < 3m"] })).toBe(
      "no bottleneck seen; builds wait 8s; no threshold limits that",
    );
    expect(said(slow, { holds: true, thresholds: ["ready.p95 < 3m", "queue.max < 9s"] })).toBe(
      "no bottleneck seen: what users feel is within the thresholds",
    );
    expect(said(slow, { isInvalid: true })).toBe("cannot tell: too few seconds count");
    expect(bottleneckLines(undefined)).toEqual([]);
  });
});
