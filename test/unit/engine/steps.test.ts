import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { Refusal } from "../../../src/contract/failures.ts";
import type { JobContext } from "../../../src/contract/job.ts";
import type { Plan } from "../../../src/contract/plan.ts";
import type { PrepareContext } from "../../../src/contract/prepare.ts";
import type { Run } from "../../../src/engine/run.ts";
import { now } from "../../../src/measure/clock.ts";
import { parseThreshold } from "../../../src/measure/threshold.ts";
import { runResultSchema } from "../../../src/protocol/result.ts";
import { sampleSchema, snapshotSchema } from "../../../src/protocol/snapshot.ts";
import { english, say } from "../../../src/text/message.ts";
import { CREATION_METRICS } from "../../../src/workloads/create-workspaces/config.ts";
import { inEnglish } from "../../support/in-english.ts";
import { type FakeStep, fakeJob, fakePlan, fakeRuns, work } from "./fake-run.ts";
import { inTime, pass, virtualTime } from "./virtual-time.ts";

virtualTime();
const { folder, open } = fakeRuns();

/** A step whose one job works for so long; what happens with it is written down. */
function step(log: string[], name: string, ms: number, more: FakeStep = {}): FakeStep {
  const job = fakeJob(
    0,
    async (context) => {
      log.push(`begin ${name}`);
      await work(ms)(context);
      log.push(`end ${name}`);
    },
    async () => void log.push(`clean ${name}`),
  );
  return { name, plan: { jobs: [job] }, ...more };
}

/** A load that is measured from `fromMs` after its begin on. */
function load(fromMs: number): NonNullable<Plan["load"]> {
  const begun = now();
  return {
    part: () => undefined,
    end: () => undefined,
    measured: (from, until) => Math.max(0, until - Math.max(from, begun + fromMs)),
  };
}

const states = (run: Run) => run.steps.map(({ state }) => state);

describe("a run of several steps", () => {
  it("works them through in turn, and cleans up after all at the end, the last first", async () => {
    const log: string[] = [];
    const run = await open({ steps: [step(log, "a", 2_000), step(log, "b", 1_000)] });
    expect(await inTime(run.execute())).toMatchObject({ verdict: "passed", succeeded: 2, failed: 0 });
    expect(log).toEqual(["begin a", "end a", "begin b", "end b", "clean b", "clean a"]);
    const [a, b] = run.snapshot().steps;
    expect(a?.endedAt).toBeLessThanOrEqual(b?.begunAt ?? 0);
  });

  it("works those that overlap at the same time, each by its own time", async () => {
    const log: string[] = [];
    const run = await open({
      steps: [
        step(log, "load", 10_000, {
          plan: { jobs: step(log, "load", 10_000).plan?.jobs ?? [], load: load(2_000) },
        }),
        step(log, "beside", 1e9, { begin: { kind: "with", step: "load" } }),
        step(log, "drill", 500, { begin: { kind: "hold", step: "load", ms: 3_000 } }),
        step(log, "early", 500, { begin: { kind: "at", ms: 1_000 } }),
      ],
    });
    const done = run.execute();
    await pass(1_400);
    expect(log).toEqual(["begin load", "begin beside", "begin early"]);
    await inTime(done);
    const [, beside, drill] = run.snapshot().steps;
    // The load's time begins with the test, a moment before the run's.
    expect(drill?.begunAt).toBeGreaterThan(4_000);
    expect(drill?.begunAt).toBeLessThan(6_000);
    expect(beside).toMatchObject({ state: "stopped", counts: { canceled: 1 } });
  });

  it("ends a load that goes along with another as one that has done its work", async () => {
    const log: string[] = [];
    const beside = step(log, "beside", 1e9, { begin: { kind: "with", step: "main" } });
    const run = await open({
      steps: [step(log, "main", 3_000), { ...beside, plan: { ...beside.plan, load: load(0) } }],
    });
    expect(await inTime(run.execute())).toMatchObject({ verdict: "passed", succeeded: 2 });
    expect(states(run)).toEqual(["done", "done"]);
  });

  it("gives each step names, rows and calls of its own", async () => {
    const prefixes: string[] = [];
    const subjects: string[] = [];
    const named = (name: string): FakeStep => ({
      name,
      prepare: async ({ prefix }: PrepareContext) => {
        prefixes.push(prefix);
        const job = fakeJob(0, async ({ client }: JobContext) => {
          subjects.push(client.subject);
          client.transport.meter?.called(client.subject, "GET /x");
          if (name === "b") client.transport.meter?.called(client.subject, "GET /x");
        });
        return fakePlan({ jobs: [job] });
      },
    });
    const run = await open({ steps: [named("a"), named("b")] });
    await inTime(run.execute());
    expect(prefixes).toEqual(["scaletest-abcdefgh-a-", "scaletest-abcdefgh-b-"]);
    expect(subjects).toEqual(["a/0", "b/0"]);
    expect(run.rows.map(({ step, index, apiCalls }) => [step, index, apiCalls])).toEqual([
      ["a", 0, 1],
      ["b", 0, 2],
    ]);
  });

  it("says once what several of its steps warn of", async () => {
    const warns = async ({ warn }: PrepareContext) => {
      warn(say("the machine is small"));
      return fakePlan();
    };
    const run = await open({
      steps: [
        { name: "a", prepare: warns },
        { name: "b", prepare: warns },
      ],
    });
    await inTime(run.execute());
    expect(run.snapshot().warnings.map(english)).toEqual(["the machine is small"]);
  });

  it("keeps the names of a single step as they have always been", async () => {
    let prefix = "";
    const run = await open({
      prepare: async (context) => {
        prefix = context.prefix;
        return fakePlan();
      },
    });
    await inTime(run.execute());
    expect(prefix).toBe("scaletest-abcdefgh-");
  });
});

