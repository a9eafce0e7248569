import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { LoadSetup } from "../../../src/load/messages.ts";
import { Pool } from "../../../src/load/pool.ts";
import { PlaceServer } from "../../../src/load/serve.ts";
import { now } from "../../../src/measure/clock.ts";
import { beats } from "./beat.ts";
import { byText, loadSetup, silentEvents } from "./fakes.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Two places with two connections each, which beat ten times a second. */
async function running(setup: Partial<LoadSetup> = {}) {
  const { kind, sent, opened } = beats();
  const zero = now();
  let due = 0;
  const pool = new Pool<{ to: string }>(
    byText(PlaceServer, [kind], 0),
    2,
    { ...loadSetup, ...setup, zero, epoch: zero, probe: "beat", probeSetup: { loud: false } },
    {
      ...silentEvents,
      second: (_, { batch }) => {
        for (const part of Object.values(batch.values)) if (part.due?.kind === "counter") due += part.due.n;
      },
    },
  );
  const connections = [0, 1, 2, 3].map((index) => pool.open(index, { to: "somewhere" }));
  await vi.advanceTimersByTimeAsync(1_000);
  sent.length = 0;
  /** Beats of each connection in the time that passes. */
  const pass = async (ms: number) => {
    const before = sent.length;
    await vi.advanceTimersByTimeAsync(ms);
    return [0, 1, 2, 3].map((index) => sent.slice(before).filter((one) => one.index === index).length);
  };
  return { pool, pass, sent, opened, connections, counted: () => due };
}

describe("a level that changes while a load runs", () => {
  it("changes how often is sent, at once, and connects nothing again", async () => {
    const { pool, pass, opened, sent } = await running();
    expect(await pass(2_000)).toEqual([20, 20, 20, 20]);
    pool.setLevel({ intervalMs: 200, active: 4 });
    await pass(1);
    expect(await pass(2_000)).toEqual([10, 10, 10, 10]);
    pool.setLevel({ intervalMs: 20, active: 4 });
    await pass(1);
    expect(await pass(2_000)).toEqual([100, 100, 100, 100]);
    expect(opened.sort()).toEqual([0, 1, 2, 3]);
    // A timer may be early by half a millisecond.
    expect(Math.max(...sent.map(({ at, due }) => Math.abs(at - due)))).toBeLessThan(2);
  });

  it("is kept to from the first tick of whoever joins, however long the place would have slept", async () => {
    const { pool, sent, pass } = await running({ connections: 24, intervalMs: 1_000 });
    await pass(440);
    // Its first tick is due in a few milliseconds, and nobody else's is for half a second.
    pool.open(11, { to: "somewhere" });
    await pass(100);
    const late = sent.filter(({ index }) => index === 11).map(({ at, due }) => at - due);
    expect(late).toHaveLength(1);
    expect(late[0]).toBeLessThan(2);
  });

  it("lets those above it rest, held, and has them back", async () => {
    const { pool, pass, opened, connections } = await running();
    pool.setLevel({ intervalMs: 100, active: 1 });
    await pass(1);
    expect(await pass(3_000)).toEqual([30, 0, 0, 0]);
    pool.setLevel({ intervalMs: 100, active: 3 });
    await pass(1);
    expect(await pass(3_000)).toEqual([30, 30, 30, 0]);
    pool.setLevel({ intervalMs: 100, active: 0 });
    await pass(1);
    expect(await pass(3_000)).toEqual([0, 0, 0, 0]);
    pool.setLevel({ intervalMs: 100, active: 4 });
    await pass(1);
    expect(await pass(1_000)).toEqual([10, 10, 10, 10]);
    expect(opened).toHaveLength(4);
    expect(connections.every((one) => one.drops.length === 0)).toBe(true);
  });

  it("of a lower rate is spread evenly, as if it had begun with it", async () => {
    const { pool, pass, sent } = await running();
    pool.setLevel({ intervalMs: 400, active: 2 });
    await pass(1);
    sent.length = 0;
    await pass(4_000);
    const of = (index: number) => sent.filter((one) => one.index === index).map((one) => one.due);
    const [first = 0] = of(0);
    const [second = 0] = of(1);
    expect((((second - first) % 400) + 400) % 400).toBeCloseTo(200, 3);
  });

  it("counts every tick that is due once, through all changes", async () => {
    const { pool, pass, sent, counted } = await running();
    await pass(37);
    const levels = [
      { intervalMs: 70, active: 4 },
      { intervalMs: 70, active: 2 },
      { intervalMs: 1_300, active: 4 },
      { intervalMs: 15, active: 3 },
    ];
    for (const level of levels) {
      pool.setLevel(level);
      await pass(1_037);
    }
    pool.setLevel({ intervalMs: 100, active: 0 });
    await pass(2_000);
    const before = 4 * 10;
    expect(counted()).toBe(before + sent.length);
    for (const index of [0, 1, 2, 3]) {
      const dues = sent.filter((one) => one.index === index).map((one) => one.due);
      expect(new Set(dues).size).toBe(dues.length);
      expect(dues).toEqual([...dues].sort((a, b) => a - b));
    }
  });

  it.each([310, 320, 330, 340, 350])(
    "leaves out nothing that was due before, where the place is late, after %d ms",
    async (ms) => {
      const { pool, pass, sent } = await running({ intervalMs: 50, injectLatenessMs: 30 });
      await pass(ms);
      pool.setLevel({ intervalMs: 400, active: 4 });
      await pass(1);
      const changed = now();
      await pass(1_000);
      for (const index of [0, 1, 2, 3]) {
        const dues = sent.filter((one) => one.index === index && one.due <= changed).map((one) => one.due);
        const gaps = dues.slice(1).map((due, at) => due - (dues[at] ?? 0));
        expect(Math.max(...gaps)).toBeCloseTo(50, 3);
        expect(changed - (dues.at(-1) ?? 0)).toBeLessThan(52);
      }
    },
  );

  it("that comes in a pause is there when the load goes on", async () => {
    const { pool, pass } = await running();
    const from = now();
    pool.pause(from);
    await pass(500);
    pool.setLevel({ intervalMs: 50, active: 3 });
    expect(await pass(5_000)).toEqual([0, 0, 0, 0]);
    pool.resume({ from, until: now() });
    await pass(1);
    expect(await pass(1_000)).toEqual([20, 20, 20, 0]);
  });

  it("holds for a connection that is opened later", async () => {
    const { pool, pass, sent } = await running();
    pool.setLevel({ intervalMs: 500, active: 5 });
    pool.open(4, { to: "somewhere" });
    pool.open(5, { to: "somewhere" });
    await pass(100);
    const before = sent.length;
    await pass(5_000);
    const of = (index: number) => sent.slice(before).filter((one) => one.index === index).length;
    expect([of(0), of(4), of(5)]).toEqual([10, 10, 0]);
  });

  it("does not keep those that rest beyond the measured part", async () => {
    const { pool, pass, connections } = await running();
    pool.setLevel({ intervalMs: 100, active: 1 });
    const until = now() + 2_000;
    pool.setWindow(connections, { from: now(), until });
    const ends: number[] = [];
    for (const one of connections) void one.ended.then(() => ends.push(now() - until));
    await pass(2_500);
    expect(ends).toHaveLength(4);
    expect(Math.min(...ends)).toBeGreaterThanOrEqual(-1);
    expect(Math.max(...ends)).toBeLessThan(200);
  });
});
