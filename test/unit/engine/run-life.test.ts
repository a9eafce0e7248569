import { describe, expect, it } from "vitest";
import { JobFailure, Refusal } from "../../../src/contract/failures.ts";
import type { Job, JobContext } from "../../../src/contract/job.ts";
import type { Run } from "../../../src/engine/run.ts";
import { english, say } from "../../../src/text/message.ts";
import { inEnglish } from "../../../test/support/in-english.ts";
import { fakeJob, fakePlan, fakeRuns, work } from "./fake-run.ts";
import { inTime, pass, virtualTime } from "./virtual-time.ts";

virtualTime();
const { open } = fakeRuns();

const forever = work(1e9);
const states = (run: Run) => run.rows.map(({ state }) => state);
const texts = (run: Run) => run.log.events.map(({ text }) => text);

/** Jobs that say what is done with them, in order. */
function logged(count: number, run: Job["run"] = async () => undefined) {
  const log: string[] = [];
  const jobs = Array.from({ length: count }, (_, index) =>
    fakeJob(
      index,
      async (context) => {
        log.push(`run ${index}`);
        await run(context);
      },
      async () => void log.push(`clean ${index}`),
    ),
  );
  return { log, jobs };
}

describe("a run", () => {
  it("runs its jobs, cleans up after all of them, asks what is left, and closes", async () => {
    const { log, jobs } = logged(3);
    const run = await open({
      plan: {
        jobs,
        concurrency: 1,
        countLeft: async () => {
          log.push("ask");
          return { left: { users: 0, workspaces: 0, tokens: 0 } };
        },
        close: async () => void log.push("close"),
      },
    });
    expect(await inTime(run.execute())).toMatchObject({ verdict: "passed", exitCode: 0, succeeded: 3 });
    const [first, ...rest] = ["run 0", "run 1", "run 2", "clean 0", "clean 1", "clean 2", "ask", "close"];
    expect(log).toEqual([first, ...rest]);
  });

  it("has as many jobs under way as it may", async () => {
    let now = 0;
    let most = 0;
    const jobs = Array.from({ length: 9 }, (_, index) =>
      fakeJob(index, async (context) => {
        most = Math.max(most, ++now);
        await work(1_000)(context);
        now--;
      }),
    );
    const run = await open({ plan: { jobs, concurrency: 4 } });
    await inTime(run.execute());
    expect(most).toBe(4);
  });
});

describe("a stop", () => {
  it("ends what is under way, begins nothing more, and cleans up after what was begun", async () => {
    const { log, jobs } = logged(5, forever);
    const run = await open({ plan: { jobs, concurrency: 2 } });
    const done = run.execute();
    await pass(1_000);
    run.stop(false);
    expect(await inTime(done)).toMatchObject({ verdict: "interrupted", exitCode: 130, failed: 0 });
    expect(log).toEqual(["run 0", "run 1", "clean 0", "clean 1"]);
    expect(states(run)).toEqual(Array(5).fill("canceled"));
  });

  it("that keeps leaves everything as it is, and says how much", async () => {
    const { log, jobs } = logged(1, async ({ ledger }) => {
      await ledger.write({ kind: "user", op: "exists", name: "u", id: "1" });
      return new Promise(() => undefined);
    });
    const ended = fakeJob(1, async ({ signal }) => forever({ signal } as JobContext));
    const run = await open({ plan: { jobs: [...jobs.slice(1), ended] } });
    const done = run.execute();
    await pass(500);
    run.stop(true);
    expect(await inTime(done)).toMatchObject({ verdict: "interrupted", kept: 0, orphans: 0 });
    expect(log).toEqual([]);
  });

  it("that keeps ends a clean-up that goes on", async () => {
    const jobs = [fakeJob(0, undefined, forever), fakeJob(1, undefined, forever)];
    const run = await open({ plan: { jobs } });
    const done = run.execute();
    await pass(1_000);
    expect(run.snapshot().state).toBe("cleaning");
    run.stop(true);
    await inTime(done);
    expect(inEnglish(run.rows.map(({ doing }) => doing))).toEqual(["left behind", "left behind"]);
  });

  it("before anything was made ends the preparation", async () => {
    const run = await open({
      prepare: ({ signal }) =>
        new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
    });
    const done = run.execute();
    await pass(500);
    run.stop(false);
    expect(await inTime(done)).toMatchObject({ verdict: "interrupted", orphans: 0 });
  });
});

