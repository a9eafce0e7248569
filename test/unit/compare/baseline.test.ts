import { describe, expect, it } from "vitest";
import type { RunData } from "../../../src/compare/data.ts";
import { compareData } from "../../../src/compare/judge.ts";
import { sayBaseline, sayFigureState } from "../../../src/protocol/baseline.ts";
import { english } from "../../../src/text/message.ts";
import { Chance, EQUAL, type Generated, generatedRun, type Noise, STEPS } from "./generated.ts";

/**
 * What runs differ by without any reason: 1 % from run to run, 3 % from second to second, of which each has 0.6 of the one
 * before, and 10 % from message to message and from job to job (standard deviations of logarithms).
 */
const NOISE: Noise = { run: 0.01, second: 0.03, correlation: 0.6, message: 0.1 };
/** 20,400 messages and 200 jobs. */
const SAMPLE: Generated = { ...EQUAL, seconds: 120, messages: 170 };

/** `count` pairs of runs; each by its own seed, so that a test can be looked at by one of them. */
function pairs(
  count: number,
  { change = {}, noise = NOISE, sample = SAMPLE, earlier = 1, seed = 1 }: PairOptions = {},
) {
  return Array.from({ length: count }, (_, at) => {
    const chance = new Chance(seed * 1_000 + at);
    const before = Array.from({ length: earlier }, (_, number) =>
      generatedRun(`before${number}`, chance, noise, sample),
    );
    const now = generatedRun("now", chance, noise, { ...sample, ...change });
    return compared(now, before);
  });
}

interface PairOptions {
  change?: Partial<Generated>;
  noise?: Noise;
  sample?: Generated;
  earlier?: number;
  seed?: number;
}

function compared(now: RunData, [baseline, ...others]: readonly RunData[]) {
  if (!baseline) throw new Error("there is no baseline");
  return { asked: "last-passed", ...compareData(now, { baseline, others }, STEPS) };
}

const alarms = (all: ReturnType<typeof pairs>) => all.filter(({ state }) => state === "worse");
/** Of those that raise an alarm, the figures that do. */
const named = (all: ReturnType<typeof pairs>) =>
  all.map(({ figures }) =>
    figures.filter(({ state }) => state === "worse").map(({ metric, figure }) => `${metric}.${figure}`),
  );

