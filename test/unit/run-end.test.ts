import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import * as z from "zod";
import { Run } from "../../src/engine/run.ts";
import { FINAL_FILE, readFinal } from "../../src/runs/final.ts";
import { RESULT_FILE } from "../../src/runs/run-file.ts";
import type { Plan, Workload } from "../../src/workloads/workload.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(await mkdtemp(path.join(tmpdir(), "runs-")), "run-"));
});
afterEach(() => rm(path.dirname(folder), { recursive: true, force: true }));

const NONE = { users: 0, workspaces: 0, tokens: 0 };

function open(plan: Partial<Plan>): Promise<Run> {
  const whole: Plan = {
    jobs: [],
    phases: [],
    jobsLabel: "Work",
    concurrency: 1,
    timeoutMs: 0,
    jobTimeoutMs: 0,
    cleanup: undefined,
    countLeft: undefined,
    close: async () => undefined,
    testName: "test",
    ...plan,
  };
  const workload: Workload = {
    name: "test",
    summary: "",
    schema: z.unknown(),
    fields: {},
    title: () => "test",
    prepare: async (_, { ledger }) => {
      await ledger.write({ kind: "user", op: "exists", name: "u", id: "1" });
      await ledger.write({ kind: "token", op: "exists", name: "t", owner: "2" });
      return whole;
    },
  };
  const deployment = { url: "http://127.0.0.1:9", host: "h", version: "", user: "", sandbox: true };
  return Run.open({
    header: { id: "aaaaaaaa", title: "t", workload: "test", deployment, createdAt: 0, host: "h" },
    folder,
    workload,
    config: {},
    target: { url: deployment.url, token: "t", network: {} },
    files: { sandboxCoder: [], shardScript: "", cliFolder: folder, runFolder: folder },
    guard: { tag: "staging", limits: {} },
    signInLimitMs: 0,
  });
}

it("is finished, and has an outcome, only when its whole record is there", async () => {
  const run = await open({});
  let over = false;
  const done = run.execute().finally(() => {
    over = true;
  });
  let looks = 0;
  while (!over) {
    const { state, outcome } = run.snapshot();
    const isComplete = [FINAL_FILE, RESULT_FILE].every((name) => existsSync(path.join(folder, name)));
    if (state === "finished" || outcome)
      expect([state, outcome?.verdict, isComplete]).toEqual(["finished", "passed", true]);
    looks++;
    await new Promise((resolve) => setImmediate(resolve));
  }
  await done;
  expect(looks).toBeGreaterThan(2);
  const final = await readFinal(folder);
  expect(final?.snapshot).toMatchObject({ state: "finished", outcome: { verdict: "passed" } });
  expect(final?.snapshot.events.at(-1)?.text).toBe("0 succeeded, 0 failed");
});

it("has kept what it made without a clean-up of its own", async () => {
  const outcome = await (await open({})).execute();
  expect(outcome).toMatchObject({ kept: 1, orphans: null });
});

it("has left behind, and not kept, what it was there to delete", async () => {
  const left = { users: 1, workspaces: 0, tokens: 1 };
  const plan = { removes: true, next: "do it again", countLeft: async () => ({ left }) };
  const outcome = await (await open(plan)).execute();
  expect(outcome).toMatchObject({ kept: 0, orphans: 2, left, next: "do it again", exitCode: 1 });
});

it("goes by its journal where the deployment does not say what is left", async () => {
  const countLeft = () => Promise.reject(new Error("no answer"));
  const outcome = await (await open({ removes: true, countLeft })).execute();
  expect(outcome).toMatchObject({ orphans: 2, left: { users: 1, workspaces: 0, tokens: 1 } });
  expect(outcome.next).toBe("coder-scaletest runs clean aaaaaaaa");
});

it("says nothing of how to go on where nothing is left", async () => {
  const outcome = await (await open({ removes: true, countLeft: async () => ({ left: NONE }) })).execute();
  expect(outcome).toMatchObject({ orphans: 0, verdict: "passed" });
  expect(outcome).not.toHaveProperty("next");
});