describe("a step that does not begin", () => {
  it("fails the run, what follows it is skipped, and what was made is cleaned up", async () => {
    const log: string[] = [];
    const run = await open({
      steps: [
        step(log, "a", 1_000),
        { name: "b", prepare: () => Promise.reject(new Refusal(say("no workspaces"))) },
        step(log, "c", 1_000),
        step(log, "d", 1_000, { begin: { kind: "after", step: "a" } }),
      ],
    });
    const outcome = await inTime(run.execute());
    expect(outcome).toMatchObject({ verdict: "failed", exitCode: 1, succeeded: 2 });
    expect(inEnglish(outcome.summary)).toMatch(
      /^step "b" did not begin: no workspaces; a: 1 succeeded, 0 failed; d: /,
    );
    expect(states(run)).toEqual(["done", "refused", "skipped", "done"]);
    expect(log.filter((line) => line.startsWith("clean"))).toEqual(["clean d", "clean a"]);
  });

  it("because of a ceiling, on what it asks together with those at work", async () => {
    const log: string[] = [];
    const run = await open({
      guard: { tag: "staging", limits: { connections: 100 } },
      steps: [
        step(log, "a", 3_000, { demand: { connections: 60 } }),
        step(log, "b", 1_000, { demand: { connections: 60 }, begin: { kind: "with", step: "a" } }),
        step(log, "c", 1_000, { demand: { connections: 60 }, begin: { kind: "after", step: "a" } }),
      ],
    });
    const { summary } = await inTime(run.execute());
    expect(inEnglish(summary)).toMatch(/step "b" did not begin: 120 connections are above the limit of 100/);
    expect(states(run)).toEqual(["done", "refused", "done"]);
  });

  it("because of more than its configuration said, which is known when it is prepared", async () => {
    const run = await open({
      guard: { tag: "staging", limits: { connections: 100 } },
      demand: { connections: 1 },
      prepare: async ({ demand }) => {
        demand({ connections: 101 });
        return fakePlan();
      },
    });
    expect(await inTime(run.execute())).toMatchObject({ verdict: "refused", exitCode: 3 });
  });

  it("puts a load on nothing but staging, whichever step asks for it", async () => {
    const log: string[] = [];
    const guard = { tag: "production" as const, limits: {} };
    const target = { url: "http://127.0.0.1:9", token: "t", network: {} };
    const steps = [step(log, "a", 10), step(log, "b", 10, { demand: {} })];
    const run = await open({ guard, target, steps });
    expect(await inTime(run.execute())).toMatchObject({ verdict: "refused", exitCode: 3 });
    expect(log).toEqual([]);
  });
});

describe("a stop", () => {
  it("ends all steps, begins none, and cleans up in reverse", async () => {
    const log: string[] = [];
    const run = await open({
      steps: [
        step(log, "a", 1_000),
        step(log, "b", 1e9),
        step(log, "c", 1e9, { begin: { kind: "with", step: "b" } }),
        step(log, "d", 1_000),
      ],
    });
    const done = run.execute();
    await pass(2_000);
    run.stop(false);
    expect(await inTime(done)).toMatchObject({ verdict: "interrupted", exitCode: 130 });
    expect(states(run)).toEqual(["done", "stopped", "stopped", "skipped"]);
    expect(log.filter((line) => line.startsWith("clean"))).toEqual(["clean c", "clean b", "clean a"]);
  });

  it("that keeps cleans up after none", async () => {
    const log: string[] = [];
    const run = await open({ steps: [step(log, "a", 1_000), step(log, "b", 1e9)] });
    const done = run.execute();
    await pass(2_000);
    run.stop(true);
    await inTime(done);
    expect(log.some((line) => line.startsWith("clean"))).toBe(false);
  });
});

