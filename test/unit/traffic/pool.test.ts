import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import { now } from "../../../src/measure/clock.ts";
import { ConnectionBytes } from "../../../src/workloads/workspace-traffic/byte-counts.ts";
import { Course } from "../../../src/workloads/workspace-traffic/course.ts";
import { type PoolEvents, ShardPool } from "../../../src/workloads/workspace-traffic/pool.ts";
import { TrafficLoad } from "../../../src/workloads/workspace-traffic/report.ts";
import type {
  Address,
  ShardSecond,
  ShardSetup,
} from "../../../src/workloads/workspace-traffic/shard/messages.ts";

const folder = mkdtempSync(path.join(tmpdir(), "shard-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A shard that opens everything at once, and dies where it is told to open `die`. */
const script = path.join(folder, "shard.mjs");
writeFileSync(
  script,
  `import { parentPort } from "node:worker_threads";
   parentPort.on("message", (message) => {
     if (message.type === "close") parentPort.close();
     if (message.type === "end") parentPort.postMessage({ type: "ended", id: message.id, totals: {} });
     if (message.type !== "open") return;
     if (message.address.url === "die") throw new Error("out of memory");
     parentPort.postMessage({ type: "opened", id: message.id, ms: 1 });
   });`,
);

const setup = {} as Omit<ShardSetup, "shard">;
const at = (url: string): Address => ({ kind: "pty", url, token: "" });
let pool: ShardPool | undefined;
afterEach(() => pool?.close());

function started(events: Partial<PoolEvents>): ShardPool {
  const silent = () => undefined;
  pool = new ShardPool(script, 2, setup, {
    second: silent,
    opened: silent,
    failed: silent,
    dropped: silent,
    reconnected: silent,
    died: silent,
    suspicion: silent,
    event: silent,
    ...events,
  });
  return pool;
}

describe("a shard that dies", () => {
  it("is told with the connections that it had, which are lost; the others go on", async () => {
    const deaths: { shard: number; error: string; connections: number[] }[] = [];
    const made = started({
      died: (shard, error, connections) =>
        deaths.push({ shard, error: error.message, connections: connections.map((one) => one.id) }),
    });
    const [a, b, c] = [made.open(0, at("a")), made.open(1, at("b")), made.open(2, at("c"))];
    await Promise.all([a, b, c].map((one) => one.opened));
    const last = made.open(4, at("die"));
    await expect(last.opened).rejects.toMatchObject({ causeId: "shard_died" });
    await expect(a.ended).rejects.toMatchObject({ causeId: "shard_died" });
    await expect(c.ended).rejects.toMatchObject({ causeId: "shard_died" });
    expect(deaths).toEqual([{ shard: 0, error: "out of memory", connections: [0, 2, 4] }]);
    expect([made.alive(0), made.alive(1)]).toEqual([false, true]);
    // What comes for it later is lost at once.
    await expect(made.open(6, at("x")).opened).rejects.toMatchObject({ causeId: "shard_died" });
    made.end(b);
    await expect(b.ended).resolves.toBeDefined();
  });

  it("that ends without an error is told, too", async () => {
    const died = new Promise<string>((resolve) => {
      const made = started({ died: (_shard, error) => resolve(error.message) });
      void made.kill(1);
    });
    expect(await died).toMatch(/ended with status/);
  });
});

it("whoever follows a connection's bytes hears of its drop too, after which there are no more bytes", () => {
  const bytes = new ConnectionBytes(2);
  const heard: number[] = [];
  const forget = bytes.onChange([1], () => heard.push(bytes.read(1)));
  bytes.add(Float64Array.of(1, 300, 310));
  bytes.changed(1);
  bytes.changed(0);
  forget();
  bytes.changed(1);
  expect(heard).toEqual([300, 300]);
});

describe("the load, as the main thread sees it", () => {
  const course = () =>
    new Course({ jobs: 1, together: false, connections: 4, rampMs: 0, warmUpMs: 0, durationMs: 10_000 });

  function loadOf(of: Course) {
    const recorded = new Map<string, number>();
    const missed: [string, number][] = [];
    const load = new TrafficLoad({
      course: of,
      intervalMs: 100,
      planned: 4,
      record: {
        count: (metric, n, labels) => {
          const key = `${metric} ${labels?.event}`;
          recorded.set(key, (recorded.get(key) ?? 0) + n);
        },
        duration: () => undefined,
        gauge: (metric, value, labels) => recorded.set(`${metric} ${labels?.state}`, value),
        share: () => undefined,
      },
      missed: (_at, transport, ticks) => missed.push([transport, ticks]),
    });
    return { load, recorded, missed };
  }

  const second = (active: number, opening = 0): ShardSecond => ({
    type: "second",
    batch: { second: 0, part: 0, place: "0", values: {} },
    connections: { opening, active, reconnecting: 0 },
    bytes: new Float64Array(),
  });

  it("counts what a dead shard's connections were still to send as missed", async () => {
    const one = course();
    const { load, recorded, missed } = loadOf(one);
    for (const shard of [0, 1]) load.second(shard, second(1));
    const made = started({});
    const connections = [made.open(0, at("a")), made.open(2, at("b"))];
    const window = await one.window(new AbortController().signal);
    for (const connection of connections) connection.window = window;
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
    load.dropped(started({}).open(0, at("a")), drop);
    expect(states()).toEqual([4, 0, 0, 0]);
    load.second(0, second(1));
    expect(states()).toEqual([3, 0, 1, 0]);
  });

  it("waits for a connection that was dropped, and at the end has waited in vain", () => {
    const { load } = loadOf(course());
    const connection = started({}).open(0, at("a"));
    load.dropped(connection, { code: "1006", reason: "", afterMs: 900, reconnecting: true });
    expect(load.pending().reconnect).toMatchObject({ unfinished: { counts: [1] } });
    load.end();
    expect(load.pending().reconnect).toMatchObject({ never: { count: 1 } });
    load.reconnected(connection, 300);
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
