import { describe, expect, it } from "vitest";
import { parseConfig } from "../../src/contract/fields/parse-config.ts";
import { UsageError } from "../../src/contract/fields/usage-error.ts";
import { sayBroken, thresholdStates } from "../../src/engine/measuring/thresholds.ts";
import { Durations } from "../../src/measure/durations.ts";
import { ThresholdWatch } from "../../src/measure/threshold-watch.ts";
import { english } from "../../src/text/message.ts";
import { CREATION_METRICS } from "../../src/workloads/create-workspaces/config.ts";
import { thresholdsOf } from "../../src/workloads/thresholds.ts";
import { trafficConfigSchema, trafficFields } from "../../src/workloads/workspace-traffic/config.ts";
import { JUDGED } from "../../src/workloads/workspace-traffic/describe.ts";
import { inEnglish } from "../support/in-english.ts";

/** What a run of creations has measured in its one second. */
interface Measured {
  queue?: number[];
  ready?: number[];
  /** How old those are that are not ready. */
  waiting?: number[];
  failed?: number;
  of?: number;
}

const TIMES = [100, 100, 100, 100, 100, 100, 100, 100, 100, 312];

function states(expressions: readonly string[], measured: Measured = {}, over = true) {
  const { queue = TIMES, ready = [...TIMES, 900], waiting = [], failed = 7, of = 1_000 } = measured;
  const durations = (all: readonly number[]) => {
    const made = new Durations();
    for (const ms of all) made.record(ms);
    return made.value();
  };
  const ages = new Durations();
  for (const ms of waiting) ages.recordUnfinished(ms);
  const values = {
    measured: {
      ...(queue.length > 0 ? { queue: durations(queue) } : {}),
      ...(ready.length > 0 ? { ready: durations(ready) } : {}),
      failures: { kind: "share", n: failed, of },
    },
  } as const;
  return thresholdStates(
    thresholdsOf(expressions, CREATION_METRICS).map((threshold) => {
      const watch = new ThresholdWatch(threshold);
      watch.take({ second: 0, steps: { a: { values, places: ["runner"], ms: 1_000 } } });
      return { threshold, result: watch.result(over, waiting.length > 0 ? { ready: ages.value() } : {}) };
    }),
  );
}

function state(expression: string, measured: Measured = {}, over = true) {
  const [one] = states([expression], measured, over);
  return one;
}

