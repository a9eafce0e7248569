import { describe, expect, it } from "vitest";
import { durationProblem, roundDuration, wholeNumberProblem } from "../../../src/vscode/ask/steps.ts";
import {
  costSentence,
  type PlanSummary,
  planSentence,
  useSentence,
} from "../../../src/vscode/features/create/plan.ts";

const plan: PlanSummary = {
  host: "coder.example.com",
  template: "kubernetes",
  count: 50,
  concurrency: 10,
  runCommand: "sleep 2",
  runTimeout: "30s",
  ssh: true,
  from: "this machine (laptop)",
  cleanup: true,
};

describe("the last question", () => {
  it("says in one sentence what will happen", () => {
    expect(planSentence(plan)).toBe(
      "Create 50 × kubernetes on coder.example.com, 10 at a time, then delete everything.",
    );
    expect(planSentence({ ...plan, count: 1, concurrency: 1, cleanup: false })).toBe(
      "Create 1 × kubernetes on coder.example.com, all at once, and leave it there.",
    );
  });

  it("says what is done in each workspace", () => {
    expect(useSentence(plan)).toBe('Connect by SSH, run "sleep 2" in the web terminal for at most 30s.');
    expect(useSentence({ ssh: false, runCommand: "", runTimeout: "30s" })).toBe(
      "Only wait until it is ready.",
    );
  });

  it("says what it costs at most, and where the load comes from", () => {
    expect(costSentence(plan)).toBe("At most 420 API calls, 10 builds at once, from this machine (laptop).");
    expect(costSentence({ ...plan, concurrency: 0 })).toContain("50 builds at once");
  });
});

describe("wholeNumberProblem", () => {
  it.each([["1"], ["0042"], [" 7 "]])("takes %j", (text) =>
    expect(wholeNumberProblem(text, 1)).toBeUndefined(),
  );
  it.each([["0"], ["-1"], ["1.5"], ["1e3"], [""], ["ten"], ["99999999999999999999"]])(
    "refuses %j",
    (text) => {
      expect(wholeNumberProblem(text, 1)).toEqual(expect.any(String));
    },
  );
});

describe("durations", () => {
  it.each([
    [600_000, "10m"],
    [3_600_000, "1h"],
    [5_400_000, "1h30m"],
    [90_000, "1m30s"],
    [30_000, "30s"],
    [0, "0"],
  ])("writes %d as %s", (ms, text) => expect(roundDuration(ms)).toBe(text));

  it("takes what Coder takes, and not less than the least", () => {
    expect(durationProblem("1h30m", 1_000)).toBeUndefined();
    expect(durationProblem("0", 0)).toBeUndefined();
    expect(durationProblem("500ms", 1_000)).toBe("1s or longer");
    expect(durationProblem("10", 0)).toBe("A duration such as 30s, 5m or 1h30m");
  });
});
