import { describe, expect, it } from "vitest";
import { type PlanInput, planFor } from "../../../src/planner/plan.ts";
import { nearestTest } from "../../../src/planner/published.ts";
import { erlangC, meanQueueMs, queueOfMorning } from "../../../src/planner/queue.ts";

const INPUT: PlanInput = {
  rules: "2026",
  users: 1_000,
  webShare: 0,
  windowMs: 15 * 60_000,
  times: { p50Ms: 60_000, p95Ms: 180_000 },
  provisioners: "external",
  workspace: { cores: 1, memory: 2 },
  node: { cores: 8, memory: 32 },
};
const plan = (changes: Partial<PlanInput>) => planFor({ ...INPUT, ...changes });

describe("a plan by the rules of 2023", () => {
  const old = (changes: Partial<PlanInput>) => plan({ rules: "2023", ...changes });

  it("comes to Coder's own examples", () => {
    const integrated = old({ users: 1_000, builds: 60, provisioners: "integrated" });
    expect([integrated.coderd.replicas, integrated.provisioners]).toEqual([
      2,
      { daemons: 60, perReplica: 30 },
    ]);
    const external = old({ users: 1_000, builds: 120 });
    expect(external.provisioners).toEqual({
      daemons: 120,
      nodes: { count: 4, daemons: 30, cores: 8, memory: 8 },
    });
    expect(external.database).toMatchObject({ cores: 2, memory: 4 });
    expect(external.coderd).toEqual({ replicas: 1, cores: 2, memory: 4 });
    expect(old({ users: 1_000, webShare: 1 }).coderd).toEqual({ replicas: 1, cores: 4, memory: 8 });
  });

  it.each([
    [500, 1, 2, 4],
    [1_000, 1, 2, 4],
    [2_000, 2, 3, 6],
    [3_000, 3, 4, 8],
  ])("%d users need %d replicas and a database of %d cores and %d GB", (users, replicas, cores, memory) => {
    const { coderd, database } = old({ users });
    expect([coderd.replicas, database.cores, database.memory]).toEqual([replicas, cores, memory]);
  });

  it("adds a quarter of a core and of a GB for each daemon in a replica", () => {
    // 1,000 users: 2 cores and 4 GB; 12 daemons: 3 and 3.
    expect(old({ builds: 12, provisioners: "integrated" }).coderd).toEqual({
      replicas: 1,
      cores: 5,
      memory: 7,
    });
  });
});

describe("a plan by the rules of 2026", () => {
  it.each([
    [1_000, 600, 60, { replicas: 3, cores: 2, memory: 8 }, { cores: 8, memory: 30 }],
    [2_000, 1_200, 120, { replicas: 3, cores: 4, memory: 12 }, { cores: 16, memory: 60 }],
    [3_000, 1_800, 180, { replicas: 4, cores: 4, memory: 12 }, { cores: 32, memory: 120 }],
    [10_000, 6_000, 600, { replicas: 10, cores: 4, memory: 12 }, { cores: 64, memory: 240 }],
  ])("is the architecture for %d users", (users, running, builds, coderd, database) => {
    const found = plan({ users });
    expect(found).toMatchObject({ running, builds, coderd, database });
    expect(found.provisioners.daemons).toBe(builds);
    expect(found.provisioners.nodes).toMatchObject({ daemons: 30, cores: 30, memory: 30 });
  });

  it("takes the next architecture for users between two, and says where it goes beyond all", () => {
    expect(plan({ users: 1_001 }).coderd).toEqual(plan({ users: 2_000 }).coderd);
    expect(plan({ users: 4_000 }).database).toEqual(plan({ users: 10_000 }).database);
    const more = plan({ users: 15_000 });
    expect([more.coderd.replicas, more.database.cores, more.notes.length]).toEqual([15, 96, 1]);
  });

  it("asks for a core and 1 GB for each 2 builds where they work in coderd", () => {
    const { coderd, provisioners } = plan({ provisioners: "integrated", builds: 27 });
    expect(provisioners).toEqual({ daemons: 27, perReplica: 9 });
    expect(coderd).toEqual({ replicas: 3, cores: 5, memory: 11 });
  });
});

describe("nodes for workspaces", () => {
  it("hold what fits into 80 % of them, with each agent's own", () => {
    // 6.4 cores of 8: five of 1.1 cores each.
    expect(plan({}).workspaces).toMatchObject({
      count: 600,
      nodes: 120,
      each: { cores: 1.1, memory: 2.128 },
    });
    expect(plan({ rules: "2023" }).workspaces.each).toEqual({ cores: 1.1, memory: 2.256 });
    expect(plan({ workspace: { cores: 16, memory: 2 } }).workspaces.nodes).toBe(Number.POSITIVE_INFINITY);
  });
});

describe("the queue", () => {
  it("of a morning is empty with a daemon for each build, and longer the fewer there are", () => {
    const of = (daemons: number) =>
      queueOfMorning({ builds: 200, windowMs: 600_000, daemons }, { p50Ms: 60_000, p95Ms: 60_000 });
    expect(of(200).maxMs).toBe(0);
    // 200 builds of a minute each on ten daemons take 20 minutes, the last asked for after almost ten.
    expect(of(10).allDoneMs).toBeGreaterThanOrEqual(20 * 60_000);
    expect(of(10).allDoneMs).toBeLessThan(21.1 * 60_000);
    expect(of(5).p95Ms).toBeGreaterThan(of(10).p95Ms);
    expect(of(10)).toEqual(of(10));
  });

  it("of all day is Erlang's, and grows without end where the daemons cannot keep up", () => {
    // Published tables of Erlang C: 2 servers and 1 Erlang wait in one of three cases; 10 and 8 in 0.409.
    expect(erlangC(2, 1)).toBeCloseTo(1 / 3, 6);
    expect(erlangC(10, 8)).toBeCloseTo(0.409, 3);
    expect(erlangC(600, 500)).toBeGreaterThanOrEqual(0);
    const constant = { p50Ms: 60_000, p95Ms: 60_000 };
    // M/D/1 at half load: half of the mean service time of M/M/1's wait, which is the service time.
    expect(meanQueueMs({ buildsPerHour: 30, daemons: 1 }, constant)).toBeCloseTo(30_000, 3);
    expect(meanQueueMs({ buildsPerHour: 60, daemons: 1 }, constant)).toBeUndefined();
  });
});

it("the nearest published test is nearest by the ratio of users", () => {
  expect([100, 600, 1_000, 1_300, 5_000].map((users) => nearestTest(users).users)).toEqual([
    200, 500, 1_000, 1_500, 2_000,
  ]);
  expect(nearestTest(1_000).version).toBe("v2.10.2");
});
