import { describe, expect, it } from "vitest";
import { type Findings, verdictOf } from "../../../src/engine/answer/verdict.ts";
import type { Baseline } from "../../../src/protocol/baseline.ts";
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
const told = "threshold broken: ready.p95<1s 2, required < 1; summary";

const beside = (state: Baseline["state"]): Baseline => ({
  ...{ run: "k3x9q2ab", asked: "last-passed", state, confidence: 0.99, earlier: 1 },
  figures: [
    {
      ...{ step: "test", metric: "queue", figure: "p50", label: say("Queue p50"), unit: "duration", state },
      ...{ now: 12_500, before: 10_000, change: 0.25, sure: 0.12, margin: 0.1, samples: 200, least: 20 },
    },
  ],
});
const worse = "worse than run k3x9q2ab: Queue p50 12.5s, was 10s (+25 %, 99 % sure of +12 % or more)";

describe("a run's verdict", () => {
  it("worse than an earlier run is as bad as a broken threshold, and both are told", () => {
    expect(verdict({ baseline: beside("worse") })).toEqual(["failed", 99, `${worse}; summary`]);
    expect(verdict({ baseline: beside("worse"), failed: 3 })[1]).toBe(99);
    expect(verdict({ baseline: beside("worse"), thresholds: broken })).toEqual([
      "failed",
      99,
      `threshold broken: ready.p95<1s 2, required < 1; ${worse}; summary`,
    ]);
    expect(verdict({ baseline: beside("worse"), stopped: true })[0]).toBe("interrupted");
  });

  it("better, as good, and not enough data are said, and change nothing", () => {
    for (const [state, text] of [
      ["better", "better than run k3x9q2ab: Queue p50"],
      ["same", "no worse than run k3x9q2ab: 1 of 1 figures within their margins"],
      ["not_enough", "not enough data: nothing of this run can show whether it is worse than run k3x9q2ab"],
    ] as const) {
      const [word, code, summary] = verdict({ baseline: beside(state) });
      expect([word, code]).toEqual(["passed", 0]);
      expect(summary).toContain(`summary; ${text}`);
    }
    expect(verdict({ baseline: beside("better"), failed: 1 })[1]).toBe(1);
  });

  it("is passed where nothing failed and nothing is left, and where nothing was to be deleted", () => {
    expect(verdict({})).toEqual(["passed", 0, "summary"]);
    expect(verdict({ orphans: null })).toEqual(["passed", 0, "summary"]);
  });

  it("is no pass where it is not known what is left behind", () => {
    const unknownLeft = "look";
    const sentence = "summary; what is left behind is unknown; look with: look";
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

  it("allows failures to a step that a threshold is about, and not to others", () => {
    const ofOne = [{ ...threshold("failures{step=one}.rate<50%", "met"), step: "one" }];
    const failed = (one: number, other: number) =>
      verdict({ failed: one + other, failedOf: { one, other }, thresholds: ofOne })[1];
    expect([failed(0, 0), failed(1, 0), failed(0, 1), failed(1, 1)]).toEqual([0, 0, 1, 1]);
    const ofAll = [threshold("failures.rate<50%", "met")];
    expect(verdict({ failed: 2, failedOf: { one: 1, other: 1 }, thresholds: ofAll })[1]).toBe(0);
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
