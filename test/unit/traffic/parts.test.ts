import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseConfig } from "../../../src/contract/fields/parse-config.ts";
import { UsageError } from "../../../src/contract/fields/usage-error.ts";
import { Durations } from "../../../src/measure/durations.ts";
import { Spread } from "../../../src/measure/spread.ts";
import { formatRate, parseRate } from "../../../src/protocol/rate.ts";
import { parseRange } from "../../../src/workloads/chosen-fields.ts";
import {
  durationOf,
  tickOf,
  trafficConfigSchema,
  trafficFields,
} from "../../../src/workloads/workspace-traffic/config.ts";

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
