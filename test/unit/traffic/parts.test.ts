import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseConfig } from "../../../src/contract/fields/parse-config.ts";
import { UsageError } from "../../../src/contract/fields/usage-error.ts";
import { Durations } from "../../../src/measure/durations.ts";
import { Spread } from "../../../src/measure/spread.ts";
import { formatRate, parseRate } from "../../../src/protocol/rate.ts";
import {
  durationOf,
  parseRange,
  tickOf,
  trafficConfigSchema,
  trafficFields,
} from "../../../src/workloads/workspace-traffic/config.ts";
import { lateLimitMs } from "../../../src/workloads/workspace-traffic/late-limit.ts";
import { type Entry, Wheel } from "../../../src/workloads/workspace-traffic/shard/wheel.ts";

describe("the timer wheel", () => {
  interface Ticking extends Entry {
    interval: number;
    fired: number[];
  }

  /** Runs a schedule on a clock that moves by the given steps. */
  function run(entries: Ticking[], steps: readonly number[], from = 0): void {
    const wheel = new Wheel<Ticking>(from);
    for (const entry of entries) wheel.add(entry);
    let now = from;
    for (const step of steps) {
      now += step;
      wheel.advance(now, (entry) => {
        entry.fired.push(entry.due);
        entry.due += entry.interval;
        wheel.add(entry);
      });
    }
  }

  it("fires each entry at each of its times, whatever the steps of the clock, and never long before", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            due: fc.double({ min: 0, max: 3_000, noNaN: true }),
            interval: fc.integer({ min: 1, max: 2_500 }),
          }),
          {
            minLength: 1,
            maxLength: 20,
          },
        ),
        fc.array(fc.double({ min: 0.1, max: 1_500, noNaN: true }), { minLength: 1, maxLength: 40 }),
        (made, steps) => {
          const entries = made.map((one) => ({ ...one, fired: [] as number[] }));
          run(entries, [...steps, 3_000, 1, 1]);
          const end = steps.reduce((sum, step) => sum + step, 0) + 3_002;
          entries.forEach((entry, index) => {
            const first = made[index]?.due ?? 0;
            const due: number[] = [];
            for (let at = first; at <= end + 0.5; at += entry.interval) due.push(at);
            // An entry fires once for each look, so an overdue one catches up look by look.
            expect(entry.fired).toEqual(due.slice(0, entry.fired.length));
            expect(entry.fired.length).toBeGreaterThan(0);
            expect(entry.fired.every((at) => at <= end + 0.5)).toBe(true);
          });
        },
      ),
      { numRuns: 300 },
    );
  });

  it("does not drift: after many ticks each is where it should be", () => {
    const entry: Ticking = { due: 33.3, interval: 100, fired: [] };
    run(
      [entry],
      Array.from({ length: 100_000 }, () => 1.1),
    );
    expect(entry.fired.length).toBe(Math.floor((110_000 - 33.3 + 0.5) / 100) + 1);
  });

  it("sleeps until something is due", () => {
    const wheel = new Wheel<Entry>(1_000);
    expect(wheel.sleep(1_000)).toBe(50);
    wheel.add({ due: 1_020 });
    expect(wheel.sleep(1_000)).toBeGreaterThan(19);
    expect(wheel.sleep(1_000)).toBeLessThanOrEqual(21);
  });
});

describe("a spread of durations", () => {
  it("says the same as the durations that it is added to, within three digits", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 3_000_000, noNaN: true }), { minLength: 1, maxLength: 200 }),
        (all) => {
          const spread = new Spread();
          const exact = [...all].sort((a, b) => a - b);
          for (const ms of all) spread.record(ms);
          const p50 = exact[Math.ceil(all.length * 0.5) - 1] ?? 0;
          expect(Math.abs(spread.percentile(0.5) - p50)).toBeLessThanOrEqual(p50 * 0.001 + 0.001);
          const durations = new Durations();
          durations.add({ ended: spread.take() });
          const max = exact.at(-1) ?? 0;
          expect(durations.count).toBe(all.length);
          expect(Math.abs((durations.max?.ms ?? 0) - max)).toBeLessThanOrEqual(max * 0.001 + 0.001);
          expect(spread.count).toBe(0);
        },
      ),
    );
  });
});

it("a message may be late by 5 % of the interval, and by 10 ms", () => {
  expect([10, 100, 200, 1_000].map(lateLimitMs)).toEqual([10, 10, 10, 50]);
});

describe("rates", () => {
  it.each([
    ["40KB/s", 40_000],
    ["40kb/s", 40_000],
    ["1.5 MB/s", 1_500_000],
    ["1KiB/s", 1_024],
    ["512B/s", 512],
    ["100/s", 100],
  ])("%s", (text, bytes) => expect(parseRate(text)).toBe(bytes));
  it.each(["40KB", "0KB/s", "-1KB/s", "KB/s", "40KB/m", ""])("not %s", (text) =>
    expect(parseRate(text)).toBeUndefined(),
  );
  it("are written with three digits", () => {
    expect([850, 40_000, 4_000, 1_234_567, 60_000_000].map(formatRate)).toEqual([
      "850 B/s",
      "40.0 KB/s",
      "4.00 KB/s",
      "1.23 MB/s",
      "60.0 MB/s",
    ]);
  });
});

describe("the configuration", () => {
  const parse = (config: Record<string, unknown>) => parseConfig(trafficConfigSchema, trafficFields, config);

  it("--rate makes the tick's bytes of its interval: the seed table's row is ten of 4,000", () => {
    expect(tickOf(parse({ rate: "40KB/s" }))).toEqual({ bytes: 4_000, intervalMs: 100 });
    expect(tickOf(parse({ rate: "40KB/s", tickIntervalMs: 10 }))).toEqual({ bytes: 400, intervalMs: 10 });
    expect(tickOf(parse({}))).toEqual({ bytes: 1_024, intervalMs: 100 });
  });

  it("without --duration it is as long as Coder's own limits say", () => {
    expect(durationOf(parse({}))).toBe(300_000);
    expect(durationOf(parse({ jobTimeoutMs: 6_000, timeoutMs: 8_000 }))).toBe(6_000);
    expect(durationOf(parse({ jobTimeoutMs: 60_000, timeoutMs: 30_000, warmUpMs: 5_000 }))).toBe(25_000);
    expect(durationOf(parse({ durationMs: 600_000 }))).toBe(600_000);
  });

  it.each([
    [{ ssh: true, app: "echo" }, "--app cannot be used with --ssh"],
    [{ rate: "40KB/s", bytesPerTick: 100 }, "--rate cannot be used with --bytes-per-tick"],
    [{ bytesPerTick: 4 }, "--bytes-per-tick must be 8 or more"],
    [{ rate: "10B/s" }, "--rate makes messages of 1 bytes"],
    [{ echo: "tty", bytesPerTick: 5_000 }, "--echo tty takes messages of at most 4095 bytes"],
    [{ durationMs: 60_000, timeoutMs: 60_000 }, "--timeout is not longer than"],
    [{ targetWorkspaces: "5:5" }, "--target-workspaces must be START:END"],
  ])("%j is refused", (config, message) => {
    expect(() => parse(config)).toThrow(UsageError);
    expect(() => parse(config)).toThrow(message);
  });

  it("a range's end is not among it", () => {
    expect(parseRange("0:10")).toEqual({ start: 0, end: 10 });
    for (const text of ["10", ":10", "0:", "a:b", "3:1", "-1:2"]) expect(parseRange(text)).toBeUndefined();
  });
});
