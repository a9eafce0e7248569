import { describe, expect, it } from "vitest";
import type { Outcome, Snapshot } from "../../../../src/protocol/snapshot.ts";
import type { ThresholdState } from "../../../../src/protocol/threshold.ts";
import type { HeldTo } from "../../../../src/scenario/model.ts";
import { foreign } from "../../../../src/text/message.ts";
import { resultsOf } from "../../../../src/vscode/features/scenario-runs/results.ts";

const range = { start: { line: 4, column: 4 }, end: { line: 4, column: 9 } };
const held = (expression: string, step?: string): HeldTo => ({ expression, step, range });
const steps = [
  { name: "create", begunAt: 0, endedAt: 4_000 },
  { name: "terminals", begunAt: 4_000, holdAt: 6_000, endedAt: 16_000 },
];

function state(expression: string, more: Partial<ThresholdState> = {}): ThresholdState {
  return {
    expression,
    label: foreign("Round trip p95"),
    limit: foreign("< 200ms"),
    observed: foreign("312ms"),
    state: "broken",
    ...more,
  };
}

/** A run that has ended so. */
function ended(
  outcome: Partial<Outcome>,
  thresholds: ThresholdState[] = [],
  of: readonly object[] = steps,
): Snapshot {
  const whole = { succeeded: 8, failed: 0, orphans: 0, kept: 0, summary: foreign("told"), ...outcome };
  return { outcome: whole, thresholds, steps: of, elapsedMs: 16_000 } as unknown as Snapshot;
}

const broke = { verdict: "failed", exitCode: 99 } as const;

describe("a run as a test", () => {
  it("has its broken thresholds fail, with what was expected, what was, and the worst window", () => {
    const snapshot = ended(broke, [
      state("round_trip.p95<200ms over 3s", { worst: { from: 9, until: 12 }, step: "terminals" }),
      state("failures.rate<1%", { state: "met" }),
    ]);
    expect(
      resultsOf(snapshot, [held("failures.rate<1%"), held("round_trip.p95<200ms over 3s", "terminals")]),
    ).toEqual({
      file: { kind: "failed_by_children" },
      thresholds: [
        { kind: "passed" },
        {
          kind: "failed",
          text: "Round trip p95: expected < 200ms, was 312ms",
          at: { step: "terminals", from: 9, until: 12 },
        },
      ],
    });
  });

  it("points at the measured part where a threshold has no windows, and nowhere where it is of all steps", () => {
    const of = (more: Partial<ThresholdState>) =>
      resultsOf(ended(broke, [state("a.p95<1s", more)]), [held("a.p95<1s", more.step)]).thresholds[0];
    expect(of({ step: "terminals" })).toMatchObject({ at: { step: "terminals", from: 6, until: 16 } });
    expect(of({})).not.toHaveProperty("at");
  });

  it("fails for what was not measured, which is no pass", () => {
    const snapshot = ended(broke, [state("a.p95<1s", { observed: null })]);
    expect(resultsOf(snapshot, [held("a.p95<1s")]).thresholds[0]).toMatchObject({
      text: "Round trip p95: expected < 200ms, was not measured",
    });
  });

  it("tells thresholds of two steps apart, and knows those of a single step, which a run does not name", () => {
    const both = [
      state("a.p95<1s", { step: "create", state: "met" }),
      state("a.p95<1s", { step: "terminals" }),
    ];
    const kinds = resultsOf(ended(broke, both), [held("a.p95<1s", "terminals"), held("a.p95<1s", "create")]);
    expect(kinds.thresholds.map(({ kind }) => kind)).toEqual(["failed", "passed"]);
    const single = ended(broke, [state("a.p95<1s")], [{ name: "create", begunAt: 0, endedAt: 2_000 }]);
    expect(resultsOf(single, [held("a.p95<1s", "create")]).thresholds[0]).toMatchObject({
      kind: "failed",
      at: { step: "create", from: 0, until: 2 },
    });
  });

  it.each([
    ["jobs that failed", { failed: 2 }, [held("a.p95<1s")], { kind: "failed", text: "told" }],
    ["what is left", { orphans: 1 }, [held("a.p95<1s")], { kind: "failed", text: "told" }],
    ["not knowing what is left", { orphans: null }, [held("a.p95<1s")], { kind: "failed", text: "told" }],
    [
      "no jobs where a threshold says how many may fail",
      { failed: 2 },
      [held("a.p95<1s"), held("failures.rate<5%")],
      { kind: "failed_by_children" },
    ],
  ])("fails by itself for %s beside a broken threshold", (_what, more, heldTo, file) => {
    const states = [state("a.p95<1s"), state("failures.rate<5%", { state: "met" })];
    expect(resultsOf(ended({ ...broke, ...more }, states), heldTo).file).toEqual(file);
  });

  it.each([
    ["passed", { verdict: "passed", exitCode: 0 }, { kind: "passed" }],
    ["failed without a threshold", { verdict: "failed", exitCode: 1 }, { kind: "failed", text: "told" }],
    ["stopped", { verdict: "interrupted", exitCode: 130 }, { kind: "skipped" }],
    ["invalid", { verdict: "invalid", exitCode: 4 }, { kind: "errored", text: "told" }],
    [
      "refused",
      { verdict: "refused", exitCode: 3, refusal: foreign("no template") },
      { kind: "errored", text: "no template" },
    ],
  ] as const)("is %s where the run is", (_what, outcome, file) => {
    const { file: result, thresholds } = resultsOf(ended(outcome), [held("a.p95<1s")]);
    expect(result).toEqual(file);
    expect(thresholds).toEqual([{ kind: "skipped" }]);
  });

  it("is an error where the run's runner is gone", () => {
    expect(resultsOf(undefined, [held("a.p95<1s")])).toEqual({
      file: { kind: "errored", text: "the run's runner is gone" },
      thresholds: [{ kind: "skipped" }],
    });
  });
});
