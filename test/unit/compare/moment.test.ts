import { describe, expect, it } from "vitest";
import { jobValues, type RunData } from "../../../src/compare/data.ts";
import { durationsOf } from "../../../src/compare/estimate.ts";
import { compareData } from "../../../src/compare/judge.ts";
import { StepWindows } from "../../../src/compare/windows.ts";
import { allFigures } from "../../../src/measure/to-show.ts";
import { Sum } from "../../../src/measure/totals.ts";
import { workloadNamed } from "../../../src/workloads/index.ts";
import { Chance } from "./generated.ts";

const STEPS = [{ name: "create", metrics: workloadNamed("create-workspaces").metrics }];

/** 40 workspaces whose builds take so long, each of them begun so many milliseconds after the one before. */
function creation(ms: number, apartMs: number, seed: number): RunData {
  const chance = new Chance(seed);
  const rows = Array.from({ length: 40 }, (_, at) => {
    const provision = ms * chance.factor(0.05);
    return { startedAt: at * apartMs, readyMs: provision, phases: { provision } };
  });
  const all = durationsOf(rows.map(({ readyMs }) => readyMs));
  const figures = { labels: {}, count: all.count, mean: all.mean?.ms ?? 0, p50: all.percentile(50)?.ms ?? 0 };
  const provision = { kind: "duration", unit: "ms", better: "lower", series: [figures] };
  return { id: "run", steps: new Map([["create", { metrics: { provision }, jobs: jobValues(rows) }]]) };
}

const judged = (now: RunData, baseline: RunData, others: RunData[] = []) =>
  compareData(now, { baseline, others }, STEPS).figures.find(({ figure }) => figure === "mean");

/** A minute in which an API was asked 40 times, in these of its seconds. */
function asked(ms: number, seconds: readonly number[], seed: number): RunData {
  const chance = new Chance(seed);
  const windows = new StepWindows(STEPS[0]?.metrics ?? []);
  const all = new Sum();
  for (let second = 0; second < 60; second++) {
    const share = seconds.filter((one) => one === second).length / seconds.length;
    const calls = Array.from({ length: Math.round(40 * share) }, () => ms * chance.factor(0.1));
    const values = calls.length > 0 ? { 'api_latency{method="GET"}': durationsOf(calls).value() } : {};
    windows.take({ values: { measured: values }, places: ["runner"], ms: 1_000 });
    all.add(values);
  }
  return {
    id: "run",
    steps: new Map([["create", { metrics: allFigures(STEPS[0]?.metrics ?? [], all), windows }]]),
  };
}

describe("API calls of a run beside those of an earlier one", () => {
  const spread = Array.from({ length: 20 }, (_, at) => 3 * at);
  const latency = (now: RunData, before: RunData) =>
    compareData(now, { baseline: before, others: [] }, STEPS).figures.find(
      ({ metric, figure }) => metric === "api_latency" && figure === "p50",
    )?.state;

  it("are one look where nearly all are of one moment, as a run's first calls are", () => {
    expect(latency(asked(20, [0], 1), asked(11, [0], 2))).toBe("not_enough");
    expect(latency(asked(20, [...Array(39).fill(1), 50], 1), asked(11, [...Array(39).fill(1), 50], 2))).toBe(
      "not_enough",
    );
  });

  it("are judged where they are of all of the run", () => {
    expect(latency(asked(20, spread, 1), asked(11, spread, 2))).toBe("worse");
    expect(latency(asked(20, spread, 1), asked(11, [0], 2))).toBe("not_enough");
  });
});

describe("jobs of a run beside those of an earlier one", () => {
  it("are one look where they are all of one moment: a stall in it would be in all of them", () => {
    expect(judged(creation(9_000, 5, 1), creation(3_000, 5, 2))).toMatchObject({ state: "not_enough" });
    expect(judged(creation(9_000, 5, 1), creation(3_000, 5, 2))?.visible).toBeUndefined();
  });

  it("are as many looks as there are stretches of time", () => {
    expect(judged(creation(9_000, 2_000, 1), creation(3_000, 2_000, 2))?.state).toBe("worse");
    expect(judged(creation(3_000, 2_000, 1), creation(3_000, 2_000, 2))?.state).toBe("same");
  });

  it("are judged by other runs, too, where there are three", () => {
    const earlier = [2_950, 3_000, 3_050, 2_980].map((ms, at) => creation(ms, 5, at));
    const [baseline, ...others] = earlier;
    if (!baseline) throw new Error("no baseline");
    expect(judged(creation(4_500, 5, 9), baseline, others)?.state).toBe("worse");
    expect(judged(creation(3_030, 5, 9), baseline, others)?.state).toBe("same");
    expect(judged(creation(4_500, 5, 9), baseline, others.slice(0, 1))?.state).toBe("not_enough");
  });

  it("keep what chance makes of each, where they wait for each other", () => {
    const queue = (seed: number): RunData => {
      const chance = new Chance(seed);
      const rows = Array.from({ length: 60 }, (_, at) => {
        const ms = 2_000 * (at + 1) * chance.factor(0.5);
        return { startedAt: at, readyMs: ms, phases: { queue: ms } };
      });
      const all = durationsOf(rows.map(({ readyMs }) => readyMs));
      const figures = { labels: {}, count: all.count, p50: all.percentile(50)?.ms ?? 0 };
      const metric = { kind: "duration", unit: "ms", better: "lower", series: [figures] };
      return {
        id: "run",
        steps: new Map([["create", { metrics: { queue: metric }, jobs: jobValues(rows) }]]),
      };
    };
    const { figures } = compareData(queue(1), { baseline: queue(2), others: [] }, STEPS);
    // By when they were ready, they would be in the order of what they took, and every other order forgotten.
    expect(figures.find(({ figure }) => figure === "p50")?.visible).toBeGreaterThan(0.25);
  });

  it("differ by more than is assumed: where earlier runs show it, what would be an alarm is none", () => {
    const [baseline, ...others] = [3_000, 3_900, 2_500, 3_400].map((ms, at) => creation(ms, 2_000, at));
    if (!baseline) throw new Error("no baseline");
    expect(judged(creation(3_900, 2_000, 9), baseline)?.state).toBe("worse");
    expect(judged(creation(3_900, 2_000, 9), baseline, others)?.state).toBe("not_enough");
  });
});