describe("a pause", () => {
  it("begins nothing until it is over, and counts for no limit of the run", async () => {
    const { log, jobs } = logged(4, work(1_000));
    const run = await open({ plan: { jobs, concurrency: 1, timeoutMs: 6_000 } });
    const done = run.execute();
    await pass(1_500);
    expect(inEnglish(run.pause(true))).toMatch(/nothing new is started/);
    await pass(60_000);
    expect(log).toEqual(["run 0", "run 1"]);
    expect(run.snapshot()).toMatchObject({ paused: true, remainingMs: null });
    expect(inEnglish(run.pause(false))).toBe("resumed");
    expect(await inTime(done)).toMatchObject({ verdict: "passed", succeeded: 4 });
    expect(run.log.samples.some(({ paused }) => paused)).toBe(true);
  });

  it("before the jobs begin reaches a workload that holds what is under way", async () => {
    const said: boolean[] = [];
    let prepared: () => void = () => undefined;
    const run = await open({
      prepare: async () => {
        await new Promise<void>((resolve) => {
          prepared = resolve;
        });
        return fakePlan({
          pause: (paused) => {
            said.push(paused);
            return say("held");
          },
        });
      },
    });
    const done = run.execute();
    await pass(1);
    run.pause(true);
    prepared();
    await inTime(done);
    expect(said).toEqual([true]);
  });
});

describe("time limits", () => {
  it("of a job are a failure of that job alone", async () => {
    const jobs = [fakeJob(0, forever), fakeJob(1, work(500))];
    const run = await open({ plan: { jobs, jobTimeoutMs: 2_000 } });
    expect(await inTime(run.execute())).toMatchObject({ succeeded: 1, failed: 1, exitCode: 1 });
    expect(inEnglish(run.rows[0])).toMatchObject({ cause: "timed out", state: "failed" });
    expect(run.snapshot().elapsedMs).toBeLessThan(4_000);
  });

  it("of the run tell what was under way from what was not begun", async () => {
    const jobs = [fakeJob(0, forever), fakeJob(1, forever)];
    const run = await open({ plan: { jobs, concurrency: 1, timeoutMs: 2_000 } });
    await inTime(run.execute());
    expect(inEnglish(run.rows.map(({ cause }) => cause))).toEqual([
      "timed out",
      "not started when the run's time limit ran out",
    ]);
  });

  it("of the clean-up end it, and each that is not through is left behind", async () => {
    const jobs = [fakeJob(0, undefined, forever), fakeJob(1)];
    const limits = { label: say("Clean up"), concurrency: 0, timeoutMs: 3_000, jobTimeoutMs: 0 };
    const run = await open({ plan: { jobs, cleanup: limits } });
    await inTime(run.execute());
    expect(inEnglish(run.rows.map(({ doing }) => doing))).toEqual(["left behind", "deleted"]);
    expect(run.snapshot().stages.at(-1)?.state).toBe("failed");
  });
});

