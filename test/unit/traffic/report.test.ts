import { describe, expect, it, vi } from "vitest";
import { Course } from "../../../src/load/course.ts";
import type { PlaceSecond } from "../../../src/load/messages.ts";
import { now } from "../../../src/measure/clock.ts";
import type { PooledConnection } from "../../../src/workloads/workspace-traffic/pool.ts";
import { TrafficLoad } from "../../../src/workloads/workspace-traffic/report.ts";
import { ConnectedUsers } from "../../../src/workloads/workspace-traffic/users.ts";

const connection = (id: number): PooledConnection => ({
  id,
  place: id % 2,
  address: { kind: "pty", url: "", token: "" },
  window: undefined,
  failure: undefined,
  opened: Promise.resolve(1),
  ended: new Promise(() => undefined),
  drops: [],
});

describe("the load, as the main thread sees it", () => {
  const course = () =>
    new Course({ jobs: 1, together: false, connections: 4, rampMs: 0, warmUpMs: 0, durationMs: 10_000 });

  function loadOf(of: Course, owners = ["ann"]) {
    const recorded = new Map<string, number>();
    const missed: [string, number][] = [];
    const load = new TrafficLoad({
      course: of,
      intervalMs: 100,
      planned: 4,
      users: new ConnectedUsers(owners),
      record: {
        count: (metric, n, labels) => {
          const key = `${metric} ${labels?.event ?? labels?.outcome}`;
          recorded.set(key, (recorded.get(key) ?? 0) + n);
        },
        duration: () => undefined,
        share: () => undefined,
        gauge: (metric, value, labels) =>
          recorded.set(`${metric} ${labels?.state ?? labels?.connections}`, value),
      },
      missed: (_at, transport, ticks) => missed.push([transport, ticks]),
    });
    return { load, recorded, missed };
  }

  const second = (active: number, opening = 0): PlaceSecond => ({
    type: "second",
    batch: { second: 0, part: 0, place: "0", values: {} },
    connections: { opening, active, reconnecting: 0 },
    bytes: [],
  });

  it("counts what a dead shard's connections were still to send as missed", async () => {
    const one = course();
    const { load, recorded, missed } = loadOf(one);
    for (const shard of [0, 1]) load.second(shard, second(1));
    const connections = [connection(0), connection(2)];
    const window = await one.window(new AbortController().signal);
    for (const each of connections) each.window = window;
    load.shardDied(0, connections);
    expect(missed).toEqual([
      ["pty", 100],
      ["pty", 100],
    ]);
    expect(recorded.get("connections dropped")).toBe(2);
    expect(load.lostToShards).toBe(2);
    expect(load.shards).toEqual([
      { shard: 0, alive: false },
      { shard: 1, alive: true },
    ]);
  });

  it("has no connection in two places while a drop is known and the shard has not told of it yet", () => {
    const { load, recorded } = loadOf(course());
    const states = () => {
      load.look();
      return ["active", "opening", "down", "waiting"].map((one) => recorded.get(`open_connections ${one}`));
    };
    for (const shard of [0, 1]) load.second(shard, second(1, 1));
    expect(states()).toEqual([2, 2, 0, 0]);
    for (const shard of [0, 1]) load.second(shard, second(2));
    const drop = { code: "1006", reason: "", afterMs: 900, reconnecting: false };
    load.dropped(connection(0), drop);
    expect(states()).toEqual([4, 0, 0, 0]);
    load.second(0, second(1));
    expect(states()).toEqual([3, 0, 1, 0]);
  });

  it("counts users by their open connections, and those who lose one once for each loss", () => {
    vi.useFakeTimers({ toFake: ["performance"] });
    const { load, recorded } = loadOf(course(), ["ann", "bob"]);
    const drop = { code: "1006", reason: "", afterMs: 900, reconnecting: true };
    const users = () => {
      load.look();
      return [1, 2, 3].map((one) => recorded.get(`user_connections ${one}`));
    };
    // Dealt in turn: Ann has 0, 2 and 4, Bob has 1.
    for (const id of [0, 1, 2, 4]) load.opened(connection(id));
    expect(users()).toEqual([1, 0, 1]);
    // A replica takes two of Ann's along: she is hit once.
    load.dropped(connection(0), drop);
    vi.advanceTimersByTime(2_000);
    load.dropped(connection(2), drop);
    expect([users(), recorded.get("users hit")]).toEqual([[2, 0, 0], 1]);
    for (const id of [0, 2]) load.reconnected(connection(id), 300);
    load.resumed(true);
    expect([users(), recorded.get("sessions same")]).toEqual([[1, 0, 1], 1]);
    // Much later another one goes, and one of Bob's.
    vi.advanceTimersByTime(20_000);
    for (const id of [0, 1]) load.dropped(connection(id), drop);
    expect([users(), recorded.get("users hit")]).toEqual([[0, 1, 0], 3]);
    vi.useRealTimers();
  });

  it("waits for a connection that was dropped, and at the end has waited in vain", () => {
    const { load } = loadOf(course());
    const one = connection(0);
    load.dropped(one, { code: "1006", reason: "", afterMs: 900, reconnecting: true });
    expect(load.pending().reconnect).toMatchObject({ unfinished: { counts: [1] } });
    load.end();
    expect(load.pending().reconnect).toMatchObject({ never: { count: 1 } });
    load.reconnected(one, 300);
    expect(load.pending()).toEqual({});
  });

  it("says where it stands, and how much of a stretch is measured", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "performance"] });
    const one = course();
    const { load } = loadOf(one);
    expect(load.part()).toMatchObject({ id: "opening", remainingMs: null, over: false });
    const { from, until } = await one.window(new AbortController().signal);
    expect(load.part().id).toBe("warm_up");
    await vi.advanceTimersByTimeAsync(from - now() + 1_500);
    expect(load.part()).toMatchObject({ id: "measuring", over: false });
    expect(load.measured(from - 500, from + 500)).toBe(500);
    expect(load.measured(from + 1_000, from + 2_000)).toBeCloseTo(500);
    await vi.advanceTimersByTimeAsync(until - now() + 1);
    expect(load.part()).toMatchObject({ id: "draining", over: true });
    expect(load.measured(until - 300, until + 700)).toBeCloseTo(300);
    load.end();
    expect(load.part()).toMatchObject({ id: "over", remainingMs: 0 });
    vi.useRealTimers();
  });
});
