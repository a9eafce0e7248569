import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ClockOffset } from "../../../src/load/clock-offset.ts";
import type { PlaceSecond } from "../../../src/load/messages.ts";
import { Pool } from "../../../src/load/pool.ts";
import { now } from "../../../src/measure/clock.ts";
import { beats } from "./beat.ts";
import { byText, loadSetup, silentEvents } from "./fakes.ts";

/** The receiving side of a place whose clock is so much ahead of this test's. */
async function serverAhead(ms: number) {
  const bigint = process.hrtime.bigint;
  vi.resetModules();
  const spy = vi.spyOn(process.hrtime, "bigint").mockImplementation(() => bigint() + BigInt(ms) * 1_000_000n);
  const { PlaceServer } = await import("../../../src/load/serve.ts");
  const clock = await import("../../../src/measure/clock.ts");
  spy.mockRestore();
  return { PlaceServer, theirNow: clock.now };
}

describe("a place whose clock is another", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it.each([90_000, -90_000, 0])("by %d ms has its seconds where they belong", async (aheadMs) => {
    vi.useRealTimers();
    const { PlaceServer, theirNow } = await serverAhead(aheadMs);
    expect(theirNow() - now()).toBeCloseTo(aheadMs, -1);
    vi.useFakeTimers();
    const { kind, sent } = beats();
    const zero = now();
    const seconds: { batch: PlaceSecond["batch"]; came: number }[] = [];
    const pool = new Pool<{ to: string }>(
      byText(PlaceServer, [kind], 20),
      1,
      { ...loadSetup, connections: 2, zero, epoch: zero + 25, probe: "beat", probeSetup: { loud: true } },
      { ...silentEvents, second: (_, { batch }) => seconds.push({ batch, came: now() - zero }) },
    );
    const connections = [0, 1].map((index) => pool.open(index, { to: "somewhere" }));
    pool.setWindow(connections, { from: zero + 2_000, until: zero + 5_000 });
    await vi.advanceTimersByTimeAsync(3_500);
    pool.pause(now());
    const from = now();
    await vi.advanceTimersByTimeAsync(2_000);
    pool.resume({ from, until: now() });
    await vi.advanceTimersByTimeAsync(4_000);
    const ended = await Promise.all(connections.map((one) => one.ended));
    expect(ended.every(({ ticks }) => (ticks.sent ?? 0) > 30)).toBe(true);

    // Each second is reported when it has ended, by our clock.
    const whole = seconds.filter(({ batch }) => batch.part === 0 && batch.second < 6);
    expect(whole.map(({ batch }) => batch.second)).toEqual([0, 1, 2, 3, 4, 5]);
    for (const { batch, came } of whole) expect(came - (batch.second + 1) * 1_000).toBeCloseTo(20, -1);
    const measured = new Map<number, number>();
    for (const { batch } of seconds) {
      const due = batch.values.measured?.due;
      if (due?.kind === "counter") measured.set(batch.second, (measured.get(batch.second) ?? 0) + due.n);
    }
    // Two connections, ten a second each; the pause reaches the place on its way, as does its end.
    expect([...measured.keys()]).toEqual([2, 3, 5, 6]);
    expect(measured.get(2)).toBe(20);
    expect(measured.get(6)).toBe(20);
    expect([...measured.values()].reduce((sum, n) => sum + n, 0)).toBe(60);
    // The beats were sent when the seconds say so, and by the place's own clock.
    expect((sent.at(-1)?.due ?? 0) - theirNow()).toBeLessThan(0);
    expect((sent.at(-1)?.due ?? 0) - theirNow()).toBeGreaterThan(-4_000);
    await pool.close();
  });
});

describe("how far another clock is ahead", () => {
  it("is said best by the answer that took the least, and never wrong by more than half of that", () => {
    fc.assert(
      fc.property(
        fc.double({ min: -1e6, max: 1e6, noNaN: true }),
        fc.array(
          fc.record({
            there: fc.double({ min: 0, max: 500, noNaN: true }),
            back: fc.double({ min: 0, max: 500, noNaN: true }),
          }),
          { minLength: 1, maxLength: 5 },
        ),
        (ahead, ways) => {
          const offset = new ClockOffset();
          let at = 1_000;
          for (const { there, back } of ways) {
            offset.answered(at, at + there + back, at + there + ahead);
            at += 1_000;
          }
          const least = Math.min(...ways.map(({ there, back }) => there + back));
          expect(Math.abs(offset.ms - ahead)).toBeLessThanOrEqual(least + 1e-6);
        },
      ),
    );
  });

  it("is none for a thread, whose clock is ours: not even by what cannot be told", () => {
    const offset = new ClockOffset();
    offset.answered(1_000, 1_150, 1_149);
    expect(offset.isKnown).toBe(false);
    offset.answered(1_150, 1_150.4, 1_150.05);
    expect(offset.isKnown).toBe(true);
    expect(offset.ms).toBe(0);
  });

  it("is asked for five times at most", () => {
    const offset = new ClockOffset();
    for (let ask = 0; ask < 5; ask++) {
      expect(offset.isKnown).toBe(false);
      offset.answered(ask, ask + 40, ask + 90_020);
    }
    expect(offset.isKnown).toBe(true);
    expect(offset.ms).toBe(90_000);
  });
});
