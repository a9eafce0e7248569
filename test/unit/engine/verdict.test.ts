import { describe, expect, it } from "vitest";
import { type Findings, verdictOf } from "../../../src/engine/verdict.ts";
import type { ThresholdState } from "../../../src/protocol/threshold.ts";
import { english, foreign, say } from "../../../src/text/message.ts";

const threshold = (expression: string, state: ThresholdState["state"]): ThresholdState => ({
  expression,
  label: foreign(expression),
  limit: say("< 1"),
  observed: say("2"),
  state,
});

const verdict = (changes: Partial<Findings>) => {
  const all = {
    stopped: false,
    invalid: undefined,
    thresholds: [],
    failed: 0,
    mistake: undefined,
    orphans: 0,
    unknownLeft: undefined,
    summary: say("summary"),
  };
  const { verdict: word, exitCode, summary } = verdictOf({ ...all, ...changes });
  return [word, exitCode, english(summary)];
};

const broken = [threshold("ready.p95<1s", "broken")];
const told = "threshold broken: ready.p95<1s 2, wanted < 1; summary";

describe("a run's verdict", () => {
  it("is passed where nothing failed and nothing is left, and where nothing was to be deleted", () => {
    expect(verdict({})).toEqual(["passed", 0, "summary"]);
    expect(verdict({ orphans: null })).toEqual(["passed", 0, "summary"]);
  });

  it("is no pass where it is not known what is left behind", () => {
    const unknownLeft = "look";
    const sentence = "summary; what is left behind is not known, look with: look";
    const tolerant = [threshold("failures.rate<50%", "met")];
    expect(verdict({ orphans: null, unknownLeft })).toEqual(["failed", 1, sentence]);
    expect(verdict({ orphans: null, unknownLeft, thresholds: tolerant })).toEqual(["failed", 1, sentence]);
    expect(verdict({ orphans: null, unknownLeft, stopped: true })).toEqual(["interrupted", 130, sentence]);
  });

  it("fails for a failure, and for what is left behind", () => {
    expect(verdict({ failed: 1 })).toEqual(["failed", 1, "summary"]);
    expect(verdict({ orphans: 2 })).toEqual(["failed", 1, "summary; 2 left behind on the deployment"]);
  });

  it("allows the failures that a threshold allows, but nothing left behind", () => {
    const thresholds = [threshold("failures.rate<50%", "met")];
    expect(verdict({ failed: 1, thresholds })).toEqual(["passed", 0, "summary"]);
    expect(verdict({ failed: 1, orphans: 1, thresholds })[1]).toBe(1);
    expect(verdict({ failed: 1, thresholds: [threshold("ready.p95<1s", "met")] })[1]).toBe(1);
  });

  it("tells what weighs most: a stop, figures that mean nothing, a threshold, failures", () => {
    expect(verdict({ failed: 1, thresholds: broken })).toEqual(["failed", 99, told]);
    expect(verdict({ failed: 1, thresholds: broken, invalid: say("late") })).toEqual([
      "invalid",
      4,
      "invalid: late; summary",
    ]);
    expect(verdict({ thresholds: broken, invalid: say("late"), stopped: true })).toEqual([
      "interrupted",
      130,
      "summary",
    ]);
  });
});
