import { describe, expect, it } from "vitest";
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
