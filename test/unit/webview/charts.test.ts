import { describe, expect, it } from "vitest";
import type { Chart } from "../../../src/protocol/description.ts";
import type { Sample } from "../../../src/protocol/snapshot.ts";
import { say } from "../../../src/text/message.ts";
import { columnsOf } from "../../../src/webview/charts/columns.ts";
import { groupsIn, leftOutAt, marksIn, shownIn } from "../../../src/webview/charts/groups.ts";
import { linesOf } from "../../../src/webview/charts/lines.ts";
import { MergedSeconds } from "../../../src/webview/charts/percentiles.ts";
import { summaryOf } from "../../../src/webview/charts/summary.ts";
import { validityText } from "../../../src/webview/charts/validity.ts";
import { Described } from "../../../src/webview/model/described.ts";
import { changed, type Numbers, placeOf } from "../../webview/described.ts";
import { CREATION_DESCRIPTION, fixtureSample } from "../../webview/fixtures.ts";
import {
  endedTraffic,
  endedTrafficSamples,
  TRAFFIC,
  trafficSample,
  trafficSamples,
} from "../../webview/traffic-fixtures.ts";

const creation = new Described(CREATION_DESCRIPTION);
const traffic = new Described(TRAFFIC);
const ALL = { min: 0, max: 1e6 };

/** Seconds of a creation, one after another; each has these figures. */
function seconds(count: number, numbers: (second: number) => Numbers): Sample[] {
  const { step, values } = fixtureSample(1, 0);
  return Array.from({ length: count }, (_, second) => ({
    step,
    second,
    values: changed(CREATION_DESCRIPTION, values, numbers(second)),
  }));
}

function chartOf(described: Described, id: string): Chart {
  const chart = described.description.charts.find((one) => one.id === id);
  if (!chart) throw new Error(`no chart ${id}`);
  return chart;
}

function columns(described: Described, id: string, samples: readonly Sample[], limit = 600, span = ALL) {
  const chart = chartOf(described, id);
  const groups = groupsIn(samples, span, limit);
  return columnsOf(linesOf(chart, described), chart.stacked ?? false, samples, groups);
}

function summary(
  described: Described,
  id: string,
  samples: readonly Sample[],
  span = ALL,
  result?: ReturnType<typeof endedTraffic>["figures"],
) {
  const shown = { described, samples, group: shownIn(samples, span), span, result, merged: new Map() };
  return summaryOf(linesOf(chartOf(described, id), described), shown);
}

describe("a line that is looked at once in some seconds", () => {
  const held = (every: number | undefined, values: readonly (number | null)[]) => {
    const description = {
      ...CREATION_DESCRIPTION,
      charts: [
        {
          id: "held",
          title: "",
          note: "",
          lines: [
            {
              label: "",
              figure: { metric: "generator_cpu", figure: "mean" },
              colour: "blue" as const,
              ...(every === undefined ? {} : { every }),
            },
          ],
        },
      ],
    };
    const described = new Described(description);
    const place = placeOf(description, { metric: "generator_cpu", figure: "mean" });
    const samples = values.map((value, second) => ({
      step: "a",
      second,
      values: description.series.map((_, at) => (at === place ? value : null)),
    }));
    return columns(described, "held", samples)[1];
  };

  it("is drawn as the last look had it, until it is clear that there was no other", () => {
    const gone = [null, null, null];
    expect(held(2, [null, 1, null, 2, null, null, ...gone, 3])).toEqual([
      ...[null, 1, 1, 2, 2, 2, 2],
      ...[null, null, 3],
    ]);
    expect(held(undefined, [1, null, 2])).toEqual([1, null, 2]);
  });
});

const calls = (samples: Sample[]) => columns(creation, "api", samples)[1];
const rounded = (values: (number | null)[] | undefined) =>
  values?.map((value) => (value === null ? null : Math.round(value * 10) / 10));

