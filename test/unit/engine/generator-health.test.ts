import { afterEach, expect, it, vi } from "vitest";
import { GeneratorHealth } from "../../../src/engine/measuring/generator-health.ts";

afterEach(() => vi.restoreAllMocks());

it("tells the cores in use over a full second, also where the last look comes a moment after the one before", () => {
  let [at, used] = [0, 0];
  vi.spyOn(performance, "now").mockImplementation(() => at);
  vi.spyOn(process, "cpuUsage").mockImplementation(() => ({ user: used * 1_000, system: 0 }));
  const health = new GeneratorHealth();
  /** CPU milliseconds in so much time. */
  const after = (ms: number, cpuMs: number) => {
    at += ms;
    used += cpuMs;
    return health.take().cpu;
  };
  expect(after(1_000, 300)).toBeCloseTo(0.3);
  // The result is written in these 40 ms: they are busy, and no 0.9 cores for anybody.
  expect(after(40, 36)).toBeCloseTo(336 / 1_040);
  expect(after(1_000, 100)).toBeCloseTo(0.1);
  health.stop();
});

it("makes no full second of a run that was shorter", () => {
  let [at, used] = [0, 0];
  vi.spyOn(performance, "now").mockImplementation(() => at);
  vi.spyOn(process, "cpuUsage").mockImplementation(() => ({ user: used * 1_000, system: 0 }));
  const health = new GeneratorHealth();
  [at, used] = [50, 45];
  expect(health.take().cpu).toBeCloseTo(0.045);
  health.stop();
});
