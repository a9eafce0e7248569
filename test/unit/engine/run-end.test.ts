import { existsSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import { readRecord } from "../../../src/app/runs/record.ts";
import type { Plan } from "../../../src/contract/plan.ts";
import type { Run } from "../../../src/engine/run.ts";
import { FINAL_FILE } from "../../../src/runs/final.ts";
import { RESULT_FILE } from "../../../src/runs/run-file.ts";
import { inEnglish } from "../../../test/support/in-english.ts";
import { fakePlan, fakeRuns } from "./fake-run.ts";

const NONE = { users: 0, workspaces: 0, tokens: 0 };
const { folder, open: openFake } = fakeRuns();

/** A run that has made a user, and a token of somebody else. */
function open(plan: Partial<Plan>): Promise<Run> {
  return openFake({
    prepare: async ({ ledger }) => {
      await ledger.write({ kind: "user", op: "exists", name: "u", id: "1" });
      await ledger.write({ kind: "token", op: "exists", name: "t", owner: "2" });
      return fakePlan({ cleanup: undefined, countLeft: async () => ({ left: NONE }), ...plan });
    },
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
    const isComplete = [FINAL_FILE, RESULT_FILE].every((name) => existsSync(path.join(folder(), name)));
    if (state === "finished" || outcome)
      expect([state, outcome?.verdict, isComplete]).toEqual(["finished", "passed", true]);
    looks++;
    await new Promise((resolve) => setImmediate(resolve));
  }
  await done;
  expect(looks).toBeGreaterThan(2);
  const final = await readRecord(folder());
  expect(final?.snapshot).toMatchObject({ state: "finished", outcome: { verdict: "passed" } });
  expect(inEnglish(final?.snapshot.events.at(-1)?.text)).toBe("0 succeeded, 0 failed");
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
  expect(outcome.next).toBe("coder-scaletest runs clean abcdefgh");
});

it("says nothing of how to go on where nothing is left", async () => {
  const outcome = await (await open({ removes: true, countLeft: async () => ({ left: NONE }) })).execute();
  expect(outcome).toMatchObject({ orphans: 0, verdict: "passed" });
  expect(outcome).not.toHaveProperty("next");
});
