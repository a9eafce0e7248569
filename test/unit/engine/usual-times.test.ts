import { expect, it } from "vitest";
import { Stopped } from "../../../src/contract/ends.ts";
import { JobFailure } from "../../../src/contract/failures.ts";
import type { Job } from "../../../src/contract/job.ts";
import { JobRun } from "../../../src/engine/steps/job.ts";
import { say } from "../../../src/text/message.ts";
import { measuredBoard } from "./fake-run.ts";

const clock = { ms: 0 };
const BUILDING = say("building");

/** Jobs that are at the same thing since the clock's now. */
function building(count: number) {
  clock.ms = 1_000;
  const { board } = measuredBoard();
  const jobs: Job[] = Array.from({ length: count }, (_, index) => ({
    ...{ index, name: `w-${index}`, owner: "o" },
    run: async () => undefined,
    cleanup: async () => undefined,
  }));
  board.begin("create", jobs, ["building", "starting"]);
  const runs = jobs.map((job, index) => {
    const row = board.rows[index];
    if (!row) throw new Error("a job has a row");
    const run = new JobRun(job, row, board, clock);
    run.begin(true, 300_000);
    run.does(BUILDING);
    return run;
  });
  return { board, runs };
}

it("says how long jobs are usually at the same thing, once three have been through it", () => {
  const { board, runs } = building(4);
  for (const [index, seconds] of [3, 4, 50].entries()) {
    clock.ms = 1_000 + seconds * 1_000;
    if (index < 2) runs[index]?.does(say("waiting for the agent"));
    expect(board.usual.list()).toEqual([]);
  }
  runs[2]?.succeed();
  const [usual] = board.usual.list();
  expect(usual?.doing).toEqual(BUILDING);
  expect(usual?.ms).toBeCloseTo(4_000, -2);
  expect(board.rows[3]).toMatchObject({ since: 1_000, startedAt: 1_000, limitMs: 300_000 });
});

it("takes what was cut off by a failure, or a stop, for no usual time", () => {
  const { board, runs } = building(4);
  clock.ms = 90_000;
  for (const run of runs.slice(0, 2)) run.end(new JobFailure("x", say("build did not finish")));
  for (const run of runs.slice(2)) run.end(new Stopped());
  expect(board.usual.list()).toEqual([]);
  expect(board.rows[0]?.since).toBeUndefined();
});

it("goes on with what is said again in the same words", () => {
  const { board, runs } = building(1);
  clock.ms = 20_000;
  runs[0]?.does(say("building"));
  expect(board.rows[0]?.since).toBe(1_000);
});

it("keeps when a cause was first met, and which build it was", () => {
  const { board, runs } = building(2);
  for (const [index, run] of runs.entries()) {
    clock.ms = 5_000 * (index + 1);
    run.end(new JobFailure("build_failed", say("build failed"), { build: 3 }));
  }
  expect(board.causes.list()).toMatchObject([{ count: 2, firstAt: 5_000 }]);
  expect(board.rows[1]?.build).toBe(3);
});
