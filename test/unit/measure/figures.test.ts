import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bucketOf, LONGEST_US, middleOf } from "../../../src/measure/buckets.ts";
import { Durations } from "../../../src/measure/durations.ts";
import { figureOf } from "../../../src/measure/figures.ts";
import { checkMetrics, type Metric } from "../../../src/measure/metric.ts";
import { matches, SeriesLimit } from "../../../src/measure/series.ts";
import { addValues, appendValue, look, type Value } from "../../../src/measure/values.ts";
import { parseSeriesKey, seriesKey } from "../../../src/protocol/series-key.ts";

const metric = (changes: Partial<Metric> & Pick<Metric, "name" | "kind">): Metric => ({
  unit: changes.kind === "duration" ? "ms" : "none",
  labels: [],
  better: "none",
  text: changes.name,
  ...changes,
});

const durations = (ended: number[], open: number[] = []) => {
  const made = new Durations();
  for (const ms of ended) made.record(ms);
  for (const ms of open) made.recordUnfinished(ms);
  return made;
};

describe("buckets", () => {
  it("hold every duration within a thousandth, in order", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: LONGEST_US }), (us) => {
        expect(Math.abs(middleOf(bucketOf(us)) - us)).toBeLessThanOrEqual(Math.max(0.5, us / 1_000));
        expect(bucketOf(us + 1)).toBeGreaterThanOrEqual(bucketOf(us));
      }),
    );
  });
});

describe("percentiles", () => {
  it("are of all that began, not of those that ended", () => {
    // 51 ended within 29 s, and nine waited for more than a minute: the p95 of 60 cannot be 29 s.
    const ready = durations(
      Array.from({ length: 51 }, (_, n) => 1_000 + n * 550),
      Array.from({ length: 9 }, () => 60_000),
    );
    expect(ready.percentile(50)).toMatchObject({ atLeast: false });
    const p95 = ready.percentile(95);
    expect(p95?.atLeast).toBe(true);
    expect(p95?.ms).toBeGreaterThanOrEqual(59_940);
    expect(ready.max).toEqual(p95);
    expect([ready.count, ready.unfinished]).toEqual([60, 9]);
  });

  it("count what will never end as longer than all that did, however soon that was known", () => {
    const trips = durations(Array.from({ length: 90 }, (_, n) => 10 + n));
    for (let n = 0; n < 10; n++) trips.recordNever(3);
    expect(trips.percentile(90)).toMatchObject({ atLeast: false });
    expect(trips.percentile(91)?.atLeast).toBe(true);
    expect(trips.percentile(95)?.ms).toBeCloseTo(99, 0);
    expect([trips.count, trips.unfinished]).toEqual([100, 10]);
    const trip = metric({ name: "trip", kind: "duration" });
    const figure = (name: string) =>
      figureOf(trip, name, {}, { values: new Map([["trip", trips]]), ms: 1_000, wholeMs: 1_000 });
    // What never ended has no part in how many did: of a run that failed, none became ready.
    expect(figure("ended")).toEqual({ value: 90, unit: "count" });
  });

  it("are lower bounds from the youngest that still goes on", () => {
    const some = durations([1, 2, 3, 4], [2.5]);
    expect(some.percentile(40)).toEqual({ ms: 2, atLeast: false });
    expect(some.percentile(80)).toMatchObject({ atLeast: true });
  });

  it("of nothing are absent, and of one are that one", () => {
    const none = new Durations();
    expect([none.percentile(95), none.min, none.max, none.mean]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    expect(durations([1.5]).percentile(99)?.ms).toBe(1.5);
    expect(durations([], [1.5]).percentile(1)).toEqual({ ms: 1.5, atLeast: true });
  });

  it("are those of the sorted list, whatever the order in which parts are merged", () => {
    const times = fc.array(fc.integer({ min: 0, max: 2_000 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(times, times, fc.integer({ min: 1, max: 100 }), (one, other, percent) => {
        const merged = durations(one.map((us) => us / 1_000));
        merged.merge(durations(other.map((us) => us / 1_000)));
        const sorted = [...one, ...other].sort((a, b) => a - b);
        const rank = Math.max(1, Math.ceil((percent / 100) * sorted.length - 1e-9));
        expect(merged.percentile(percent)?.ms).toBeCloseTo((sorted[rank - 1] ?? 0) / 1_000, 6);
      }),
    );
  });

  it("take no notice of what is no duration", () => {
    expect(durations([Number.NaN, -1], [Number.NaN]).count).toBe(0);
  });
});

describe("series", () => {
  it("have one key for the same labels, which reads back", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[a-z][a-z0-9_]{0,8}$/), fc.string()), (labels) => {
        const turned = Object.fromEntries(Object.entries(labels).reverse());
        expect(seriesKey("m", turned)).toBe(seriesKey("m", labels));
        expect(parseSeriesKey(seriesKey("m", labels))).toEqual({ metric: "m", labels: { ...labels } });
      }),
    );
    for (const wrong of ["", "M", "m{", 'm{a="b}', "m{a=b}", "m{}x"])
      expect(parseSeriesKey(wrong)?.labels ?? undefined).toBeUndefined();
  });

  it("beyond the limit share one that is called other, and are counted", () => {
    const limit = new SeriesLimit(2);
    const keys = ["a", "b", "c", "d", "a"].map((id) => limit.keep(seriesKey("m", { id })));
    const other = seriesKey("m", { id: "other" });
    expect(keys).toEqual([seriesKey("m", { id: "a" }), seriesKey("m", { id: "b" }), other, other, keys[0]]);
    expect(limit.folded).toBe(2);
    expect(limit.keep("plain")).toBe("plain");
  });

  it("are chosen by the labels that are asked for", () => {
    expect(matches({ a: "1", b: "2" }, { a: "1" })).toBe(true);
    expect(matches({ a: "1" }, { a: "1", b: "2" })).toBe(false);
    expect(matches({}, {})).toBe(true);
  });
});

