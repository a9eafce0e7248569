import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lateLimitMs } from "../../../src/load/late-limit.ts";
import { type Entry, Wheel } from "../../../src/load/wheel.ts";

describe("the timer wheel", () => {
  interface Ticking extends Entry {
    interval: number;
    fired: number[];
  }

  /** Runs a schedule on a clock that moves by the given steps. */
  function run(entries: Ticking[], steps: readonly number[], from = 0): void {
    const wheel = new Wheel<Ticking>(from);
    for (const entry of entries) wheel.add(entry);
    let now = from;
    for (const step of steps) {
      now += step;
      wheel.advance(now, (entry) => {
        entry.fired.push(entry.due);
        entry.due += entry.interval;
        wheel.add(entry);
      });
    }
  }

  it("fires each entry at each of its times, whatever the steps of the clock, and never long before", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            due: fc.double({ min: 0, max: 3_000, noNaN: true }),
            interval: fc.integer({ min: 1, max: 2_500 }),
          }),
          {
            minLength: 1,
            maxLength: 20,
          },
        ),
        fc.array(fc.double({ min: 0.1, max: 1_500, noNaN: true }), { minLength: 1, maxLength: 40 }),
        (made, steps) => {
          const entries = made.map((one) => ({ ...one, fired: [] as number[] }));
          run(entries, [...steps, 3_000, 1, 1]);
          const end = steps.reduce((sum, step) => sum + step, 0) + 3_002;
          entries.forEach((entry, index) => {
            const first = made[index]?.due ?? 0;
            const due: number[] = [];
            for (let at = first; at <= end + 0.5; at += entry.interval) due.push(at);
            // An entry fires once for each look, so an overdue one catches up look by look.
            expect(entry.fired).toEqual(due.slice(0, entry.fired.length));
            expect(entry.fired.length).toBeGreaterThan(0);
            expect(entry.fired.every((at) => at <= end + 0.5)).toBe(true);
          });
        },
      ),
      { numRuns: 300 },
    );
  });

  it("does not drift: after many ticks each is where it should be", () => {
    const entry: Ticking = { due: 33.3, interval: 100, fired: [] };
    run(
      [entry],
      Array.from({ length: 100_000 }, () => 1.1),
    );
    expect(entry.fired.length).toBe(Math.floor((110_000 - 33.3 + 0.5) / 100) + 1);
  });

  it("sleeps until something is due", () => {
    const wheel = new Wheel<Entry>(1_000);
    expect(wheel.sleep(1_000)).toBe(50);
    wheel.add({ due: 1_020 });
    expect(wheel.sleep(1_000)).toBeGreaterThan(19);
    expect(wheel.sleep(1_000)).toBeLessThanOrEqual(21);
  });
});

it("a message may be late by 5 % of the interval, and by 10 ms", () => {
  expect([10, 100, 200, 1_000].map(lateLimitMs)).toEqual([10, 10, 10, 50]);
});