describe("seconds that are drawn together", () => {
  const hour = seconds(3_600, (second) => ({ "loop_lateness.p99": second === 1_234 ? 999 : 1 }));

  it("are on a fixed grid, so that old points stay where they were, and end with the newest", () => {
    const before = columns(creation, "generator", hour.slice(0, 3_000))[0];
    const after = columns(creation, "generator", hour.slice(0, 3_001), 601)[0];
    expect(before.length).toBeLessThanOrEqual(601);
    expect(after.slice(0, 500)).toEqual(before.slice(0, 500));
    expect(after.at(-1)).toBe(3_001);
  });

  it("stay where they were when the oldest are forgotten", () => {
    const times = (samples: Sample[]) =>
      groupsIn(samples, ALL, 600).map(({ end }) => samples[end - 1]?.second);
    const later = times(hour.slice(7, 3_600));
    expect(times(hour).slice(5)).toEqual(later.slice(later.length - times(hour).length + 5));
  });

  it("keep the worst second of a duration", () => {
    const [times, late = []] = columns(creation, "generator", hour);
    expect(times.length).toBeLessThanOrEqual(601);
    expect(Math.max(...late.map((value) => value ?? 0))).toBe(999);
  });

  it("have the mean of what is counted: a spike of calls is in it, not lost", () => {
    const spiked = seconds(1_200, (second) => ({ "api_calls.count": second === 600 ? 100 : 0 }));
    const [, rates = []] = columns(creation, "api", spiked);
    expect(rates.reduce((sum: number, rate) => sum + (rate ?? 0) * 2, 0)).toBeCloseTo(100);
  });

  it("are cut to a part of the time, and one beyond either end", () => {
    const [times] = columns(creation, "generator", hour, 600, { min: 100, max: 200 });
    expect([times[0], times.at(-1)]).toEqual([100, 201]);
    expect(groupsIn([], { min: 0, max: 1 }, 600)).toEqual([]);
  });
});

describe("what is marked", () => {
  const marked: Sample[] = [
    {},
    { paused: true },
    { paused: true },
    {},
    { invalid: say("late") },
    { invalid: say("late") },
  ]
    .map((mark, second) => ({ step: "s", second, values: [], ...mark }) as Sample)
    .concat([{ step: "s", second: 6, values: [], invalid: say("no room") }]);
  const marks = marksIn(marked, { from: 0, end: marked.length });

  it("is each pause and each reason once, whole", () => {
    expect(marks).toEqual([
      { min: 1, max: 3 },
      { min: 4, max: 6, reason: say("late") },
      { min: 6, max: 7, reason: say("no room") },
    ]);
    expect(marksIn(marked, { from: 0, end: 1 })).toEqual([]);
  });

  it("says why a second is left out, and nothing of a pause", () => {
    expect([1, 3, 4, 5, 6, 7].map((time) => leftOutAt(marks, time))).toEqual([
      undefined,
      undefined,
      undefined,
      say("late"),
      say("late"),
      say("no room"),
    ]);
  });

  it("is told in one line: how many seconds count, and the first that does not", () => {
    const first = { second: 20, reason: say("generator late") };
    expect(validityText({ measured: 70, valid: 65, tooFew: false, first })).toBe(
      "65 of 70 s valid; the first left out at 00:20: generator late",
    );
    expect(validityText({ measured: 70, valid: 70, tooFew: false })).toBe("");
  });
});

