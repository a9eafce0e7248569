import { describe, expect, it } from "vitest";
import { parseConfig } from "../../src/contract/fields/parse-config.ts";
import { UsageError } from "../../src/contract/fields/usage-error.ts";
import { brokenLine, type Observed, thresholdStates } from "../../src/engine/thresholds.ts";
import type { ThresholdMetric } from "../../src/protocol/threshold.ts";
import { creationMetrics, TRAFFIC_METRICS, thresholdsOf } from "../../src/workloads/thresholds.ts";
import { trafficConfigSchema, trafficFields } from "../../src/workloads/workspace-traffic/config.ts";

const CREATION = creationMetrics([{ name: "queue", label: "queue" }]);
const times = { count: 10, p50: 100, p95: 312, p99: 400, max: 900 };
const none = { count: 0, p50: 0, p95: 0, p99: 0, max: 0 };

function observed(changes: Partial<Observed> = {}): Observed {
  const counts = { waiting: 0, creating: 0, queued: 0, building: 0, starting: 0, active: 0, canceled: 0 };
  return {
    counts: { ...counts, total: 1_000, succeeded: 993, failed: 7 },
    phases: [{ name: "queue", label: "queue", ...times }],
    ready: times,
    ...changes,
  };
}

function state(expression: string, metrics: readonly ThresholdMetric[], of = observed(), over = true) {
  const [one] = thresholdStates(thresholdsOf([expression], metrics), of, over);
  return one;
}

describe("thresholds", () => {
  it.each([
    ["queue.p95<312ms", "broken", "312ms", "< 312ms"],
    ["queue.p95<=312ms", "met", "312ms", "<= 312ms"],
    ["ready.max<1s", "met", "900ms", "< 1s"],
    ["failures.rate<0.7%", "broken", "0.7 %", "< 0.7 %"],
    ["failures.rate < 1%", "met", "0.7 %", "< 1 %"],
    ["failures.count<=7", "met", "7", "<= 7"],
  ])("%s is %s", (expression, expected, value, limit) => {
    expect(state(expression, CREATION)).toMatchObject({ state: expected, observed: value, limit });
  });

  it("waits for a figure while the run goes on, and is broken without one at the end", () => {
    const nothing = observed({ phases: [], ready: none });
    expect(state("ready.p95<3m", CREATION, nothing, false)).toMatchObject({
      state: "pending",
      observed: null,
    });
    expect(state("ready.p95<3m", CREATION, nothing, true)).toMatchObject({ state: "broken", observed: null });
  });

  it.each([
    ["ready.p95<1m", 70_000, true, "broken", "> 1m10s (9 of 60 unfinished)"],
    ["ready.p95<1m", 70_000, false, "broken", "> 1m10s (9 of 60 unfinished)"],
    // It may still come to stay below that, until the run is over.
    ["ready.p95<2m", 70_000, false, "pending", "> 1m10s (9 of 60 unfinished)"],
    ["ready.p95<2m", 70_000, true, "broken", "> 1m10s (9 of 60 unfinished)"],
    ["ready.p50<2m", 70_000, true, "met", "10s"],
    ["ready.p95>1m", 70_000, true, "met", "> 1m10s (9 of 60 unfinished)"],
  ])("%s, where p95 is at least %d ms (over: %s), is %s", (expression, p95, over, expected, value) => {
    const ready = { count: 51, unfinished: 9, p50: 10_000, p95, p99: p95, max: p95 };
    const of = observed({ ready: { ...ready, atLeast: ["p95", "p99", "max"] } });
    expect(state(expression, CREATION, of, over)).toMatchObject({ state: expected, observed: value });
  });

  it("names what is broken, with what was wanted", () => {
    const states = thresholdStates(
      thresholdsOf(["queue.p95<200ms", "ready.p95<1s", "failures.count<1"], CREATION),
      observed(),
      true,
    );
    expect(brokenLine(states)).toBe(
      "2 thresholds broken: Queue p95 312ms, wanted < 200ms; Failed workspaces 7, wanted < 1",
    );
    expect(brokenLine(states.slice(1, 2))).toBeUndefined();
  });

  it.each([
    ["round_trip<200ms", "must be like"],
    ["roundtrip.p95<200ms", 'no metric "roundtrip" here, only failures, round_trip, achieved'],
    ["round_trip.p90<200ms", 'round_trip has p50, p95, p99, max, not "p90"'],
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
    const counts = { ...observed().counts, total: 1_000_000, failed: 1 };
    expect(state("failures.rate<1%", CREATION, observed({ counts }))?.observed).toBe("0.01 %");
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
    expect(thresholdsOf(asked, TRAFFIC_METRICS).map(({ expression }) => expression)).toEqual(once);
  });

  it("traffic has metrics of its own", () => {
    expect(TRAFFIC_METRICS.map((metric) => metric.name)).toContain("round_trip");
    expect(thresholdsOf(["round_trip.p99<1s", "connections.dropped<1"], TRAFFIC_METRICS)).toHaveLength(2);
  });
});