describe("a session that expires", () => {
  /** A run whose session has expired after half a second. */
  async function expired(signInLimitMs: number, jobs: Job[], changes = {}) {
    let expire: () => void = () => undefined;
    let signIn: () => void = () => undefined;
    const run = await open({
      signInLimitMs,
      prepare: async ({ client }) => {
        const { session } = client.transport;
        expire = () => session.follow({ token: "t", state: "expired" });
        signIn = () => session.renew("new");
        return fakePlan({ jobs, ...changes });
      },
    });
    const done = run.execute();
    await pass(500);
    expire();
    return { run, done, signIn: () => signIn() };
  }

  it("counts for no time limit until somebody has signed in, and begins nothing", async () => {
    const { log, jobs } = logged(2, work(1_500));
    const { run, done, signIn } = await expired(600_000, jobs, { concurrency: 1, jobTimeoutMs: 2_000 });
    await pass(60_000);
    expect(run.snapshot().sessionExpired).toMatchObject({ user: "admin" });
    expect(log).toEqual(["run 0"]);
    signIn();
    expect(await inTime(done)).toMatchObject({ verdict: "passed", succeeded: 2 });
    expect(run.still.ms).toBeGreaterThan(59_000);
  });

  it("ends the run, without a failure, where nobody comes", async () => {
    const { run, done } = await expired(10_000, [fakeJob(0, forever)]);
    expect(await inTime(done)).toMatchObject({ verdict: "interrupted", failed: 0 });
    expect(texts(run).map(inEnglish).join("\n")).toMatch(
      /nobody has signed in again within 10s: the run ends/,
    );
  });
});

describe("what throws, wherever it does, ends in a result", () => {
  const boom = () => {
    throw new Error("boom");
  };
  const rejected = () => Promise.reject(new Error("boom"));

  it.each([
    ["a refusal", new Refusal(say("no such template")), "no such template"],
    ["anything else", new Error("boom"), "boom"],
  ])("in the preparation: %s", async (_what, error, refusal) => {
    const run = await open({ prepare: () => Promise.reject(error) });
    expect(inEnglish(await inTime(run.execute()))).toMatchObject({
      verdict: "refused",
      exitCode: 3,
      refusal,
    });
  });

  it("in a job: a failure with a cause, and the others go on", async () => {
    const jobs = [
      fakeJob(0, rejected),
      fakeJob(1, boom),
      fakeJob(2, () => Promise.reject(new JobFailure("x", say("agent never connected")))),
      fakeJob(3),
    ];
    const run = await open({ plan: { jobs } });
    expect(await inTime(run.execute())).toMatchObject({ succeeded: 1, failed: 3 });
    expect(run.steps[0]?.board.causes.list().map(({ id, count }) => [id, count])).toEqual([
      ["internal", 2],
      ["x", 1],
    ]);
  });

  it("in a clean-up: said, and the others are cleaned up", async () => {
    const jobs = [fakeJob(0, undefined, rejected), fakeJob(1, undefined, boom), fakeJob(2)];
    const run = await open({ plan: { jobs } });
    await inTime(run.execute());
    expect(inEnglish(run.rows.map(({ doing }) => doing))).toEqual(["left behind", "left behind", "deleted"]);
    expect(texts(run).filter((text) => english(text) === "clean-up failed: boom")).toHaveLength(2);
  });

  it("when it asks what is left: no pass", async () => {
    const run = await open({ plan: { jobs: [fakeJob(0)], countLeft: rejected } });
    expect(await inTime(run.execute())).toMatchObject({ verdict: "failed", orphans: null });
  });

  it.each([
    ["close", { close: rejected }, "passed"],
    ["remarks", { remarks: boom }, "failed"],
    ["helpers", { helpers: boom }, "failed"],
    [
      "the load's figures",
      {
        load: {
          snapshot: boom,
          end: () => undefined,
          takeSample: () => undefined,
          recentHistogram: undefined,
          result: boom,
          invalid: () => undefined,
        },
      },
      "failed",
    ],
  ])("in %s: the run still ends, and never rejects", async (_where, plan, verdict) => {
    const { log, jobs } = logged(1, work(1_000));
    const run = await open({ plan: { jobs, ...plan } as never });
    const done = run.execute();
    await pass(500);
    run.snapshot();
    expect(await inTime(done)).toMatchObject({ verdict });
    expect(log).toEqual(["run 0", "clean 0"]);
  });
});
