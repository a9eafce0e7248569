import { describe, expect, it } from "vitest";
import { calibrate } from "../../../src/planner/calibration.ts";
import { english } from "../../../src/text/message.ts";
import { FIRST_INPUT, sizingOf } from "../../../src/vscode/features/sizing/answer.ts";

describe("what a deployment needs, in the editor", () => {
  it("is the plan of the command line, by what the boxes hold", () => {
    const { rows, headline, notes } = sizingOf({ ...FIRST_INPUT, users: "2000" }, undefined);
    expect(rows.map(({ needs }) => english(needs))).toEqual([
      "3 × 4 cores, 12 GB",
      "4 × 30 daemons on 30 cores, 30 GB",
      "16 cores, 60 GB, at least 33 connections",
      expect.stringMatching(/× 8 cores, 32 GB for 1,?200 workspaces/),
    ]);
    expect(headline && english(headline)).toContain("2026");
    expect(notes.map(english).join("\n")).toContain("nearest published test");
  });

  it("says where a deployment has less, and nothing where it does not say", () => {
    const short = (replicas: number | undefined, daemons: number | undefined) =>
      sizingOf({ ...FIRST_INPUT, users: "2000" }, { replicas, daemons })
        .rows.slice(0, 2)
        .map(({ has, isShort }) => [has && english(has), isShort]);
    expect(short(2, 120)).toEqual([
      ["2 replicas", true],
      ["120 daemons", false],
    ]);
    expect(short(undefined, 119)).toEqual([
      [undefined, false],
      ["119 daemons", true],
    ]);
  });

  it.each([
    ["users", "many"],
    ["users", "0"],
    ["webShare", "160%"],
    ["builds", "1.5"],
    ["window", "15"],
    ["buildP95", "30s"],
    ["nodeCores", "0"],
  ] as const)("says what is wrong with %s %s, and plans nothing by it", (field, value) => {
    const { problems, rows } = sizingOf({ ...FIRST_INPUT, [field]: value }, undefined);
    expect(Object.keys(problems)).toEqual([field]);
    expect(rows).toEqual([]);
  });
});

describe("beside the rules", () => {
  const times = { p50Ms: 45_000, p95Ms: 100_000, meanMs: 50_000, count: 80 };
  const measured = { id: "aaaaaaaa", label: "Nightly", calibration: calibrate([], times) };
  const queue = (input: Partial<typeof FIRST_INPUT>, by?: typeof measured) =>
    sizingOf({ ...FIRST_INPUT, users: "3000", ...input }, undefined, { measured: by }).notes.map(english)[0];

  it("takes build times from the run, unless a box says otherwise", () => {
    expect(queue({}, measured)).toBe(queue({ buildP50: "45s", buildP95: "100s" }));
    expect(queue({})).toBe(queue({ buildP50: "1m", buildP95: "3m" }));
    expect(queue({ buildP50: "2m" }, measured)).toBe(queue({ buildP50: "2m", buildP95: "6m" }));
    expect(queue({}, measured)).not.toBe(queue({}));
  });

  it("says what a run cannot tell, and what its daemons can do in an hour", () => {
    const { rows, notes } = sizingOf({ ...FIRST_INPUT, users: "1000" }, undefined, { measured });
    expect(rows.map((row) => row.measured && english(row.measured))).toEqual([
      "cannot tell",
      "4320 builds an hour, 72 for each daemon",
      ...[undefined, undefined],
    ]);
    expect(notes.map(english).join("\n")).toContain("the run has none of the deployment's own figures");
  });
});
