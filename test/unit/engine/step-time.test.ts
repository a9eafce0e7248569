import { describe, expect, it } from "vitest";
import type { JobContext } from "../../../src/contract/job.ts";
import type { Run } from "../../../src/engine/run.ts";
import { NOTHING_LEFT } from "../../../src/protocol/left.ts";
import { english, say } from "../../../src/text/message.ts";
import { prepare as prepareHold } from "../../../src/workloads/hold/prepare.ts";
import { type FakeStep, fakeJob, fakePlan, fakeRuns } from "./fake-run.ts";
import { inTime, pass, virtualTime } from "./virtual-time.ts";

virtualTime();
const { open } = fakeRuns();

const hold = (durationMs: number) => () => prepareHold({ durationMs, thresholds: [] });
const doing = (run: Run) => english(run.rows[0]?.doing ?? say("nothing"));

describe("a hold", () => {
  it("lasts for its time, says how much of it is left, and ends well", async () => {
    const run = await open({ prepare: hold(60_000) });
    const done = run.execute();
    await pass(20_250);
    expect(doing(run)).toBe("40s left");
    expect(Math.round((run.snapshot().remainingMs ?? 0) / 1_000)).toBe(40);
    await pass(38_500);
    expect(run.snapshot().state).toBe("running");
    expect(await inTime(done)).toMatchObject({ verdict: "passed", succeeded: 1, orphans: 0 });
  });

  it("does not count the time for which the run is paused", async () => {
    const run = await open({ prepare: hold(10_000) });
    const done = run.execute();
    await pass(5_000);
    expect(english(run.pause(true))).toBe("paused: nothing new is started, and the time does not count");
    const before = doing(run);
    await pass(120_000);
    expect([run.snapshot().state, doing(run)]).toEqual(["running", before]);
    run.pause(false);
    await pass(4_000);
    expect(run.snapshot().state).toBe("running");
    await pass(2_000);
    expect(run.snapshot().state).toBe("finished");
    await done;
  });

  it("has done what it was to do where the step that it goes along with ends before", async () => {
    const main = fakeJob(0, ({ wait }) => wait(3_000));
    const run = await open({
      steps: [
        { name: "main", plan: { jobs: [main] } },
        { name: "hold", begin: { kind: "with", step: "main" }, prepare: hold(3_600_000) },
      ],
    });
    expect(await inTime(run.execute())).toMatchObject({ verdict: "passed", succeeded: 2 });
    expect(run.snapshot().elapsedMs).toBeLessThan(5_000);
  });

  it("ends at once with the run", async () => {
    const run = await open({ prepare: hold(3_600_000) });
    const done = run.execute();
    await pass(1_000);
    run.stop(false);
    expect(await inTime(done)).toMatchObject({ verdict: "interrupted", failed: 0 });
    expect(run.snapshot().elapsedMs).toBeLessThan(2_000);
  });
});

describe("jobs that do not come at once", () => {
  const spread = (begun: number[], more = {}) => ({
    jobs: [0, 1, 2].map((index) =>
      fakeJob(index, async () => {
        begun.push(Math.round((performance.now() - zero) / 1_000));
      }),
    ),
    arrivalMs: (index: number) => index * 10_000,
    ...more,
  });
  let zero = 0;

  it("begin each at their time, and wait for it in no time limit of their own", async () => {
    const begun: number[] = [];
    const run = await open({ plan: spread(begun, { jobTimeoutMs: 1_000 }) });
    zero = performance.now();
    expect(await inTime(run.execute())).toMatchObject({ verdict: "passed", succeeded: 3 });
    expect(begun).toEqual([0, 10, 20]);
  });

  it("come later by as much as the run was paused", async () => {
    const begun: number[] = [];
    const run = await open({ plan: spread(begun) });
    zero = performance.now();
    const done = run.execute();
    await pass(5_000);
    run.pause(true);
    await pass(60_000);
    run.pause(false);
    await inTime(done);
    expect(begun[0]).toBe(0);
    expect(begun[1]).toBeGreaterThanOrEqual(70);
    expect(begun[1]).toBeLessThanOrEqual(71);
  });

  it("do not begin any more once the run is stopped", async () => {
    const begun: number[] = [];
    const run = await open({ plan: spread(begun) });
    zero = performance.now();
    const done = run.execute();
    await pass(1_000);
    run.stop(false);
    expect(await inTime(done)).toMatchObject({ verdict: "interrupted", succeeded: 1, failed: 0 });
    expect(run.snapshot().elapsedMs).toBeLessThan(2_000);
    expect(begun).toEqual([0]);
  });
});

