import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { ConnectionBytes } from "../../../src/workloads/workspace-traffic/byte-counts.ts";
import { Course } from "../../../src/workloads/workspace-traffic/course.ts";
import { type PoolEvents, ShardPool } from "../../../src/workloads/workspace-traffic/pool.ts";
import { TrafficReport } from "../../../src/workloads/workspace-traffic/report.ts";
import { now } from "../../../src/measure/clock.ts";
import type {
  Address,
  ShardSecond,
  ShardSetup,
} from "../../../src/workloads/workspace-traffic/shard/messages.ts";
import { noTicks } from "../../../src/workloads/workspace-traffic/shard/tally.ts";

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

/** A second of a shard, with so many ticks in the measured part and so many elsewhere. */
const second = (
  at: number,
  measured: number,
  other: number,
  changes: Partial<ShardSecond> = {},
): ShardSecond => ({
  type: "second",
  at,
  kinds: {
    pty: {
      measured: {
        counts: { ...noTicks(), due: measured, sent: measured, echoed: measured, carried: measured },
        waitedMs: 0,
        roundTrip: { us: Float64Array.of(2_000), counts: Uint32Array.of(measured) },
      },
      other: {
        counts: { ...noTicks(), due: other, sent: other, echoed: other },
        waitedMs: 0,
        roundTrip: { us: Float64Array.of(5_000), counts: Uint32Array.of(other) },
      },
    },
  },
  connections: { opening: 0, active: 2, reconnecting: 0 },
  outstanding: 1,
  latenessMs: { us: new Float64Array(), counts: new Uint32Array() },
  latenessP99Ms: 1,
  busy: 0.1,
  backlogBytes: 0,
  bytes: new Float64Array(),
  ...changes,
});

describe("the report", () => {
  const course = () =>
    new Course({ jobs: 1, together: false, connections: 4, rampMs: 0, warmUpMs: 0, durationMs: 10_000 });

  it("counts what a dead shard's connections were still to send as due and missed", async () => {
    const one = course();
    const report = new TrafficReport({
      course: one,
      bytes: 1_000,
      intervalMs: 100,
      lateMs: 10,
      planned: 4,
      shards: 2,
    });
    const made = started({});
    const connections = [made.open(0, at("a")), made.open(2, at("b"))];
    const window = await one.window(new AbortController().signal);
    for (const connection of connections) connection.window = window;
    report.shardDied(0, connections);
    const { ticks, connections: counts } = report.snapshot().total;
    expect(ticks).toMatchObject({ due: 200, missed: 200, sent: 0 });
    expect(counts.dropped).toBe(2);
    expect(report.result()).toMatchObject({
      connections_lost_to_shards: 2,
      shards: [
        { shard: 0, alive: false },
        { shard: 1, alive: true },
      ],
    });
  });

  it("adds shards up to rates of the second, and keeps what is not measured out of the total", () => {
    const report = new TrafficReport({
      course: course(),
      bytes: 1_000,
      intervalMs: 100,
      lateMs: 10,
      planned: 4,
      shards: 2,
    });
    const begin = now();
    expect(report.takeSample()).toBeUndefined();
    for (const shard of [0, 1]) report.second(shard, second(begin, 0, 20));
    report.takeSample();
    for (const shard of [0, 1]) report.second(shard, second(begin + 1_000, 15, 5));
    const sample = report.takeSample();
    expect(sample).toMatchObject({
      offeredBytesPerSecond: 40_000,
      achievedBytesPerSecond: 40_000,
      ticks: { due: 40, echoed: 40 },
      connections: { planned: 4, active: 4, opening: 0 },
      outstanding: 2,
    });
    expect(sample?.roundTrip).toMatchObject({ count: 40, p50: 2, max: 5 });
    expect(report.snapshot().total.ticks).toMatchObject({ due: 30, echoed: 30 });
    expect(report.snapshot().total.roundTrip.max).toBe(2);
    const drop = { code: "1006", reason: "", afterMs: 900, reconnecting: false };
    report.dropped(started({}).open(0, at("a")), drop);
    // The shards have not told of it yet: no connection is in two places.
    expect(report.snapshot().connections).toMatchObject({ planned: 4, active: 4, down: 0 });
    const without = {
      ...second(begin + 2_000, 15, 5),
      connections: { opening: 0, active: 1, reconnecting: 0 },
    };
    report.second(0, without);
    expect(report.snapshot().connections).toMatchObject({ planned: 4, active: 3, down: 1 });
  });

  const reportOf = (course: Course) =>
    new TrafficReport({ course, bytes: 1_000, intervalMs: 100, lateMs: 10, planned: 4, shards: 1 });

  it("makes no full second of the rest of one", () => {
    const report = reportOf(course());
    const begin = now();
    report.second(0, second(begin, 0, 20));
    report.takeSample();
    report.second(0, second(begin + 1_000, 20, 0));
    expect(report.takeSample()).toMatchObject({ offeredBytesPerSecond: 20_000 });
    report.second(0, second(begin + 1_600, 12, 0));
    expect(report.takeSample()).toMatchObject({
      offeredBytesPerSecond: 12_000,
      achievedBytesPerSecond: 12_000,
    });
  });

  it("when it is over, says what each shard came to, and not what it holds then", async () => {
    const one = course();
    const report = reportOf(one);
    const { from } = await one.window(new AbortController().signal);
    const late = (ms: number) => ({ us: Float64Array.of(ms * 1_000), counts: Uint32Array.of(100) });
    report.second(0, second(from - 1_000, 0, 20, { busy: 0.9, latenessMs: late(44) }));
    for (let at = 1_000; at <= 10_000; at += 1_000)
      report.second(0, second(from + at, 40, 0, { busy: 0.25, latenessMs: late(3), backlogBytes: at }));
    const connections = { opening: 0, active: 0, reconnecting: 0 };
    expect(report.snapshot()).toMatchObject({ shards: [{ connections: 2, busy: 0.25 }] });
    report.second(0, second(from + 11_000, 0, 0, { busy: 0.0002, connections }));
    expect(report.snapshot()).toMatchObject({ shards: [{ connections: 0, busy: 0.0002 }] });
    report.end();
    const { part, remainingMs, shards } = report.snapshot();
    expect({ part, remainingMs }).toEqual({ part: "over", remainingMs: 0 });
    expect(shards).toEqual([
      { shard: 0, alive: true, connections: 2, latenessP99Ms: 3, busy: 0.25, backlogBytes: 10_000 },
    ]);
  });

  it("tells rates in messages, too, and how large they are", async () => {
    const one = course();
    const report = reportOf(one);
    const { from } = await one.window(new AbortController().signal);
    report.second(0, second(from + 1_000, 40, 0));
    report.end();
    const { total, message_bytes, message_interval_ms } = report.result();
    expect([message_bytes, message_interval_ms]).toEqual([1_000, 100]);
    expect(total.achieved_messages_per_second).toBeCloseTo(total.achieved_bytes_per_second / 1_000, 0);
    expect(report.snapshot().message).toEqual({ bytes: 1_000, intervalMs: 100 });
  });
});