describe("what a run of several steps is held to", () => {
  const threshold = (text: string) => parseThreshold(text, CREATION_METRICS);
  const readyAfter = (ms: number, readyMs: number) =>
    fakeJob(0, async (context) => {
      await work(readyMs)(context);
      context.ready();
      await work(ms)(context);
    });
  const becoming = (name: string, readyMs: number, thresholds: string[] = []): FakeStep => ({
    name,
    plan: {
      jobs: [readyAfter(2_000, readyMs)],
      description: { states: [], phases: [], becomesReady: true },
      thresholds: thresholds.map(threshold),
    },
  });

  it("is of the step that it was given to, or of all together; each step has a verdict of its own", async () => {
    const run = await open({
      steps: [becoming("a", 500, ["ready.max<1s"]), becoming("b", 3_000, ["ready.max<1s"])],
      thresholds: [threshold("ready.max<10s"), threshold("ready{step=a}.max<1s")],
    });
    const outcome = await inTime(run.execute());
    expect(outcome).toMatchObject({ verdict: "failed", exitCode: 99 });
    expect(inEnglish(outcome.summary)).toMatch(
      /^threshold broken: Time to ready max \(b\) 3s, required < 1s; /,
    );
    const { steps, thresholds } = run.snapshot();
    expect(thresholds?.map(({ step, state }) => [step, state])).toEqual([
      [undefined, "met"],
      ["a", "met"],
      ["a", "met"],
      ["b", "broken"],
    ]);
    expect(steps.map(({ verdict }) => verdict)).toEqual(["passed", "failed"]);
  });

  it("of a step that never ran was not measured: that is no pass", async () => {
    const run = await open({
      steps: [becoming("a", 500), { name: "b", prepare: () => Promise.reject(new Refusal(say("no"))) }],
      thresholds: [threshold("ready{step=b}.max<10s")],
    });
    await inTime(run.execute());
    expect(run.snapshot().thresholds).toMatchObject([{ step: "b", state: "broken", observed: null }]);
  });

  it("ends all of it where it says so", async () => {
    const log: string[] = [];
    const run = await open({
      steps: [
        becoming("a", 3_000),
        step(log, "b", 60_000, { begin: { kind: "at", ms: 0 } }),
        step(log, "c", 10),
      ],
      thresholds: [threshold("ready.max<1s abort")],
    });
    expect(await inTime(run.execute())).toMatchObject({ verdict: "failed", exitCode: 99 });
    expect(log).toEqual(["begin b", "clean b"]);
    expect(run.snapshot().elapsedMs).toBeLessThan(10_000);
  });
});

describe("a level", () => {
  it("of a step at work changes how many jobs are under way, and those under way go on", async () => {
    let now = 0;
    let most = 0;
    const jobs = Array.from({ length: 30 }, (_, index) =>
      fakeJob(index, async (context) => {
        most = Math.max(most, ++now);
        await work(1_000)(context);
        now--;
      }),
    );
    const run = await open({ name: "create", plan: { jobs, concurrency: 2 } });
    const done = run.execute();
    await pass(1_500);
    expect([most, inEnglish(run.snapshot().steps[0]?.levels)]).toEqual([
      2,
      [{ of: "concurrency", label: "at a time", now: 2 }],
    ]);
    expect(inEnglish(run.setLevel("create", "concurrency", 5))).toBe(
      'step "create": 5 at a time from now on',
    );
    await pass(1_000);
    expect(most).toBe(5);
    run.setLevel("create", "concurrency", 1);
    await pass(1_500);
    expect(now).toBe(1);
    expect(await inTime(done)).toMatchObject({ succeeded: 30 });
    expect(() => run.setLevel("create", "concurrency", 1)).toThrow(/is not at work/);
  });

  it("is the workload's own where it has a load, is held against the ceilings, and has a sentence for each mistake", async () => {
    let level = 50;
    const run = await open({
      guard: { tag: "staging", limits: { connections: 100 } },
      plan: {
        jobs: [fakeJob(0, work(60_000))],
        load: load(0),
        levels: [
          {
            of: "connections",
            label: say("connections"),
            max: 200,
            now: () => level,
            demand: (connections) => ({ connections }),
            set: (value) => {
              level = value;
            },
          },
        ],
      },
    });
    const done = run.execute();
    await pass(500);
    run.setLevel("test", "connections", 80);
    expect(level).toBe(80);
    expect(() => run.setLevel("test", "connections", 150)).toThrow(
      /150 connections are above the limit of 100/,
    );
    expect(() => run.setLevel("test", "connections", 201)).toThrow(/can be 200 at most/);
    expect(() => run.setLevel("test", "rate", 1)).toThrow(/has no level "rate": it has connections/);
    expect(() => run.setLevel("other", "rate", 1)).toThrow(/has no step "other": it has test/);
    expect(level).toBe(80);
    run.stop(false);
    await inTime(done);
  });
});