describe("a job that becomes ready from where it asks", () => {
  it("is waited for from there on, and counts as never ready where it fails after", async () => {
    const job = (index: number, fails: boolean) =>
      fakeJob(index, async (context: JobContext) => {
        await context.wait(60_000);
        context.awaitReady();
        await context.wait(5_000);
        if (fails) throw new Error("no");
        context.ready();
      });
    const description = { states: [], phases: [], becomesReady: "from_asked" } as const;
    const run = await open({ plan: { description, jobs: [job(0, false), job(1, true)] } });
    const done = run.execute();
    await pass(30_000);
    // A threshold on it must not see what only made the job so that it could begin.
    expect(run.snapshot().steps[0]?.ready).toBeUndefined();
    await inTime(done);
    const [only] = run.snapshot().steps;
    expect(only?.readyCount).toBe(1);
    expect(only?.ready).toMatchObject({ count: 1 });
    expect(Math.round((only?.ready?.max ?? 0) / 1_000)).toBe(5);
  });
});

describe("programs on this machine", () => {
  it("are refused before anybody is signed in, each named, unless they are allowed", async () => {
    const asked: string[] = [];
    const signIn = async () => {
      asked.push("sign-in");
      throw new Error("not to be asked");
    };
    const steps: FakeStep[] = [
      { name: "a", plan: {} },
      { name: "b", program: "kubectl delete pod coderd-1" },
    ];
    const refused = async (all: typeof steps) => {
      const { verdict, refusal } = await (await open({ steps: all, signIn })).execute();
      return [verdict, refusal && english(refusal)];
    };
    expect(await refused(steps)).toEqual([
      "refused",
      "this scenario runs a program on this machine (kubectl delete pod coderd-1); allow it with --allow-run",
    ]);
    expect(await refused([...steps, { name: "c", program: "reboot" }])).toEqual([
      "refused",
      "this scenario runs 2 programs on this machine (kubectl delete pod coderd-1; reboot); allow them with --allow-run",
    ]);
    expect(asked).toEqual([]);
    expect(await inTime((await open({ steps, allowRun: true })).execute())).toMatchObject({
      verdict: "passed",
    });
  });
});

describe("what a step with a clean-up could not delete", () => {
  it("is left behind also where another step makes nothing, and so has no clean-up", async () => {
    const left = { users: 1, workspaces: 0, tokens: 0 };
    const run = await open({
      steps: [
        {
          name: "create",
          prepare: async ({ ledger }) => {
            await ledger.write({ kind: "user", op: "exists", name: "u", id: "1" });
            return fakePlan({ countLeft: async () => ({ left }) });
          },
        },
        { name: "hold", prepare: hold(1_000) },
      ],
    });
    expect(await inTime(run.execute())).toMatchObject({ verdict: "failed", kept: 0, orphans: 1, left });
  });

  it("says which workspaces of other runs a step has used", async () => {
    const untouched = { ...NOTHING_LEFT, workspaces: 2, runs: ["hgfedcba"], used: true };
    const { tokens: _tokens, ...used } = untouched;
    const run = await open({ plan: { cleanup: undefined, countLeft: undefined, untouched: used } });
    expect(await inTime(run.execute())).toMatchObject({ verdict: "passed", untouched: used, orphans: 0 });
  });
});

describe("what a job keeps", () => {
  it("is the end of what it says, without the session token and the headers of the deployment", async () => {
    const token = "abcdefghij-0123456789012345678901";
    const run = await open({
      target: { url: "http://127.0.0.1:9", token, network: { headers: { "x-gate": "open-sesame" } } },
      plan: {
        jobs: [fakeJob(0, async (context) => context.keepLog(`${"x".repeat(200_000)} ${token} open-sesame`))],
      },
    });
    await inTime(run.execute());
    const kept = run.rows[0]?.log ?? "";
    expect(kept).toHaveLength(64 * 1024);
    expect(kept.endsWith("x *** ***")).toBe(true);
  });
});
