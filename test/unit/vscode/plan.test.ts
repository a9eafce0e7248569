import { describe, expect, it } from "vitest";
import {
  costSentence,
  type PlanSummary,
  planSentence,
  wholeNumberProblem,
} from "../../../src/vscode/create/plan.ts";

const plan: PlanSummary = {
  host: "coder.example.com",
  template: "kubernetes",
  count: 50,
  concurrency: 10,
  runCommand: "sleep 2",
  from: "this machine (laptop)",
  cleanup: true,
};

describe("the last question", () => {
  it("says in one sentence what will happen", () => {
    expect(planSentence(plan)).toBe(
      'Create 50 users and 50 workspaces of kubernetes on coder.example.com, 10 at a time, run "sleep 2" in each, then delete all of it.',
    );
    expect(planSentence({ ...plan, count: 1, concurrency: 1, runCommand: "" })).toBe(
      "Create 1 user and 1 workspace of kubernetes on coder.example.com, all at the same time, then delete all of it.",
    );
  });

  it("says what it costs at most, and where the load comes from", () => {
    expect(costSentence(plan)).toBe(
      "At most about 420 API calls and 10 builds at once; the load comes from this machine (laptop).",
    );
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
