import { describe, expect, it } from "vitest";
import { limitOf } from "../../../src/app/limit/request.ts";
import { verdictOf } from "../../../src/engine/answer/verdict.ts";
import type { LimitEnd, LimitSide } from "../../../src/protocol/limit.ts";
import { english, foreign } from "../../../src/text/message.ts";
import { workloadNamed } from "../../../src/workloads/index.ts";

const side = (level: number): LimitSide => ({ level, looks: 3, agreeing: 3, distance: 4, confidence: 0.98 });
const first_broken = "round_trip.p95<200ms";

/** What a run comes to by a search that ended like this, in which jobs have failed at levels that were too much. */
function comesTo(end: LimitEnd, orphans = 0) {
  const { verdict, exitCode, summary } = verdictOf({
    ...{ stopped: false, invalid: undefined, thresholds: [], failed: 0, mistake: undefined, orphans },
    ...{ unknownLeft: undefined, summary: foreign("3 succeeded") },
    limit: { vary: "connections", step: "load", from: 50, to: 2_000, precision: 0.05, end, levels: [] },
  });
  return { verdict, exitCode, summary: english(summary) };
}

describe("the end of a search as the verdict of its run", () => {
  it.each<[LimitEnd, string, number]>([
    [
      {
        ...{ kind: "found", passing: side(300), failing: side(310), first_broken },
        ...{ confidence: 0.96, precision: 0.03 },
      },
      "passed",
      0,
    ],
    [{ kind: "not_reached", ceiling: side(2_000) }, "passed", 0],
    [{ kind: "smallest_breaks", failing: side(50), first_broken }, "failed", 99],
    [{ kind: "invalid", level: 400, passing: side(200) }, "invalid", 4],
    [{ kind: "so_far", why: "budget", passing: side(200) }, "failed", 1],
  ])("%o is %s, exit code %i, and tells a confidence with its level", (end, verdict, exitCode) => {
    const told = comesTo(end);
    expect(told).toMatchObject({ verdict, exitCode });
    expect(told.summary).toContain("confidence 9");
  });

  it("what is left behind is no pass, whatever was found", () => {
    expect(comesTo({ kind: "not_reached", ceiling: side(2_000) }, 2)).toMatchObject({ verdict: "failed" });
  });
});

describe("a search as it is asked for", () => {
  const traffic = { name: "terminals", workload: "workspace-traffic", config: { timeoutMs: 60_000 } };
  const create = { name: "create", workload: "create-workspaces", config: {} };
  const asked = (vary: string, more = {}) =>
    limitOf({ vary, from: "50", to: "2000", ...more }, [create, traffic], workloadNamed);

  it("finds the step that has what is varied, and lets nothing else end that step", () => {
    const { limit, steps } = asked("connections", { budget: "10m", precision: "2.5%" });
    expect(limit).toMatchObject({
      vary: "connections",
      step: "terminals",
      precision: 0.025,
      budgetMs: 600_000,
    });
    const { durationMs, timeoutMs } = steps[1]?.config ?? {};
    expect(durationMs).toBeGreaterThan(600_000);
    expect(timeoutMs).toBeGreaterThan(Number(durationMs));
    expect(steps[0]).toEqual(create);
    expect(asked("builds").limit).toMatchObject({ vary: "concurrency", step: "create" });
  });

  it.each<[string, object, RegExp]>([
    ["user", {}, /none of/],
    ["connections@nobody", {}, /no step "nobody"/],
    ["connections", { from: "0" }, /--from "0"/],
    ["connections", { from: "2000" }, /not above/],
    ["connections", { precision: "5" }, /--precision/],
    ["connections", { budget: "soon" }, /--budget/],
    ["connections", { to: undefined }, /--to/],
  ])("refuses %s with %o in one sentence", (vary, more, sentence) => {
    expect(() => asked(vary, more)).toThrow(sentence);
  });
});