describe("a line", () => {
  it("of parts of a whole is the sum of those below it", () => {
    const sample = fixtureSample(200, 22_000);
    const [, failed, ...above] = columns(creation, "jobs", [sample]);
    expect(failed).toEqual([
      sample.values[creation.placeOf({ metric: "jobs", figure: "last", labels: { state: "failed" } }) ?? -1],
    ]);
    expect(above.at(-1)).toEqual([200]);
  });

  it("of connections adds up to the planned ones, those that are not open included", () => {
    for (const at of [2_000, 30_000, 60_000]) {
      expect(columns(traffic, "connections", [trafficSample(at)]).at(-1)).toEqual([100]);
    }
  });

  it("of what is counted each second is a rate over its last seconds, and over the run's first ones", () => {
    expect(calls(seconds(3, () => ({ "api_calls.count": 8 })))).toEqual([8, 8, 8]);
    const ready = seconds(30, (second) => ({ "ready.ended": second >= 10 && second < 20 ? 2 : 0 }));
    const [, pace = []] = columns(creation, "pace", ready);
    expect([pace[4], pace[9], pace[14], pace[19], pace[24], pace[29]]).toEqual([0, 0, 60, 120, 60, 0]);
    const [, first = []] = columns(
      creation,
      "pace",
      seconds(2, () => ({ "ready.ended": 1 })),
    );
    expect(rounded(first)).toEqual([60, 60]);
  });

  it("has a gap where nothing was measured: no round trip is not a fast one", () => {
    const silent = { "round_trip.p50": null, "round_trip.p95": null, "round_trip.p99": null };
    const [times, p50] = columns(traffic, "round_trip", [
      trafficSample(20_000, silent),
      trafficSample(21_000),
    ]);
    expect([times, p50]).toEqual([
      [20, 21],
      [null, 11.5],
    ]);
  });

  it("that is a limit is the same at all times, between the left axis and the right", () => {
    const lines = linesOf(chartOf(traffic, "generator"), traffic);
    expect(lines.map(({ label, dashed }) => [label, dashed])).toEqual([
      ["late p99", false],
      ["limit", true],
      ["cores", false],
    ]);
    expect(columns(traffic, "generator", trafficSamples(2_000))[2]).toEqual([10, 10]);
  });

  it("tells its value in the other unit, too, where the run gives one", () => {
    const [offered] = linesOf(chartOf(traffic, "throughput"), traffic);
    expect(offered?.format(495)).toBe("495/s · 1.98 MB/s");
  });
});

