import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { Run } from "../../src/engine/run.ts";
import { NOTHING_LEFT } from "../../src/protocol/left.ts";
import { readFinal, writeFinal } from "../../src/runs/final.ts";
import type { Job, Plan, Workload } from "../../src/workloads/workload.ts";
import { Course } from "../../src/workloads/workspace-traffic/course.ts";
import { TrafficReport } from "../../src/workloads/workspace-traffic/report.ts";
import { trafficSnapshot } from "../webview/traffic-fixtures.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "run-record-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const job = (index: number, run: Job["run"], cleanup: Job["cleanup"] = async () => undefined): Job => ({
  index,
  name: `scaletest-abcdefgh-${index}`,
  owner: "o",
  run,
  cleanup,
});

/** A run of jobs of the test's own, in the real engine; nothing of it asks the network. */
async function opened(plan: Partial<Plan>): Promise<Run> {
  const workload: Workload = {
    name: "test",
    summary: "",
    schema: z.object({}),
    fields: {},
    title: () => "",
    prepare: async () => ({
      jobs: [],
      phases: [],
      jobsLabel: "Traffic",
      concurrency: 0,
      timeoutMs: 0,
      jobTimeoutMs: 0,
      cleanup: { label: "Clean up", concurrency: 0, timeoutMs: 0, jobTimeoutMs: 0 },
      countLeft: async () => ({ left: NOTHING_LEFT }),
      close: async () => undefined,
      testName: "test",
      ...plan,
    }),
  };
  const deployment = { url: "http://127.0.0.1:1", host: "127.0.0.1:1", version: "", user: "", sandbox: true };
  return Run.open({
    header: { id: "abcdefgh", title: "t", workload: "test", deployment, createdAt: 0, host: "h" },
    folder,
    workload,
    config: {},
    target: { url: deployment.url, token: "t", network: {} },
    files: { sandboxCoder: [], shardScript: "", cliFolder: "", runFolder: folder },
    guard: { tag: "staging", limits: {} },
    signInLimitMs: 0,
  });
}

describe("the record of a run that has ended", () => {
  it("has the result of its load, which is over before the record is written", async () => {
    const course = new Course({
      jobs: 1,
      together: true,
      connections: 2,
      rampMs: 0,
      warmUpMs: 0,
      durationMs: 600_000,
    });
    const load = new TrafficReport({
      course,
      bytes: 4_000,
      intervalMs: 100,
      lateMs: 10,
      planned: 2,
      shards: 1,
    });
    const run = await opened({ jobs: [job(0, async () => undefined)], load });
    await run.execute();
    // As it is on the disk, before anybody makes it fit.
    const { snapshot } = JSON.parse(readFileSync(path.join(folder, "final.json"), "utf8"));
    expect(snapshot.traffic).toMatchObject({ part: "over", message: { bytes: 4_000, intervalMs: 100 } });
  });

  it("of an older version says of traffic that it is over, and nothing of shards that hold nothing any more", async () => {
    const outcome = {
      verdict: "passed",
      summary: "",
      succeeded: 40,
      failed: 0,
      orphans: 0,
      kept: 0,
      exitCode: 0,
    } as const;
    const snapshot = trafficSnapshot(150_000, { part: "draining" }, { state: "finished", outcome });
    await writeFinal(folder, snapshot, []);
    expect((await readFinal(folder))?.snapshot.traffic).toMatchObject({ part: "over", shards: [] });
  });

  it("that was stopped says so of its stage, and as no error", async () => {
    const run = await opened({
      jobs: [
        job(0, async () => undefined),
        job(1, ({ signal }) => {
          run.stop(false);
          return Promise.reject(signal.reason as Error);
        }),
      ],
    });
    const outcome = await run.execute();
    expect(outcome).toMatchObject({
      verdict: "interrupted",
      exitCode: 130,
      summary: "1 succeeded, 1 stopped",
    });
    const { stages, events } = (await readFinal(folder))?.snapshot ?? {};
    expect(stages?.map(({ id, state }) => [id, state])).toEqual([
      ["check", "done"],
      ["jobs", "stopped"],
      ["cleanup", "done"],
    ]);
    expect(events?.filter(({ level }) => level === "error")).toEqual([]);
    expect(events?.at(-1)).toMatchObject({ level: "warning", text: "1 succeeded, 1 stopped" });
  });

  it("that failed and was stopped has failed", async () => {
    const run = await opened({
      jobs: [
        job(0, () => Promise.reject(new Error("no"))),
        job(1, ({ signal }) => {
          run.stop(false);
          return Promise.reject(signal.reason as Error);
        }),
      ],
    });
    await run.execute();
    const { stages } = (await readFinal(folder))?.snapshot ?? {};
    expect(stages?.[1]).toMatchObject({ id: "jobs", state: "failed" });
  });

  it("has no stage that still goes on, whatever the run ended by", async () => {
    const run = await opened({
      jobs: [job(0, async () => undefined)],
      cleanup: undefined,
      load: {
        snapshot: () => {
          throw new Error("broken");
        },
      } as unknown as NonNullable<Plan["load"]>,
    });
    await run.execute().catch(() => undefined);
    expect(run.board.stages.filter(({ state }) => state === "active" || state === "pending")).toEqual([]);
  });

  it("tells what is left by kind", async () => {
    const run = await opened({
      jobs: [job(0, async () => undefined)],
      countLeft: async () => ({ left: { users: 8, workspaces: 8, tokens: 0 } }),
    });
    expect(await run.execute()).toMatchObject({
      orphans: 16,
      left: { users: 8, workspaces: 8, tokens: 0 },
      summary: "1 succeeded, 0 failed; 8 users and 8 workspaces left behind on the deployment",
    });
  });
});