describe("figures", () => {
  const values = new Map<string, Value>([
    [seriesKey("ticks", { outcome: "echoed" }), { kind: "counter", n: 90 }],
    [seriesKey("ticks", { outcome: "lost" }), { kind: "counter", n: 10 }],
    ["failures", { kind: "share", n: 7, of: 1_000 }],
    ["open", { kind: "gauge", last: 3, min: 1, max: 5, sum: 12, looks: 4 }],
    ["round_trip", durations([1, 2], [9_000]).value()],
  ]);
  const ticks = metric({
    name: "ticks",
    kind: "counter",
    labels: ["outcome"],
    aliases: {
      lost: { figure: "count", labels: { outcome: "lost" }, text: "lost" },
      lost_rate: { figure: "count", labels: { outcome: "lost" }, per: {}, text: "lost, of all" },
    },
  });
  const of = (one: Metric, figure: string, labels = {}) =>
    figureOf(one, figure, labels, { values, ms: 20_000, wholeMs: 40_000 });

  it.each([
    [ticks, "count", 100],
    [ticks, "rate", 5],
    [ticks, "lost", 10],
    [ticks, "lost_rate", 0.1],
    [{ ...ticks, whole: true }, "rate", 2.5],
    [metric({ name: "failures", kind: "share" }), "rate", 0.007],
    [metric({ name: "failures", kind: "share" }), "count", 7],
    [metric({ name: "failures", kind: "share" }), "of", 1_000],
    [metric({ name: "open", kind: "gauge" }), "mean", 3],
    [metric({ name: "open", kind: "gauge" }), "last", 3],
    [metric({ name: "round_trip", kind: "duration" }), "p50", 2],
    [metric({ name: "round_trip", kind: "duration" }), "unfinished", 1],
  ])("%#: of the kind that they are", (one, figure, expected) => {
    expect(of(one, figure)?.value).toBe(expected);
  });

  it("say where they are only known to be at least that", () => {
    expect(of(metric({ name: "round_trip", kind: "duration" }), "p99")).toMatchObject({ atLeast: true });
  });

  it("are cut by labels at reading", () => {
    expect(of(ticks, "count", { outcome: "echoed" })?.value).toBe(90);
    expect(of(ticks, "count", { outcome: "never" })?.value).toBe(0);
  });

  it("that were not measured are absent, but a counter that could have counted is 0", () => {
    expect(of(metric({ name: "gap", kind: "duration" }), "p95")).toBeUndefined();
    expect(of(metric({ name: "gap", kind: "duration" }), "count")).toBeUndefined();
    expect(of(metric({ name: "gap", kind: "gauge" }), "last")).toBeUndefined();
    expect(of(metric({ name: "gap", kind: "share" }), "rate")).toBeUndefined();
    expect(of(metric({ name: "gap", kind: "counter" }), "count")?.value).toBe(0);
    const nothing = { values, ms: 0, wholeMs: 0 };
    expect(figureOf(metric({ name: "gap", kind: "counter" }), "count", {}, nothing)).toBeUndefined();
    expect(of(ticks, "p95")).toBeUndefined();
  });
});

describe("values", () => {
  it("of one second add up over places; over time a gauge keeps its last, least and most", () => {
    const [two, five] = [look(2), look(5)];
    expect(addValues(two, five)).toMatchObject({ last: 7, min: 7, max: 7, looks: 1 });
    expect(appendValue(two, five)).toMatchObject({ last: 5, min: 2, max: 5, sum: 7, looks: 2 });
    expect(appendValue({ kind: "counter", n: 1 }, { kind: "counter", n: 2 })).toEqual({
      kind: "counter",
      n: 3,
    });
  });

  it("of two kinds are a mistake", () => {
    expect(() => addValues(look(1), { kind: "counter", n: 1 })).toThrow(/gauge and a counter/);
  });
});

describe("metrics of a step", () => {
  const ok = metric({ name: "ok", kind: "counter" });
  it.each([
    [[ok, ok], /twice/],
    [[metric({ name: "Not", kind: "counter" })], /a-z/],
    [[metric({ name: "ok", kind: "counter", labels: ["no good"] })], /label/],
    [[{ ...ok, aliases: { x: { figure: "p95", labels: {}, text: "x" } } }], /stands for "p95"/],
    [[{ ...ok, aliases: { x: { figure: "count", labels: { y: "z" }, text: "x" } } }], /names the label "y"/],
  ])("%#: are checked where they are defined", (metrics, sentence) => {
    expect(() => checkMetrics(metrics)).toThrow(sentence);
  });

  it("may be what they are", () => {
    expect(() =>
      checkMetrics([ok, metric({ name: "p", kind: "duration", labels: ["a", "b"] })]),
    ).not.toThrow();
  });
});
