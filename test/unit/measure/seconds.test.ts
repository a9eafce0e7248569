import { describe, expect, it } from "vitest";
import { type Batch, Collector, type Second, type StepSecond } from "../../../src/measure/seconds.ts";
import { isTooFew, Totals } from "../../../src/measure/totals.ts";
import type { Value } from "../../../src/measure/values.ts";
import { say } from "../../../src/text/message.ts";
import { inEnglish } from "../../../test/support/in-english.ts";

const count = (n: number): Value => ({ kind: "counter", n });

function batch(second: number, place: string, n: number, changes: Partial<Batch> = {}): Batch {
  return { second, place, step: "a", part: 0, values: { measured: { ticks: count(n) } }, ...changes };
}

function collector(graceS = 3) {
  const closed: Second[] = [];
  return { closed, of: new Collector({ graceS, onSecond: (second) => closed.push(second) }) };
}

const ticks = (second: Second | undefined) => second?.steps.a?.values.measured?.ticks;

describe("seconds", () => {
  it("are filed by their stamp, whatever the order in which they arrive", () => {
    const { closed, of } = collector();
    of.take(batch(1, "x", 10));
    of.take(batch(0, "y", 1));
    of.take(batch(1, "y", 20));
    of.take(batch(0, "x", 2));
    of.advance(10);
    expect(closed.slice(0, 2).map(ticks)).toEqual([count(3), count(30)]);
    expect(closed[1]?.steps.a?.places.sort()).toEqual(["x", "y"]);
  });

  it("close by time: none before its grace is over, each once and in order, empty ones too", () => {
    const { closed, of } = collector(2);
    of.take(batch(3, "x", 1));
    of.advance(5.9);
    expect(closed.map(({ second }) => second)).toEqual([0, 1, 2]);
    of.advance(6);
    of.advance(6);
    expect(closed.map(({ second }) => second)).toEqual([0, 1, 2, 3]);
    expect(closed[0]?.steps).toEqual({});
  });

  it("take nothing more when they are closed, and count what came too late", () => {
    const { closed, of } = collector(0);
    of.advance(2);
    of.take(batch(1, "x", 5));
    of.end();
    expect(closed).toHaveLength(2);
    expect(of.late).toBe(1);
  });

  it("are all closed at the end", () => {
    const { closed, of } = collector();
    of.take(batch(4, "x", 1));
    of.end();
    of.end();
    expect(closed.map(({ second }) => second)).toEqual([0, 1, 2, 3, 4]);
  });

  it("count what a place says once, however often it is sent, and its further parts", () => {
    const { closed, of } = collector();
    for (const part of [0, 0, 1]) of.take(batch(0, "x", 5, { part }));
    of.end();
    expect(closed.map(ticks)).toEqual([count(10)]);
  });

  it("of several steps lie beside each other", () => {
    const { closed, of } = collector();
    of.take(batch(0, "x", 1));
    of.take(batch(0, "x", 2, { step: "b", invalid: say("late"), paused: true }));
    of.end();
    expect(closed[0]?.steps.a).toEqual({ values: { measured: { ticks: count(1) } }, places: ["x"], ms: 0 });
    expect(closed[0]?.steps.b).toMatchObject({ invalid: say("late"), paused: true });
  });

  it("bound the number of series, and keep the sum", () => {
    const { closed, of } = collector();
    const many = Object.fromEntries(
      Array.from({ length: 300 }, (_, id) => [`ticks{id="${id}"}`, count(1)] as const),
    );
    of.take(batch(0, "x", 0, { values: { measured: many } }));
    of.end();
    const kept = Object.values(closed[0]?.steps.a?.values.measured ?? {}) as { n: number }[];
    expect(kept).toHaveLength(201);
    expect(kept.reduce((sum, { n }) => sum + n, 0)).toBe(300);
    expect(of.folded("a")).toBe(100);
  });
});

describe("totals", () => {
  const step = (changes: Partial<StepSecond> = {}): StepSecond => ({
    ...{ values: { measured: { ticks: count(1) } }, places: ["x"], ms: 1_000 },
    ...changes,
  });

  it("are of valid seconds, with what was in flight in the others left out; pauses are no time", () => {
    const totals = new Totals();
    for (let at = 0; at < 70; at++) {
      const late = at >= 20 && at < 25;
      const paused = at >= 40 && at < 50;
      totals.take(
        at,
        step({
          ...(late ? { invalid: say("late") } : {}),
          ...(paused ? { paused, ms: 0, values: {} } : {}),
        }),
      );
    }
    totals.take(70, step({ values: { before: { ticks: count(99) } }, ms: 0 }));
    const { over, validity } = { over: totals.over("valid"), validity: totals.validity };
    expect(over.ms).toBe(55_000);
    expect(over.values.get("ticks")).toEqual(count(55));
    expect(totals.over("all")).toMatchObject({ ms: 60_000 });
    expect(inEnglish(validity)).toEqual({ measured: 60, valid: 55, first: { second: 20, reason: "late" } });
    expect(isTooFew(validity)).toBe(false);
  });

  it.each([
    [10, 10, false],
    [10, 8, false],
    [10, 7, true],
    [35, 29, true],
    [36, 30, false],
    [100, 79, true],
    [100, 80, false],
    [0, 0, false],
  ])("of %i measured and %i valid seconds: too few is %s", (measured, valid, expected) => {
    expect(isTooFew({ measured, valid, first: undefined })).toBe(expected);
  });
});