describe("a profile", () => {
  const profiled = (max: number | undefined, set: (value: number) => void): Partial<Plan> => {
    let level = 0;
    return {
      jobs: [fakeJob(0, work(60_000))],
      load: load(5_000),
      levels: [
        {
          of: "connections",
          label: say("connections"),
          ...(max === undefined ? {} : { max }),
          now: () => level,
          demand: (connections) => ({ connections }),
          set: (value) => {
            level = value;
            set(value);
          },
        },
      ],
    };
  };

  it("moves the level of a step through its stages, from its measured part on, and stands still in a pause", async () => {
    const seen: [second: number, value: number][] = [];
    const began = performance.now();
    const second = () => Math.round((performance.now() - began) / 1_000);
    const run = await open({
      plan: profiled(undefined, (value) => seen.push([second(), Math.round(value)])),
      profile: {
        stages: [
          { forMs: 10_000, to: 100 },
          { forMs: 5_000, to: 100 },
          { forMs: 0, to: 40 },
        ],
      },
    });
    const done = run.execute();
    await pass(4_000);
    expect(seen).toEqual([]);
    await pass(6_000);
    run.pause(true);
    await pass(20_000);
    const before = seen.length;
    run.pause(false);
    await pass(1_500);
    expect(seen.length - before).toBeLessThanOrEqual(2);
    await pass(15_000);
    const rising = seen.slice(0, -1).map(([, value]) => value);
    expect(rising).toEqual(rising.toSorted((a, b) => a - b));
    expect(seen.at(-1)?.[1]).toBe(40);
    expect(seen.some(([, value]) => value === 100)).toBe(true);
    run.stop(false);
    await inTime(done);
  });

  it("that goes above a ceiling ends there, with a word, and the run goes on", async () => {
    let last = 0;
    const run = await open({
      guard: { tag: "staging", limits: { connections: 50 } },
      plan: profiled(undefined, (value) => {
        last = value;
      }),
      profile: { level: "connections", from: 10, stages: [{ forMs: 10_000, to: 100 }] },
    });
    const done = run.execute();
    await pass(30_000);
    expect(last).toBeGreaterThan(30);
    expect(last).toBeLessThanOrEqual(50);
    expect(run.log.events.map(({ text }) => english(text)).join("\n")).toMatch(
      /keeps its level: .* above the limit of 50/,
    );
    run.stop(false);
    await inTime(done);
  });
});

describe("the record of several steps", () => {
  it("has each one's figures under its name, in the result, the seconds and the last snapshot", async () => {
    const log: string[] = [];
    const failing = fakeJob(0, () => Promise.reject(new Error("boom")));
    const run = await open({
      steps: [step(log, "a", 2_000), { name: "b", plan: { jobs: [failing, fakeJob(1)] } }],
    });
    await inTime(run.execute());
    const read = (name: string) => readFileSync(path.join(folder(), name), "utf8");
    const result = runResultSchema.parse(JSON.parse(read("result.json")));
    expect(result).toMatchObject({ total_runs: 3, total_pass: 2, total_fail: 1, phases: {} });
    expect(result.steps).toMatchObject({
      a: { workload: "test", verdict: "passed", total_pass: 1, errors_by_cause: [] },
      b: { verdict: "failed", total_fail: 1, errors_by_cause: [{ id: "internal", count: 1 }] },
    });
    expect(Object.keys(result.runs)).toEqual(["a/test/0", "b/test/0", "b/test/1"]);
    const final = JSON.parse(read("final.json"));
    expect(snapshotSchema.parse(final.snapshot).steps.map(({ name }) => name)).toEqual(["a", "b"]);
    const samples = sampleSchema.array().parse(final.samples);
    expect(new Set(samples.map((sample) => sample.step))).toEqual(new Set(["a", "b"]));
    const lines = read("seconds.ndjson")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(
      read("descriptions.ndjson")
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line).step),
    ).toEqual(["a", "b"]);
    // While the first is at work, the second has nothing to say.
    expect(Object.keys(lines.find(({ second }) => second === 0)?.steps)).toEqual(["a"]);
  });
});
