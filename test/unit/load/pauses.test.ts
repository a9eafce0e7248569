import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Course } from "../../../src/load/course.ts";
import { Wheel } from "../../../src/load/wheel.ts";
import { movedBy } from "../../../src/load/window.ts";
import { now } from "../../../src/measure/clock.ts";

const never = new AbortController().signal;
const options = { jobs: 1, together: true, connections: 4, rampMs: 4_000, warmUpMs: 0, durationMs: 10_000 };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** When each connection's turn comes, in milliseconds after the begin. */
function turns(course: Course): number[] {
  const began = now();
  const at: number[] = [];
  for (let connection = 0; connection < options.connections; connection++)
    void course.turn(connection, never).then(() => at.push(Math.round(now() - began)));
  course.readyOrNot();
  return at;
}

describe("a pause", () => {
  it("holds the ramp, and what was still to come comes later", async () => {
    const course = new Course(options);
    const at = turns(course);
    await vi.advanceTimersByTimeAsync(1_500);
    course.pause(now());
    await vi.advanceTimersByTimeAsync(60_000);
    expect(at).toEqual([0, 1_000]);
    course.resume(now());
    await vi.advanceTimersByTimeAsync(5_000);
    expect(at).toEqual([0, 1_000, 62_000, 63_000]);
  });

  it("moves the end of the measured part, and is in no measured time", async () => {
    const course = new Course({ ...options, rampMs: 0 });
    course.readyOrNot();
    course.openedOrNot();
    const window = await course.window(never);
    const { from, until } = { ...window };
    await vi.advanceTimersByTimeAsync(from - now() + 3_000);
    course.pause(now());
    await vi.advanceTimersByTimeAsync(7_000);
    expect(course.measuredWithin({ from: 0, until: Number.POSITIVE_INFINITY })).toBeCloseTo(3_000);
    expect(course.pauses.clock()).toBeCloseTo(from + 3_000);
    course.resume(now());
    expect(window).toEqual({ from, until: until + 7_000 });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(course.measuredWithin({ from: 0, until: Number.POSITIVE_INFINITY })).toBeCloseTo(10_000);
  });

  it("before the measured part begins moves all of it; one that is planned in a pause begins after it", async () => {
    const course = new Course({ ...options, rampMs: 0 });
    course.readyOrNot();
    course.pause(now());
    course.openedOrNot();
    const planned = course.window(never);
    await vi.advanceTimersByTimeAsync(5_000);
    course.resume(now());
    const resumed = now();
    const { from } = await planned;
    expect(from).toBeGreaterThanOrEqual(resumed);
    const window = { from: 100, until: 200 };
    movedBy(window, { from: 50, until: 80 });
    expect(window).toEqual({ from: 130, until: 230 });
    movedBy(window, { from: 300, until: 400 });
    expect(window).toEqual({ from: 130, until: 230 });
  });

  it("asked for twice is one, and its end without a begin is none", () => {
    const course = new Course(options);
    expect(course.resume(now())).toBeUndefined();
    course.pause(10);
    course.pause(20);
    expect(course.resume(30)).toEqual({ from: 10, until: 30 });
    expect(course.resume(40)).toBeUndefined();
  });

  it("ends with a stop", async () => {
    const course = new Course(options);
    const stop = new AbortController();
    course.readyOrNot();
    course.pause(now());
    const waiting = course.turn(0, stop.signal);
    stop.abort(new Error("stopped"));
    await expect(waiting).rejects.toThrow("stopped");
  });
});

describe("the wheel", () => {
  it("gives back all that wait, to be put in again", () => {
    const wheel = new Wheel<{ due: number }>(0);
    for (const due of [5, 1_500, 5]) wheel.add({ due });
    expect(wheel.takeAll()).toHaveLength(3);
    expect(wheel.size).toBe(0);
    wheel.advance(10_000, () => expect.unreachable());
  });
});
