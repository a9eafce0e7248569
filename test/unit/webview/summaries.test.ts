import { describe, expect, it } from "vitest";
import type { Sample } from "../../../src/protocol/snapshot.ts";
import { figures } from "../../../src/webview/model/figures.ts";
import { apiColumns, generatorColumns } from "../../../src/webview/model/series.ts";
import {
  apiSummary,
  connectionSummary,
  generatorSummary,
  mergedPercentile,
  roundTripSummary,
  shownIn,
  stateSummary,
  throughputSummary,
} from "../../../src/webview/model/summaries.ts";
import { fixtureSample, fixtureSnapshot } from "../../webview/fixtures.ts";
import { endedTrafficSamples, trafficAt, trafficSamples } from "../../webview/traffic-fixtures.ts";

const outcome = {
  verdict: "failed",
  summary: "",
  succeeded: 5,
  failed: 3,
  orphans: 0,
  kept: 0,
  exitCode: 1,
} as const;

function sample(t: number, changes: Partial<Sample> = {}): Sample {
  return { ...fixtureSample(8, t), t, ...changes };
}

/** Traffic that has ended two seconds ago. */
const endedTraffic = () => endedTrafficSamples(60_000);

describe("a rate", () => {
  it("is of a full second: the moment before a run's end is not made one", () => {
    // Fourteen calls in all, two of them in the last 55 ms.
    const calls = [
      [1_000, 8],
      [2_000, 12],
      [2_055, 14],
    ] as const;
    const [, rates = []] = apiColumns(calls.map(([t, apiCalls]) => sample(t, { apiCalls })));
    expect(rates.map((rate) => Math.round((rate ?? 0) * 10) / 10)).toEqual([8, 4, 5.7]);
  });

  it("is never more than what there was, however short the run", () => {
    const [, rates = []] = apiColumns([sample(180, { apiCalls: 14 }), sample(230, { apiCalls: 15 })]);
    expect(rates).toEqual([14, 15]);
  });

  it("of cores is a gap where there is no full second", () => {
    const [, , cores] = generatorColumns([sample(1_000, { cpu: 0.2 }), sample(1_050, { cpu: 3.1 })]);
    expect(cores).toEqual([0.2, null]);
  });
});

describe("what a chart comes to", () => {
  it("of a run of traffic that is over is its result, not its last second", () => {
    const shown = shownIn(endedTraffic(), { min: 0, max: 62 });
    const { total } = trafficAt(60_000, { part: "over" });
    const { p50, p95, p99 } = total.roundTrip;
    expect(roundTripSummary(shown, total).values).toEqual([p50, p95, p99]);
    expect(throughputSummary(shown, total, 1).values).toEqual([
      total.offeredBytesPerSecond,
      total.achievedBytesPerSecond,
    ]);
    const [down, active] = connectionSummary(shown).values;
    expect([down, active]).toEqual([0, 100]);
  });

  it("of a part of it is that of its seconds", () => {
    const span = { min: 40, max: 50 };
    const shown = shownIn(endedTraffic(), span);
    const [p50, p95, p99] = roundTripSummary(shown, undefined).values;
    expect(p50).toBeGreaterThan(10);
    expect(p50).toBeLessThan(15);
    expect((p95 ?? 0) < (p99 ?? 0)).toBe(true);
    expect(throughputSummary(shown, undefined, 4_000)).toMatchObject({
      values: [1_000, 1_000],
      words: ["mean", "mean"],
      span,
    });
  });

  it("is nothing where there is nothing in it", () => {
    const nothing = shownIn(trafficSamples(10_000), { min: 20, max: 30 });
    expect(roundTripSummary(nothing, undefined).values).toEqual([null, null, null]);
    expect(apiSummary(nothing).values).toEqual([null]);
    expect(stateSummary(nothing).values.every((value) => value === null)).toBe(true);
  });

  it("leaves out of a mean rate the seconds after the end", () => {
    const shown = shownIn(endedTraffic(), { min: 0, max: 62 });
    expect(throughputSummary(shown, undefined, 1).values[0]).toBeCloseTo(4_000_000);
  });

  it("of calls is all of them by the time, and of states how it ended", () => {
    const samples = [sample(1_000, { apiCalls: 10 }), sample(2_000, { apiCalls: 30 })];
    expect(apiSummary(shownIn(samples, { min: 0, max: 2 })).values).toEqual([15]);
    expect(apiSummary(shownIn(samples, { min: 1.5, max: 2 })).values).toEqual([20]);
    expect(stateSummary(shownIn(samples, { min: 0, max: 2 })).span).toEqual({ min: 2, max: 2 });
  });

  it("of the generator has its worst lateness", () => {
    const samples = [350, 3].map((latenessP99Ms, index) => sample((index + 1) * 1_000, { latenessP99Ms }));
    expect(generatorSummary(shownIn(samples, { min: 0, max: 2 })).values[0]).toBe(350);
  });
});

describe("percentiles of several seconds", () => {
  const second = (count: number, p50: number) => ({ count, p50, p95: p50 * 2, p99: p50 * 3, max: p50 * 4 });

  it("are those of each where all are alike", () => {
    for (const [share, expected] of [
      [0.5, 10],
      [0.95, 20],
      [0.99, 30],
    ] as const)
      expect(mergedPercentile([second(100, 10), second(7, 10)], share)).toBeCloseTo(expected, 3);
  });

  it("are no mean: a tenth of slow echoes is in the 95th, and hardly in the median", () => {
    const seconds = [second(900, 10), second(100, 1_000)];
    expect(mergedPercentile(seconds, 0.95)).toBeGreaterThan(900);
    expect(mergedPercentile(seconds, 0.5)).toBeLessThan(12);
  });
});

describe("the figures of a run that has ended", () => {
  it("tell how late the generator was in all of it", () => {
    const samples = [350, 3].map((latenessP99Ms, index) =>
      sample((index + 1) * 1_000, { latenessP99Ms, cpu: 0.5 }),
    );
    const snapshot = fixtureSnapshot(8, 2_000, { state: "finished", outcome });
    expect(figures(snapshot, samples).find(({ id }) => id === "generator")).toMatchObject({
      value: "was late",
      tone: "warning",
      unit: "0.50 cores",
      detail: "late p99 at most 350ms of 50ms",
    });
  });
});

describe("what is in progress", () => {
  const progress = (changes: Parameters<typeof fixtureSnapshot>[2]) =>
    figures(fixtureSnapshot(8, 60_000, changes), []).find(({ id }) => id === "progress");
  const counts = { ...fixtureSnapshot(8, 0).counts, waiting: 0 };

  it("is told by state, whichever that is", () => {
    expect(progress({ counts: { ...counts, starting: 3, succeeded: 5 } })).toMatchObject({
      value: "3",
      detail: "3 starting",
    });
    expect(progress({ counts: { ...counts, active: 1, creating: 2, succeeded: 5 } })).toMatchObject({
      value: "3",
      detail: "2 creating · 1 in use",
    });
    expect(progress({ counts: { ...counts, succeeded: 8 } })).toMatchObject({ value: "0", detail: "none" });
  });

  it("says what it waits for and when that is given up, where nothing ends", () => {
    const waitsFor = { doing: "waiting for the agent", count: 3, limitMs: 536_000 };
    expect(progress({ counts: { ...counts, starting: 3, succeeded: 5 }, waitsFor })).toMatchObject({
      detail: "3 waiting for the agent · time limit in 08:56",
    });
  });
});