describe("a run beside an earlier one, 20 ms away", () => {
  it("raises no alarm in 20 equal runs", () => {
    const all = pairs(20);
    expect(all.map(({ state }) => state)).toEqual(Array(20).fill("same"));
  });

  it("raises a false alarm in at most 1 of 100, over all figures together: 300 pairs at the noise that is assumed", () => {
    // Twice the noise of the others, in short runs of few messages: 1,200 of them in a minute.
    const noise = { run: 0.02, second: 0.05, correlation: 0.7, message: 0.1 };
    const all = pairs(300, { noise, sample: { ...EQUAL, messages: 20, jobs: 100 }, seed: 2 });
    expect(alarms(all).length).toBeLessThanOrEqual(3);
    expect(all[0]?.figures.length).toBeGreaterThan(10);
  });

  it("holds that, too, where runs differ by more than is assumed and earlier ones show it: 100 pairs", () => {
    const noise = { run: 0.04, second: 0.05, correlation: 0.7, message: 0.1 };
    const all = pairs(100, { noise, sample: { ...EQUAL, messages: 10, jobs: 40 }, earlier: 8, seed: 3 });
    expect(alarms(all).length).toBeLessThanOrEqual(1);
  });

  it.each([
    ["20 % more round trip", { roundTripMs: 24 }, "round_trip."],
    ["20 % more queue time", { queue: 1.2 }, "queue."],
    [
      "0.5 points more failures of 20,400 messages, of which 0.5 % failed before",
      { failures: 0.01 },
      "ticks.lost_rate",
    ],
  ])("raises an alarm in 20 of 20 with %s", (_what, change, metric) => {
    const all = named(pairs(20, { change, seed: 4 }));
    expect(all.filter((figures) => figures.some((figure) => figure.startsWith(metric)))).toHaveLength(20);
  });

  it("raises it as well against several earlier runs, of which it says the number", () => {
    const all = pairs(20, { change: { roundTripMs: 24 }, earlier: 2, seed: 5 });
    expect(alarms(all)).toHaveLength(20);
    expect(all[0]?.earlier).toBe(2);
  });

  it("says what is worse, by how much, and what of it is sure", () => {
    const [slower] = pairs(1, { change: { roundTripMs: 26 }, seed: 6 });
    expect(slower && english(sayBaseline(slower))).toMatch(
      /^worse than run before0: Round trip p50 \(traffic\) \d+ms, was \d+ms \(\+\d+ %, 99 % sure of \+\d+(\.\d)? % or more\); Round trip p95 /,
    );
  });

  it("says that it is better", () => {
    const [faster] = pairs(1, { change: { roundTripMs: 15 }, seed: 7 });
    expect(faster?.state).toBe("better");
    expect(faster && english(sayBaseline(faster))).toMatch(
      /^better than run before0: Round trip p50 .*\(−2\d %/,
    );
  });

  it("has not enough data below the sample that could show the margin, whatever the change is", () => {
    const few = { ...EQUAL, seconds: 4, messages: 2, jobs: 6 };
    const all = pairs(20, { sample: few, change: { roundTripMs: 24, queue: 1.2 }, seed: 8 });
    expect(alarms(all)).toEqual([]);
    const trips = all.flatMap(({ figures }) => figures.filter(({ metric }) => metric === "round_trip"));
    expect(new Set(trips.map(({ state }) => state))).toEqual(new Set(["not_enough"]));
    const [first] = all;
    const p50 = trips[0];
    expect(first && p50 && english(sayFigureState(p50, first))).toBe(
      "Round trip p50 (traffic): not enough data: 8 samples, 20 are needed",
    );
  });

  it("judges by 22 seconds, which make four blocks, if not of equal length", () => {
    const trip = (seconds: number) =>
      pairs(1, { sample: { ...SAMPLE, seconds }, change: { roundTripMs: 60 }, seed: 11 })[0]?.figures.find(
        ({ metric, figure }) => metric === "round_trip" && figure === "p50",
      )?.state;
    expect(trip(22)).toBe("worse");
  });

  it("does not take seconds for independent samples: 10 slow ones together are one event", () => {
    const chance = new Chance(9);
    const before = generatedRun("before", chance, NOISE, SAMPLE);
    // What 10 of 120 seconds do to their p95 is known by one look alone.
    const steps = [{ name: "traffic", metrics: STEPS[1]?.metrics ?? [] }];
    const stalled = generatedRun("now", chance, NOISE, SAMPLE, { from: 60, until: 70, factor: 1.4 });
    const result = compareData(stalled, { baseline: before, others: [] }, steps);
    const p95 = result.figures.find(({ metric, figure }) => metric === "round_trip" && figure === "p95");
    expect(p95?.change).toBeGreaterThan(0.1);
    expect(p95?.state).toBe("not_enough");
  });

  it("counts failures that come in a burst as one event", () => {
    const sample = { ...SAMPLE, failures: 0 };
    const chance = new Chance(10);
    const before = generatedRun("before", chance, NOISE, sample);
    // A replica that leaves: 120 of 20,400 messages in three seconds are 0.6 points.
    const burst = generatedRun("now", chance, NOISE, sample, { from: 60, until: 63, lost: 40 });
    const spread = generatedRun("now", chance, NOISE, { ...sample, failures: 0.006 });
    const lost = (now: RunData) =>
      compared(now, [before]).figures.find(({ figure }) => figure === "lost_rate")?.state;
    expect(lost(burst)).toBe("not_enough");
    expect(lost(spread)).toBe("worse");
  });
});
