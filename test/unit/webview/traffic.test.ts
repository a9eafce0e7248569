import { expect, it } from "vitest";
import { figures } from "../../../src/webview/model/figures.ts";
import { formatBytes, formatShare, shortBytes } from "../../../src/webview/model/format.ts";
import { dropMeaning, lateSeconds } from "../../../src/webview/model/traffic.ts";
import {
  connectionColumns,
  connectionsIn,
  roundTripColumns,
} from "../../../src/webview/model/traffic-series.ts";
import { Honesty, lateLimitMs } from "../../../src/workloads/workspace-traffic/honesty.ts";
import { LIMIT_MS, trafficAt, trafficSample, trafficSnapshot } from "../../webview/traffic-fixtures.ts";

const AT = 40_000;

/** What the panel says of the generator after so many seconds, each so late; the engine decides what is invalid. */
function generatorAfter(seconds: readonly number[]) {
  const honesty = new Honesty(lateLimitMs(100));
  for (const late of seconds) honesty.second(0, late, 0);
  const samples = seconds.map((late, index) => trafficSample(AT + index * 1_000, late));
  const shards = trafficAt(AT).shards.map((shard) => ({ ...shard, latenessP99Ms: seconds.at(-1) ?? 0 }));
  const snapshot = trafficSnapshot(AT, {
    shards,
    lateLimitMs: lateLimitMs(100),
    invalid: honesty.invalid ?? null,
  });
  return figures(snapshot, samples).find(({ id }) => id === "generator");
}

it("the generator is late from the engine's own limit on, and saturated when the run is invalid by that", () => {
  expect(lateLimitMs(100)).toBe(LIMIT_MS);
  expect(generatorAfter([9, 9, 9, 9, 9, 9])).toMatchObject({
    value: "healthy",
    tone: "good",
    detail: "late p99 9ms of 10ms",
  });
  expect(generatorAfter([9, 11, 11, 11, 11])).toMatchObject({
    value: "late",
    unit: "for 4 s",
    tone: "warning",
  });
  expect(generatorAfter([9, 11, 11, 11, 11, 11])).toMatchObject({ value: "saturated", tone: "bad" });
  // Once invalid it stays so, however well it goes after.
  expect(generatorAfter([11, 11, 11, 11, 11, 1])).toMatchObject({ value: "saturated", tone: "bad" });
});

it("late seconds are counted back from now", () => {
  const samples = [12, 3, 12, 12].map((late, at) => trafficSample(at * 1_000, late));
  expect(lateSeconds(samples, 10)).toBe(2);
  expect(lateSeconds([], 10)).toBe(0);
});

it("a second without an echo is a gap, not a fast one", () => {
  const sample = trafficSample(AT);
  if (!sample.traffic) throw new Error("no traffic");
  const silent = { ...sample.traffic, roundTrip: { count: 0, p50: 0, p95: 0, p99: 0, max: 0 } };
  const { traffic: _none, ...before } = sample;
  const [times, p50] = roundTripColumns([before, { ...sample, traffic: silent }, sample]);
  expect(times).toHaveLength(3);
  expect(p50).toEqual([null, null, sample.traffic.roundTrip.p50]);
});

it("connections add up to the planned ones, those that are not open included", () => {
  for (const at of [2_000, 30_000, 60_000]) {
    expect(connectionColumns([trafficSample(at)]).at(-1)).toEqual([100]);
  }
  const over = { planned: 10, opening: 0, active: 12, reconnecting: 0, down: 0 };
  expect(connectionsIn(over, "waiting")).toBe(0);
});

it("a close code is explained where the other side gave no reason", () => {
  const drop = { count: 1, afterMs: 1 };
  expect(dropMeaning({ ...drop, code: "1006", reason: "" })).toBe("ended without a close frame");
  expect(dropMeaning({ ...drop, code: "1011", reason: "dial: refused" })).toBe("dial: refused");
  expect(dropMeaning({ ...drop, code: "4999", reason: "" })).toBe("");
});

it("shares are never rounded to all or nothing, and bytes have their unit", () => {
  expect([0, 0.000_01, 0.0042, 0.5, 0.9999, 1].map(formatShare)).toEqual([
    "0 %",
    "0.01 %",
    "0.42 %",
    "50 %",
    "99.9 %",
    "100 %",
  ]);
  expect([0, 850, 999.7, 40_000, 999_700, 1_234_567].map(formatBytes)).toEqual([
    "0 B",
    "850 B",
    "1.00 KB",
    "40.0 KB",
    "1.00 MB",
    "1.23 MB",
  ]);
  expect([0, 500_000, 2_500_000].map(shortBytes)).toEqual(["0", "500k", "2.5M"]);
});
