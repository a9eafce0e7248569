import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { state } from "../../../src/contract/describe.ts";
import { ApiMeter } from "../../../src/engine/measuring/api-meter.ts";
import { Machine, type MachineSources } from "../../../src/engine/measuring/machine.ts";
import { LOOK_MS, Measuring } from "../../../src/engine/measuring/measuring.ts";
import type { StepMeasuring } from "../../../src/engine/measuring/step-measuring.ts";
import { Mistakes } from "../../../src/engine/mistakes.ts";
import type { Second } from "../../../src/measure/seconds.ts";
import { parseThreshold } from "../../../src/measure/threshold.ts";
import { english } from "../../../src/text/message.ts";
import { CREATION_METRICS } from "../../../src/workloads/create-workspaces/config.ts";
import { inEnglish } from "../../../test/support/in-english.ts";
import { fakePlan } from "./fake-run.ts";

/** Clocks of the machine, which the test can take apart. */
let off = { wall: 0, up: 0 };

beforeEach(() => {
  off = { wall: 0, up: 0 };
  vi.useFakeTimers({ toFake: ["setTimeout", "setInterval", "performance", "Date"], now: 1_700_000_000_000 });
});
afterEach(() => vi.useRealTimers());

function measuring(thresholds: string[] = []) {
  const seconds: Second[] = [];
  const events: string[] = [];
  const sources: MachineSources = {
    monotonicMs: () => performance.now(),
    wallMs: () => performance.now() + off.wall,
    upMs: () => performance.now() + off.up,
    cores: () => ({ all: performance.now(), idle: performance.now() * 0.9, steal: 0 }),
    ownMs: () => 0,
  };
  const made = new Measuring({
    meter: new ApiMeter(),
    mistakes: new Mistakes(() => undefined),
    second: (second) => seconds.push(second),
    event: (_level, what) => events.push(english(what)),
    machine: new Machine(sources),
  });
  const plan = fakePlan({
    description: {
      states: [state("active", "in use", "busy", "green", "terminal")],
      phases: [{ name: "ssh", label: "SSH" }],
      becomesReady: true,
    },
    thresholds: thresholds.map((text) => parseThreshold(text, CREATION_METRICS)),
  });
  const step = made.step("main");
  step.recorder.wake(true);
  made.hold(plan.thresholds ?? []);
  step.begin(plan, { total: 10, waiting: 10, succeeded: 0, failed: 0, canceled: 0 }, () => ({}));
  const ticker = setInterval(() => made.tick(), LOOK_MS);
  const finish = () => {
    clearInterval(ticker);
    step.endOfJobs();
    made.end();
  };
  return { made, step, seconds, events, finish };
}

/** So much time goes by, in which a job becomes ready every second. */
async function run(step: StepMeasuring, seconds: number, readyMs = 100): Promise<void> {
  for (let second = 0; second < seconds; second++) {
    await vi.advanceTimersByTimeAsync(1_000);
    step.jobs.own("ready", readyMs);
  }
}

/** Nothing of this process runs for so long: the clock goes on, and no timer fires. */
function stall(ms: number): void {
  const now = performance.now.bind(performance);
  performance.now = () => now() + ms;
}

describe("seconds that do not count", () => {
  it("are those in which this process was stopped: the rest is judged, and the first is announced at once", async () => {
    const { step, events, finish } = measuring();
    await run(step, 60);
    stall(5_000);
    await run(step, 10);
    expect(events).toEqual([
      expect.stringMatching(/^this second does not count: this tool itself was .* late/),
    ]);
    finish();
    const { measured, valid, tooFew } = step.measurements.validity;
    expect([measured, tooFew]).toEqual([75, false]);
    expect(valid).toBeGreaterThanOrEqual(68);
    expect(valid).toBeLessThan(71);
    expect(step.invalid(0)).toBeUndefined();
  });

  it("make the run invalid where too few are left", async () => {
    const { step, finish } = measuring();
    await run(step, 20);
    stall(12_000);
    await run(step, 2);
    finish();
    expect(step.measurements.validity.tooFew).toBe(true);
    expect(inEnglish(step.invalid(3))).toMatch(
      /^only \d+ of 3\d measured seconds count; the first at 00:(19|20): /,
    );
  });

  it("make it invalid where a threshold stands otherwise without them", async () => {
    const { made, step, finish } = measuring(["ready.max<1s"]);
    await run(step, 60);
    stall(3_000);
    // It was under way meanwhile: what we timed is our own standing still.
    step.jobs.own("ready", 3_100);
    await run(step, 20);
    finish();
    expect(made.thresholds(true)).toMatchObject([{ state: "met" }]);
    expect(inEnglish(step.invalid(0))).toMatch(
      /^ready\.max<1s has another result without the seconds that do not count/,
    );
  });

  it("blame nobody for failures that were under way in them", async () => {
    const { made, step, finish } = measuring();
    await run(step, 60);
    const begunAt = made.clock.ms;
    stall(5_000);
    await vi.advanceTimersByTimeAsync(500);
    step.jobs.ended(true, begunAt);
    await run(step, 20);
    finish();
    expect(inEnglish(step.invalid(1))).toMatch(/^all failures happened while this tool stood still/);
  });

  it("are not those of a stepped wall clock, which moves no second", async () => {
    const { step, seconds, events, finish } = measuring();
    await run(step, 5);
    off.wall = 3_600_000;
    await run(step, 5);
    off.wall = -3_600_000;
    await run(step, 5);
    finish();
    expect(step.measurements.validity).toMatchObject({ measured: 15, valid: 15 });
    expect(seconds.map(({ second }) => second)).toEqual(seconds.map((_, at) => at));
    expect(events).toEqual([
      expect.stringMatching(/set this machine's clock forward by 1h0m/),
      expect.stringMatching(/set this machine's clock back by 2h0m/),
    ]);
  });

  it("are those of a sleep, also where the steady clock stood still with it", async () => {
    const { step, events, finish } = measuring();
    await run(step, 40);
    off.up = 600_000;
    off.wall = 600_000;
    await run(step, 40);
    finish();
    expect(step.measurements.validity).toMatchObject({ measured: 80, valid: 79 });
    expect(events).toEqual([
      "this machine slept for 10m0s",
      expect.stringMatching(/does not count: .* this machine slept for 10m0s/),
    ]);
  });
});
