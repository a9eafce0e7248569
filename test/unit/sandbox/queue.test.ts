import { describe, expect, test } from "vitest";
import { createRandom } from "../../../src/sandbox/random.ts";
import { type Daemon, type Job, JobQueue, jobStatus, PrefixSums } from "../../../src/sandbox/state/jobs.ts";

function daemon(name: string): Daemon {
  return { id: name, name, createdAt: 0, current: undefined, previous: undefined };
}

function job(id: string): Job {
  const organization = {
    id: "o",
    name: "o",
    displayName: "",
    description: "",
    isDefault: true,
    createdAt: 0,
  };
  return {
    id,
    type: "workspace_build",
    organization,
    fileId: "",
    input: { workspace_build_id: id },
    initiatorId: "",
    createdAt: 0,
    updatedAt: 0,
    ticket: -1,
    unmatched: false,
    work: { durationMs: 0, applyStage: undefined, changed: () => undefined },
    logs: [],
    followers: new Set(),
  };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** A queue whose jobs end when the test says so. */
function queueOf(daemons: number) {
  const taken: string[] = [];
  const finish = new Map<string, () => void>();
  const queue = new JobQueue(
    Array.from({ length: daemons }, (_, at) => daemon(`d${at}`)),
    (one) => {
      one.startedAt = 1;
      taken.push(one.id);
      return new Promise((resolve) => {
        finish.set(one.id, () => {
          one.completedAt = 2;
          resolve();
        });
      });
    },
  );
  return { queue, taken, finish: (id: string) => finish.get(id)?.() };
}

describe("the job queue", () => {
  test("takes jobs in order and tells positions", async () => {
    const { queue, taken, finish } = queueOf(2);
    const jobs = ["a", "b", "c", "d"].map(job);
    for (const one of jobs) queue.add(one);
    await turn();
    expect(taken).toEqual(["a", "b"]);
    expect(jobs.map((one) => queue.position(one))).toEqual([0, 0, 1, 2]);
    expect(queue.size).toBe(2);
    finish("b");
    await turn();
    await turn();
    expect(taken).toEqual(["a", "b", "c"]);
    expect(jobs.map((one) => queue.position(one))).toEqual([0, 0, 0, 1]);
    expect(queue.daemons.map((one) => one.current?.id)).toEqual(["a", "c"]);
  });

  test("a cancelled job leaves the count but is taken all the same", async () => {
    const { queue, taken, finish } = queueOf(1);
    const [a, b, c] = ["a", "b", "c"].map(job) as [Job, Job, Job];
    for (const one of [a, b, c]) queue.add(one);
    await turn();
    b.canceledAt = 1;
    b.completedAt = 1;
    queue.canceled(b);
    expect([queue.position(b), queue.position(c), queue.size]).toEqual([0, 1, 1]);
    finish("a");
    await turn();
    await turn();
    expect(taken).toEqual(["a", "b"]);
    expect(jobStatus(b)).toBe("canceled");
  });

  test("takes nothing while it is paused", async () => {
    const { queue, taken } = queueOf(1);
    queue.paused = true;
    queue.add(job("a"));
    await turn();
    expect(taken).toEqual([]);
    queue.paused = false;
    queue.dispatch();
    expect(taken).toEqual(["a"]);
  });

  test("a job that no daemon matches stays pending and counts for nobody", async () => {
    const { queue, taken } = queueOf(1);
    const lost = { ...job("lost"), unmatched: true };
    queue.add(lost);
    await turn();
    expect(taken).toEqual([]);
    expect([jobStatus(lost), queue.position(lost), queue.size]).toEqual(["pending", 0, 0]);
  });
});

test("the status of a job follows from its times", () => {
  const of = (times: Partial<Job>) => jobStatus({ ...job("a"), ...times });
  expect(of({})).toBe("pending");
  expect(of({ startedAt: 1 })).toBe("running");
  expect(of({ startedAt: 1, canceledAt: 2 })).toBe("canceling");
  expect(of({ startedAt: 1, completedAt: 2 })).toBe("succeeded");
  expect(of({ startedAt: 1, completedAt: 3, canceledAt: 2 })).toBe("canceled");
  expect(of({ startedAt: 1, completedAt: 2, error: "x" })).toBe("failed");
});

test("sums agree with counting, while the tree grows", () => {
  const random = createRandom(7);
  const sums = new PrefixSums();
  const plain: number[] = [];
  for (let step = 0; step < 5000; step++) {
    const index = random.below(step + 1);
    const amount = random.below(3) - 1;
    plain[index] = (plain[index] ?? 0) + amount;
    sums.add(index, amount);
    if (step % 97 === 0) {
      const to = random.below(step + 1);
      let expected = 0;
      for (let at = 0; at <= to; at++) expected += plain[at] ?? 0;
      expect(sums.upTo(to)).toBe(expected);
    }
  }
});
