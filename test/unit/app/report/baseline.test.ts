import { parse, type TestSuites } from "junit2json";
import { describe, expect, it } from "vitest";
import { annotationsOf, githubCommands, githubSummary } from "../../../../src/app/report/github.ts";
import { junitOfRun } from "../../../../src/app/report/junit.ts";
import { prometheusOfRun } from "../../../../src/app/report/prometheus.ts";
import { resultText } from "../../../../src/cli/result-text.ts";
import type { BaselineState, EnglishBaseline } from "../../../../src/protocol/baseline.ts";
import type { RunResult } from "../../../../src/protocol/result.ts";
import { failedResult, NASTY } from "./results.ts";

type Figure = EnglishBaseline["figures"][number];

const FIGURE: Figure = {
  ...{ step: "create", metric: "queue", figure: "p50", label: "Queue p50", unit: "duration" },
  ...{ now: 12_500, before: 10_000, change: 0.25, margin: 0.1, visible: 0.14, samples: 200, least: 20 },
  state: "same",
};

function resultWith(
  state: BaselineState,
  figures: Partial<Figure>[] = [{ state }],
  asked = "last-passed",
): RunResult {
  const baseline = { run: "abcd1234", asked, state, confidence: 0.99, earlier: 1 };
  return {
    ...failedResult("it failed"),
    baseline: { ...baseline, figures: figures.map((one) => ({ ...FIGURE, ...one })) },
  };
}

async function junitCase(result: RunResult) {
  const { testsuite = [] } = (await parse(junitOfRun(result))) as TestSuites;
  return testsuite[0]?.testcase?.find(({ name }) => name?.startsWith("baseline"));
}

const annotation = (result: RunResult) =>
  annotationsOf(result).find(({ title }) => title.startsWith("Baseline"));
const gauge = (result: RunResult) =>
  /^coderd_scaletest_run_worse_than_baseline\{.*baseline="abcd1234".*\} (\d)$/m.exec(
    prometheusOfRun(result, { steps: [] }),
  )?.[1];

describe("a run beside an earlier one", () => {
  it("that is worse is a failed test, an error, and a 1", async () => {
    const result = resultWith("worse", [{ state: "worse", sure: 0.12 }]);
    const text = "worse than run abcd1234: Queue p50 12.5s, was 10s (+25 %, 99 % sure of +12 % or more)";
    expect(await junitCase(result)).toMatchObject({
      name: "baseline last-passed",
      failure: [{ type: "baseline", message: text }],
    });
    expect(annotation(result)).toEqual({ level: "error", title: "Baseline last-passed", text });
    expect(gauge(result)).toBe("1");
    expect(githubSummary(result)).toContain("| worse | worse than run abcd1234: Queue p50 12\\.5s");
    expect(resultText(result)).toContain(`Baseline: ${text}\n  ✗ Queue p50 12.5s, was 10s (+25 %, `);
  });

  it("without enough data is neither passed nor failed", async () => {
    const result = resultWith("not_enough");
    const found = await junitCase(result);
    expect([found?.failure, found?.error, found?.skipped?.length]).toEqual([undefined, undefined, 1]);
    expect(annotation(result)?.level).toBe("warning");
    expect(gauge(result)).toBeUndefined();
  });

  it("that is as good or better is a passed test and a 0; that it is better is told", async () => {
    for (const state of ["same", "better"] as const) {
      const result = resultWith(state);
      const found = await junitCase(result);
      expect([found?.name, found?.failure, found?.skipped]).toEqual([
        "baseline last-passed",
        undefined,
        undefined,
      ]);
      expect(gauge(result)).toBe("0");
      expect(annotation(result)?.level).toBe(state === "better" ? "notice" : undefined);
    }
  });

  const FEW: Partial<EnglishBaseline["figures"][number]>[] = [
    { state: "not_enough", samples: 12 },
    { state: "not_enough", visible: 0.45 },
    { state: "not_enough", visible: undefined },
    { state: "not_enough", visible: 4_000 },
  ];
  const SAME = { unit: "share", now: 0.0102, before: 0.005, change: 0.0052, label: "Failure rate" } as const;
  const figuresIn = (text: string) => text.split("\n").filter((line) => /^ {2}[?=] /.test(line));

  it.each([
    [0, "  ? Queue p50: not enough data: 12 samples, 20 are needed"],
    [1, "  ? Queue p50: not enough data: only +45 % and more would show"],
    [2, "  ? Queue p50: not enough data: its samples are of too short a time"],
    [3, "  ? Queue p50: not enough data: it is too unsteady to compare"],
  ])("says why a figure is not judged (%i)", (which, line) => {
    const text = resultText(resultWith("same", [...FEW.slice(which, which + 1), { state: "same", ...SAME }]));
    expect(figuresIn(text)).toEqual([line, "  = Failure rate 1.02 %, was 0.5 % (+0.52 points)"]);
  });

  it("counts the figures with too little data in one line where they are many", () => {
    const text = resultText(resultWith("same", [...FEW, { state: "same", ...SAME }]));
    expect(figuresIn(text)).toEqual([
      "  = Failure rate 1.02 %, was 0.5 % (+0.52 points)",
      "  ? 4 figures have too little data",
    ]);
    expect(text).toContain(
      "no worse than run abcd1234: 1 of 5 figures within their margins, not enough data for 4",
    );
  });

  it.each(NASTY)("%j in its name makes no command, and no line", (text) => {
    const result = resultWith("worse", [{ state: "worse", label: text, step: text }], text);
    const annotations = annotationsOf(result);
    const lines = githubCommands(annotations)
      .split(/\r\n|\r|\n/)
      .filter((line) => line !== "");
    expect(lines).toHaveLength(annotations.length);
    expect(resultText(result).split("\n")).toHaveLength(resultText(resultWith("worse")).split("\n").length);
  });
});