describe("thresholds", () => {
  it.each([
    ["queue.p95<300ms", "broken", "312ms", "< 300ms"],
    ["queue.p95<=313ms", "met", "312ms", "<= 313ms"],
    ["ready.max<1s", "met", "900ms", "< 1s"],
    ["failures.rate<0.7%", "broken", "0.7 %", "< 0.7 %"],
    ["failures.rate < 1%", "met", "0.7 %", "< 1 %"],
    ["failures.count<=7", "met", "7", "<= 7"],
    ["failures.count<=7 after 0s abort", "met", "7", "<= 7"],
  ])("%s is %s", (expression, expected, value, limit) => {
    expect(inEnglish(state(expression))).toMatchObject({ state: expected, observed: value, limit });
  });

  it("waits for a figure while the run goes on, and is broken without one at the end", () => {
    const nothing = { queue: [], ready: [] };
    expect(state("ready.p95<3m", nothing, false)).toMatchObject({ state: "pending", observed: null });
    expect(state("ready.p95<3m", nothing, true)).toMatchObject({ state: "broken", observed: null });
  });

  it.each([
    ["ready.p95<1m", true, "broken", "> 1m10s (9 of 60 unfinished)"],
    ["ready.p95<1m", false, "broken", "> 1m10s (9 of 60 unfinished)"],
    // It may still come to stay below that, until the run is over.
    ["ready.p95<2m", false, "pending", "> 1m10s (9 of 60 unfinished)"],
    ["ready.p95<2m", true, "broken", "> 1m10s (9 of 60 unfinished)"],
    ["ready.p50<2m", true, "met", "10s"],
    ["ready.p95>1m", true, "met", "> 1m10s (9 of 60 unfinished)"],
  ])("%s, with nine of 60 not ready for 70 s (over: %s), is %s", (expression, over, expected, value) => {
    const ready = Array.from({ length: 51 }, () => 10_000);
    const waiting = Array.from({ length: 9 }, () => 70_000);
    const one = state(expression, { ready, waiting }, over);
    expect([one?.state, one?.observed && english(one.observed)]).toEqual([expected, value]);
  });

  it("names what is broken, with what was wanted", () => {
    const all = states(["queue.p95<200ms", "ready.max<1s", "failures.count<1"]);
    const told = sayBroken(all);
    expect(told && english(told)).toBe(
      "2 thresholds broken: Queue p95 312ms, required < 200ms; Failed workspaces 7, required < 1",
    );
    expect(sayBroken(all.slice(1, 2))).toBeUndefined();
  });

  it.each([
    ["round_trip<200ms", "write it like round_trip.p95 < 200ms"],
    ["roundtrip.p95<200ms", 'a metric of this run (did you mean round_trip?), not "roundtrip"'],
    ["round_trip.average<200ms", "a figure of round_trip: p50, p95, p99, max"],
    ["round_trip.p95<200", 'a duration such as 200ms or 3m, not "200"'],
    ["achieved.rate>=0.99", 'a share such as 1%, not "0.99"'],
    ["connections.dropped<1%", 'a whole number, not "1%"'],
  ])("%s is refused in one line that says what would be right", (expression, told) => {
    const check = () => parseConfig(trafficConfigSchema, trafficFields, { thresholds: [expression] });
    expect(check).toThrow(UsageError);
    expect(check).toThrow(told);
    expect(check).toThrow("--threshold");
  });

  it("a share just short of a limit does not read as if it had reached it", () => {
    expect(inEnglish(state("failures.rate<1%", { failed: 1, of: 1_000_000 })?.observed)).toBe("0.01 %");
  });

  it("says the same once, however it is written, and keeps the first spelling", () => {
    const same = ["failures.rate<1%", "failures.rate < 1%", " failures.rate<1.0% "];
    const asked = [
      ...same,
      "round_trip.p95 < 200ms",
      "round_trip.p95<0.2s",
      "failures.rate<=1%",
      "failures.count<1",
    ];
    const once = ["failures.rate<1%", "round_trip.p95<200ms", "failures.rate<=1%", "failures.count<1"];
    const { thresholds } = parseConfig(trafficConfigSchema, trafficFields, { thresholds: asked });
    expect(thresholds).toEqual(once);
    expect(thresholdsOf(asked, JUDGED).map(({ expression }) => expression)).toEqual(once);
  });

  it("traffic has metrics of its own", () => {
    expect(JUDGED.map((metric) => metric.name)).toContain("round_trip");
    expect(thresholdsOf(["round_trip.p99<1s", "connections.dropped<1"], JUDGED)).toHaveLength(2);
  });
});

it("says which window of a threshold was the worst, and of none where there are no windows", () => {
  const [windowed, whole] = thresholdsOf(
    ["ready.p50<150ms over 2s", "ready.p50<150ms"],
    CREATION_METRICS,
  ).map((threshold) => {
    const watch = new ThresholdWatch(threshold);
    for (const [second, ms] of [100, 100, 900, 900, 100].entries()) {
      const made = new Durations();
      made.record(ms);
      const values = { measured: { ready: made.value() } };
      watch.take({ second, steps: { create: { values, places: [], ms: 1_000 } } });
    }
    return { threshold, result: watch.result(true) };
  });
  const of = (held: typeof windowed) => thresholdStates(held ? [held] : [])[0];
  expect(of(windowed)).toMatchObject({ state: "broken", worst: { from: 2, until: 4 } });
  expect(of(whole)).not.toHaveProperty("worst");
});
