import { describe, expect, it } from "vitest";
import { lookAgain, sayPeak, usersAtPeak } from "../../../src/planner/peak.ts";
import { planFor, type RuleSet } from "../../../src/planner/plan.ts";
import type { WeeklyPeak } from "../../../src/protocol/weekly-peak.ts";
import { english } from "../../../src/text/message.ts";

const DAY_MS = 86_400_000;
const UNTIL = Date.UTC(2026, 10, 28);
const at = Date.UTC(2026, 10, 24, 9, 12);

function week(
  users: number | undefined,
  halves?: [number, number],
  more: Partial<WeeklyPeak> = {},
): WeeklyPeak {
  const own = halves ? { halves: { earlier: halves[0], later: halves[1] } } : {};
  return {
    ...{ source: "prometheus.example.com", from: UNTIL - 7 * DAY_MS, until: UNTIL },
    peaks: users === undefined ? [] : [{ of: "users", value: users, at, ...own }],
    ...{ replicas: 2, cores: 8, missing: [], ...more },
  };
}

const planned = (users: number, rules: RuleSet = "2026") =>
  planFor({
    ...{ rules, users, webShare: 0, windowMs: 900_000, times: { p50Ms: 60_000, p95Ms: 180_000 } },
    ...{ provisioners: "external", workspace: { cores: 1, memory: 2 }, node: { cores: 8, memory: 32 } },
  });
const said = (users: number, peak: WeeklyPeak) => sayPeak(planned(users), peak).map(english).join("\n");

describe("when a plan is looked at again", () => {
  it.each<[number, number, [number, number] | undefined, RuleSet, object]>([
    [612, 612, [590, 612], "2026", { of: 1_000, atUsers: 700, isNow: false, weeks: 2 }],
    [700, 700, [700, 650], "2026", { of: 1_000, atUsers: 700, isNow: true, weeks: undefined }],
    // It shrinks, it stands still, it grows by next to nothing: no time can be said.
    [500, 500, [500, 400], "2026", { atUsers: 700, isNow: false, weeks: undefined }],
    [500, 500, [500, 500], "2026", { weeks: undefined }],
    [500, 500, [495, 500], "2026", { weeks: undefined }],
    // A half that was not scraped says nothing.
    [500, 500, undefined, "2026", { weeks: undefined }],
    // It is the architecture that is planned for which counts, whoever is there today.
    [2_500, 612, [590, 612], "2026", { of: 3_000, atUsers: 2_100, isNow: false, weeks: 34 }],
    [12_000, 9_000, undefined, "2026", { of: 12_000, atUsers: 8_400, isNow: true }],
    [1_200, 900, undefined, "2023", { of: 2_000, atUsers: 1_400, isNow: false }],
  ])("planned for %i, %i at the peak (%j), by %s", (users, peak, halves, rules, expected) => {
    expect(lookAgain(planned(users, rules), week(peak, halves))).toMatchObject(expected);
  });

  it("is not known without active users", () => {
    expect(lookAgain(planned(1_000), week(undefined))).toBeUndefined();
    expect(usersAtPeak(week(undefined))).toBeUndefined();
    expect(usersAtPeak(week(0))).toBeUndefined();
    expect(usersAtPeak(week(611.2))).toBe(612);
  });
});

describe("the highest of a week in words", () => {
  it("has each figure with its time, and what coderd has beside the plan", () => {
    const peak = week(612, [590, 612]);
    peak.peaks.push({ of: "cpu", value: 3.1412, at }, { of: "memory", value: 5.5e9, at });
    const text = said(612, peak);
    expect(text).toContain("highest in the last 7 days: active users 612, at 2026-11-24 09:12 UTC");
    expect(text).toContain("busy cores of coderd 3.14,");
    expect(text).toContain("memory of coderd 5.5 GB");
    expect(text).toContain("coderd has 2 replicas with 8 cores together; planned are 3 with 6: too few");
    expect(text).toContain("at the highest, 39 % of these cores were busy");
    expect(text).not.toContain("has only the last");
  });

  it("says what is not known, and how many days there are", () => {
    const text = said(
      1_000,
      week(612, undefined, {
        from: UNTIL - 2.5 * DAY_MS,
        cores: undefined,
        missing: [{ of: "terminals", series: "coderd_agentstats_session_count_reconnecting_pty" }],
      }),
    );
    expect(text).toContain("the Prometheus server has only the last 2.5 days of it");
    expect(text).toContain(
      "not known: web terminals; the Prometheus server has no coderd_agentstats_session_count_reconnecting_pty",
    );
    expect(text).toContain("coderd has 2 replicas; planned are 3: too few");
    expect(text).not.toMatch(/cores were busy|weeks/);
  });
});
