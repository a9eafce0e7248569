import { describe, expect, it } from "vitest";
import { Course } from "../../../src/load/course.ts";
import { now } from "../../../src/measure/clock.ts";

const never = new AbortController().signal;
const options = { jobs: 2, together: true, connections: 2, rampMs: 0, warmUpMs: 0, durationMs: 1_000 };

describe("the course of a run", () => {
  it("nobody connects before all are ready, and all are measured at the same time once all are open", async () => {
    const course = new Course(options);
    const order: string[] = [];
    const job = async (name: string) => {
      await course.turn(0, never);
      order.push(`${name} connects`);
      course.openedOrNot();
      return course.window(never);
    };
    const first = job("a");
    course.readyOrNot();
    await Promise.resolve();
    order.push("b is ready");
    course.readyOrNot();
    const [one, two] = await Promise.all([first, job("b")]);
    expect(order).toEqual(["b is ready", "a connects", "b connects"]);
    expect(two).toBe(one);
    expect(one.until - one.from).toBe(1_000);
    expect(course.measured).toEqual(one);
  });

  it("a job that fails on its way holds up no other", async () => {
    const course = new Course(options);
    course.readyOrNot();
    course.readyOrNot();
    course.openedOrNot();
    await course.turn(1, never);
    course.openedOrNot();
    await expect(course.window(never)).resolves.toBeDefined();
  });

  it("connections take their turns over the ramp; the measured part comes after it and the warm-up", async () => {
    const course = new Course({ ...options, jobs: 1, rampMs: 200, warmUpMs: 500 });
    course.readyOrNot();
    const begin = now();
    await course.turn(0, never);
    expect(now() - begin).toBeLessThan(100);
    await course.turn(1, never);
    expect(now() - begin).toBeGreaterThanOrEqual(99);
    course.openedOrNot();
    const { from } = await course.window(never);
    expect(from - begin).toBeGreaterThanOrEqual(700);
  });

  it("nothing is measured after a load that ends before its time", async () => {
    const course = new Course({ ...options, jobs: 1, durationMs: 60_000 });
    course.readyOrNot();
    course.openedOrNot();
    const { from } = await course.window(never);
    const cut = from + 50;
    await expect.poll(() => now() > cut + 50).toBe(true);
    course.cut(cut);
    course.cut(cut + 20);
    expect(course.measuredWithin({ from, until: from + 1_000 })).toBe(50);
    expect(course.measuredWithin({ from: from + 60, until: from + 1_000 })).toBe(0);
  });

  it("a few at a time have a part of their own each; what is measured is from the first to the last", async () => {
    const course = new Course({ ...options, together: false });
    const one = await course.window(never);
    await expect.poll(() => now() > one.from).toBe(true);
    const two = await course.window(never);
    expect(two.from).toBeGreaterThan(one.from);
    expect(course.measured).toEqual({ from: one.from, until: two.until });
  });

  it("waiting ends with the signal's reason", async () => {
    const course = new Course(options);
    const stop = new AbortController();
    const waiting = [course.turn(0, stop.signal), course.window(stop.signal)];
    stop.abort(new Error("stopped"));
    for (const one of waiting) await expect(one).rejects.toThrow("stopped");
  });
});