describe("what a chart comes to", () => {
  const ended = endedTrafficSamples(60_000);

  it("of a run whose measured part is over is its result, not its last second", () => {
    const { figures } = endedTraffic(60_000);
    expect(summary(traffic, "round_trip", ended, ALL, figures)).toEqual({ texts: ["12ms", "40ms", "73ms"] });
    expect(summary(traffic, "throughput", ended, ALL, figures)).toEqual({
      texts: ["1,000/s · 4.00 MB/s", "997/s · 3.99 MB/s"],
    });
    expect(summary(traffic, "connections", ended, ALL, figures).texts).toEqual([
      "max 0",
      "max 100",
      "max 5",
      "max 4",
      "max 90",
    ]);
  });

  it("says of a figure of which no more is known that it is at least so much", () => {
    const { figures } = endedTraffic(60_000);
    const p99 = { value: 60_000, unit: "duration" as const, atLeast: { unfinished: 3, of: 100 } };
    const { texts } = summary(traffic, "round_trip", ended, ALL, { ...figures, "round_trip.p99": p99 });
    expect(texts[2]).toBe("> 1m0s");
  });

  it("of a part of it is that of its seconds", () => {
    const span = { min: 40, max: 50 };
    const { texts, span: told } = summary(traffic, "throughput", ended, span);
    expect(texts).toEqual(["mean 1,000/s · 4.00 MB/s", "mean 1,000/s · 4.00 MB/s"]);
    expect(told).toEqual(span);
    const [p50 = ""] = summary(traffic, "round_trip", ended, span).texts;
    expect(Number.parseFloat(p50)).toBeGreaterThanOrEqual(11);
    expect(Number.parseFloat(p50)).toBeLessThanOrEqual(13);
  });

  it("is nothing where there is nothing in it", () => {
    const span = { min: 20, max: 30 };
    expect(summary(traffic, "round_trip", trafficSamples(10_000), span).texts).toEqual(["–", "–", "–"]);
    expect(summary(creation, "api", [], span).texts).toEqual(["–"]);
    expect(new Set(summary(creation, "jobs", [], span).texts)).toEqual(new Set(["–"]));
  });

  it("leaves the seconds after the end out of a mean, and a standstill in its middle in it", () => {
    expect(summary(traffic, "throughput", ended).texts[0]).toBe("mean 1,000/s · 4.00 MB/s");
    const still = trafficSamples(20_000).map((sample, at) =>
      at === 15 ? trafficSample(16_000, { 'ticks{outcome="carried"}.rate': 0 }) : sample,
    );
    expect(summary(traffic, "throughput", still, { min: 10, max: 20 }).texts[1]).toBe(
      "mean 900/s · 3.60 MB/s",
    );
  });

  it("leaves seconds out that are not in the figures, and pauses, but not the worst of them", () => {
    const samples = trafficSamples(40_000).map((sample, at) =>
      at < 30
        ? sample
        : {
            ...trafficSample((at + 1) * 1_000, { "lateness.p99": 80, "round_trip.p50": 900 }),
            invalid: say("late"),
          },
    );
    const span = { min: 20, max: 40 };
    expect(Number.parseFloat(summary(traffic, "round_trip", samples, span).texts[0] ?? "")).toBeLessThan(20);
    expect(summary(traffic, "generator", samples, span).texts).toEqual(["max 80ms", "10ms", "mean 0.40"]);
  });

  it("of calls is all of them by the time, and of states how it ended", () => {
    const samples = seconds(2, (second) => ({ "api_calls.count": second === 0 ? 10 : 20 }));
    expect(summary(creation, "api", samples).texts).toEqual(["mean 15"]);
    expect(summary(creation, "api", samples, { min: 1, max: 2 }).texts).toEqual(["mean 20"]);
    expect(summary(creation, "jobs", samples).span).toEqual({ min: 2, max: 2 });
  });

  it("of the generator has its worst lateness", () => {
    const samples = seconds(2, (second) => ({ "loop_lateness.p99": second === 0 ? 350 : 3 }));
    expect(summary(creation, "generator", samples).texts[0]).toBe("max 350ms");
  });
});

describe("percentiles of several seconds", () => {
  /** Of each second: how many, and its median. */
  function merged(...seconds: [count: number, p50: number][]): MergedSeconds {
    const all = new MergedSeconds([0.5, 0.95, 0.99, 1], seconds.length);
    for (const [count, p50] of seconds) all.add(count, (place) => p50 * (place + 1));
    return all;
  }

  it("are those of each where all are alike", () => {
    const alike = merged([100, 10], [7, 10]);
    expect([0.5, 0.95, 0.99].map((share) => alike.percentile(share))).toEqual([10, 20, 30]);
    expect(alike.percentile(0.725)).toBeCloseTo(15, 2);
  });

  it("are no mean: a tenth of slow echoes is in the 95th, and hardly in the median", () => {
    const several = merged([900, 10], [100, 1_000]);
    expect(several.percentile(0.95)).toBeGreaterThan(900);
    expect(several.percentile(0.5)).toBeLessThan(12);
  });

  it("are between those of its seconds, whatever they weigh", () => {
    for (const share of [0.5, 0.95, 0.99]) {
      const place = [0.5, 0.95, 0.99].indexOf(share) + 1;
      const value = merged([1, 4], [999, 7], [50, 2_000]).percentile(share) ?? Number.NaN;
      expect(value).toBeGreaterThanOrEqual(4 * place);
      expect(value).toBeLessThanOrEqual(2_000 * place);
    }
  });

  it("are none where nothing was observed", () => {
    expect(merged().percentile(0.5)).toBeNull();
    expect(merged([0, 10]).percentile(0.5)).toBeNull();
  });
});

it("a second has a value for every figure that a chart draws", () => {
  for (const { description } of [creation, traffic])
    for (const { lines } of description.charts)
      for (const { figure } of lines) expect(placeOf(description, figure)).toBeGreaterThanOrEqual(0);
});
