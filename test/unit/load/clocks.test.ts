import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ClockOffset } from "../../../src/load/clock-offset.ts";
import type { PlaceSecond } from "../../../src/load/messages.ts";
import { Pool } from "../../../src/load/pool.ts";
import { now } from "../../../src/measure/clock.ts";
import { beats } from "./beat.ts";
import { byText, loadSetup, silentEvents } from "./fakes.ts";

const CLOCK = "../../../src/measure/clock.ts";

/** The receiving side of a place whose clock is so much ahead of this test's; `ahead.ms` may change. */
async function serverAhead(ms: number) {
  const ahead = { ms };
  vi.resetModules();
  vi.doMock(CLOCK, async (original) => ({
    ...(await original<typeof import("../../../src/measure/clock.ts")>()),
    now: () => now() + ahead.ms,
  }));
  const { PlaceServer } = await import("../../../src/load/serve.ts");
  vi.doUnmock(CLOCK);
  return { PlaceServer, ahead };
}

describe("a place whose clock is another", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it.each([90_000, -90_000, 0])("by %d ms has its seconds where they belong", async (aheadMs) => {
    const { PlaceServer } = await serverAhead(aheadMs);
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
    // The last beat was sent when the last second says so.
    const last = (sent.at(-1)?.at ?? 0) - zero;
    expect(last).toBeGreaterThan(6_900);
    expect(last).toBeLessThan(7_100);
    await pool.close();
  });

  it("and drifts away has them there after an hour, too", async () => {
    const { PlaceServer, ahead } = await serverAhead(90_000);
    const zero = now();
    const seconds: { second: number; came: number }[] = [];
    const pool = new Pool<{ to: string }>(
      byText(PlaceServer, [beats().kind], 5),
      1,
      { ...loadSetup, zero, epoch: zero, probe: "beat", probeSetup: { loud: true } },
      {
        ...silentEvents,
        second: (_, { batch }) => seconds.push({ second: batch.second, came: now() - zero }),
      },
    );
    for (let minute = 0; minute < 60; minute++) {
      ahead.ms += 30;
      await vi.advanceTimersByTimeAsync(60_000);
    }
    const last = seconds.at(-1) ?? { second: 0, came: 0 };
    expect(last.second).toBeGreaterThan(3_590);
    // Without another look at its clock it would be 1.8 s off.
    expect(Math.abs(last.came - (last.second + 1) * 1_000)).toBeLessThan(60);
    expect(new Set(seconds.map(({ second }) => second)).size).toBe(seconds.length);
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
