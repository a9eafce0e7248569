import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiMeter } from "../../../src/engine/measuring/api-meter.ts";
import { Machine } from "../../../src/engine/measuring/machine.ts";
import { LOOK_MS, Measuring } from "../../../src/engine/measuring/measuring.ts";
import { Mistakes } from "../../../src/engine/mistakes.ts";
import type { Second } from "../../../src/measure/seconds.ts";
import { look } from "../../../src/measure/values.ts";
import type { Sample } from "../../../src/protocol/snapshot.ts";
import { NO_COUNTS } from "../../../src/protocol/steps.ts";
import { fakePlan } from "./fake-run.ts";

const SOURCES = {
  pages: ["a:1"],
  hasProcess: true,
  pagesEvery: 2,
  jobsEvery: 8,
  daemonsEvery: 16,
  statsEvery: 32,
};
const AROUND_MS = 3_000;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function measuring(names: readonly string[]) {
  const seconds: Second[] = [];
  const samples: Sample[] = [];
  const made = new Measuring({
    meter: new ApiMeter(),
    mistakes: new Mistakes(() => undefined),
    second: (second, drawn) => {
      seconds.push(second);
      samples.push(...drawn);
    },
    event: () => undefined,
    server: SOURCES,
    machine: new Machine({
      monotonicMs: () => performance.now(),
      wallMs: () => Date.now(),
      upMs: () => performance.now(),
      cores: () => ({ all: performance.now(), idle: performance.now() * 0.9, steal: 0 }),
      ownMs: () => 0,
    }),
  });
  const steps = names.map((name) => made.step(name));
  const ticker = setInterval(() => made.tick(), LOOK_MS);
  /** So many seconds, with a look at the deployment in the middle of each. */
  const pass = async (count: number, requests: number) => {
    for (let second = 0; second < count; second++) {
      await vi.advanceTimersByTimeAsync(500);
      made.server("coderd a:1", { 'server_requests{status="2xx"}': look(requests) }, AROUND_MS);
      await vi.advanceTimersByTimeAsync(500);
    }
  };
  const windows = (step: string) =>
    seconds.flatMap(({ steps: of }) =>
      Object.keys(of[step]?.values ?? {}).filter((window) => {
        const values = of[step]?.values[window as "before"] ?? {};
        return Object.keys(values).some((key) => key.startsWith("server_"));
      }),
    );
  const end = () => {
    clearInterval(ticker);
    made.end();
    made.recorder.stop();
  };
  return { made, steps, seconds, samples, pass, windows, end };
}

describe("the deployment's own figures in the seconds of a run", () => {
  it("are drawn from before the load to after it, and judged within it only", async () => {
    const { steps, samples, pass, windows, end } = measuring(["main"]);
    const [step] = steps;
    step?.recorder.wake(true);
    step?.describe(fakePlan());
    await pass(3, 10);
    step?.begin(fakePlan(), NO_COUNTS, () => ({}));
    await pass(4, 100);
    step?.endOfJobs();
    await pass(3, 20);
    end();
    expect(windows("main")).toEqual([
      ...Array(3).fill("before"),
      ...Array(4).fill("measured"),
      ...Array(3).fill("after"),
    ]);
    expect(step?.measurements.figure({ metric: "server_requests", figure: "mean" })).toBe(100);
    const place = step?.measurements.description.series.findIndex(
      ({ metric, labels }) => metric === "server_requests" && !labels,
    );
    const drawn = samples.map(({ values }) => values[place ?? -1]).filter((value) => value !== null);
    expect(drawn).toEqual([10, 10, 10, 100, 100, 100, 100, 20, 20, 20]);
    expect(samples.slice(0, 3).every(({ outside }) => outside)).toBe(true);
  });

  it("make no second invalid where the source falls silent", async () => {
    const { steps, pass, end } = measuring(["main"]);
    const [step] = steps;
    step?.recorder.wake(true);
    step?.begin(fakePlan(), NO_COUNTS, () => ({}));
    await pass(3, 10);
    await vi.advanceTimersByTimeAsync(5_000);
    step?.endOfJobs();
    end();
    expect(step?.measurements.validity).toMatchObject({ measured: 8, valid: 8 });
  });

  it("stand beside each of several steps while it has its turn, and for a while after it", async () => {
    const { steps, pass, windows, end } = measuring(["first", "second"]);
    const [first, second] = steps;
    first?.describe(fakePlan());
    await pass(2, 1);
    first?.begin(fakePlan(), NO_COUNTS, () => ({}));
    await pass(2, 1);
    first?.endOfJobs();
    second?.begin(fakePlan(), NO_COUNTS, () => ({}));
    await pass(6, 1);
    second?.endOfJobs();
    await pass(2, 1);
    end();
    expect(windows("first")).toEqual(["before", "before", "measured", "measured", "after", "after", "after"]);
    expect(windows("second")).toEqual([...Array(6).fill("measured"), "after", "after"]);
  });
});
