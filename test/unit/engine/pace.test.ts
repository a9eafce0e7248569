import { describe, expect, it } from "vitest";
import { Estimates, type InProgress } from "../../../src/engine/steps/pace.ts";
import type { Stage } from "../../../src/protocol/snapshot.ts";
import { foreign, say } from "../../../src/text/message.ts";

const stage = (done: number, total: number): Stage => ({
  id: "jobs",
  label: say("Create and use"),
  state: "active",
  done,
  total,
});
const job = (doing: string, inProgress?: InProgress) => ({ row: { doing: foreign(doing) }, inProgress });
const agent = (since: number) => job("waiting for the agent", { since, limitMs: 600_000 });

describe("how long a run still takes", () => {
  it("is by the pace so far, and gets less as time goes by", () => {
    const estimates = new Estimates();
    estimates.begin("jobs", 1_000, 0);
    estimates.ended("jobs", 11_000);
    expect(estimates.of("jobs", stage(5, 10), [], 11_000)).toEqual({ remainingMs: 10_000 });
    expect(estimates.of("jobs", stage(5, 10), [], 14_000)).toEqual({ remainingMs: 7_000 });
  });

  it("is not known any more once that time is over: it says what is waited for, and until when", () => {
    const estimates = new Estimates();
    estimates.begin("jobs", 0, 0);
    estimates.ended("jobs", 6_000);
    const jobs = [
      agent(1_000),
      agent(2_000),
      agent(3_000),
      job("done"),
      job("building", { since: 0, limitMs: 1 }),
    ];
    expect(estimates.of("jobs", stage(5, 8), jobs, 9_500)).toEqual({ remainingMs: 100 });
    // For as long as nothing ends, and not "about 00:01" for ever.
    for (const now of [9_600, 30_000, 64_000])
      expect(estimates.of("jobs", stage(5, 8), jobs, now)).toEqual({
        remainingMs: null,
        waitsFor: { doing: foreign("waiting for the agent"), count: 3, limitMs: 601_000 - now },
      });
  });

  it("says nothing of a run that has only just begun, and what is waited for when nothing has ended for long", () => {
    const estimates = new Estimates();
    estimates.begin("jobs", 0, 0);
    expect(estimates.of("jobs", stage(0, 8), [agent(0)], 20_000)).toEqual({ remainingMs: null });
    expect(estimates.of("jobs", stage(0, 8), [agent(0)], 30_000)).toMatchObject({
      waitsFor: { count: 1, limitMs: 570_000 },
    });
  });

  it("goes by whichever limit comes first, the stage's or the job's, and says where there is none", () => {
    const limitMs = (stageMs: number, jobMs: number) => {
      const estimates = new Estimates();
      estimates.begin("cleanup", 0, stageMs);
      const jobs = [job("deleting the workspace", { since: 10_000, limitMs: jobMs })];
      return estimates.of("cleanup", stage(0, 1), jobs, 40_000).waitsFor?.limitMs;
    };
    expect(limitMs(60_000, 600_000)).toBe(20_000);
    expect(limitMs(900_000, 60_000)).toBe(30_000);
    expect(limitMs(0, 60_000)).toBe(30_000);
    expect(limitMs(0, 0)).toBeNull();
    expect(limitMs(30_000, 0)).toBe(0);
  });
});
