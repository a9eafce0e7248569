import { describe, expect, it } from "vitest";
import { checkOrder, Schedule, type Timed } from "../../../src/engine/steps/schedule.ts";
import { Standstill } from "../../../src/engine/time.ts";
import { pass, virtualTime } from "./virtual-time.ts";

virtualTime();

/** Each step begins when it may, and writes that down. */
function scheduled(steps: readonly Timed[]) {
  const rest = new Standstill();
  const stop = new AbortController();
  const schedule = new Schedule(steps, { rest, signal: stop.signal });
  const log: string[] = [];
  for (const { name } of steps) void schedule.turn(name).then((turn) => log.push(`${turn} ${name}`));
  return { schedule, rest, stop, log };
}

describe("a step's turn", () => {
  it("comes for the first at once, and for others when the one above has ended", async () => {
    const { schedule, log } = scheduled([{ name: "a" }, { name: "b" }]);
    await pass(60_000);
    expect(log).toEqual(["begin a"]);
    schedule.ended("a", true);
    await pass(1);
    expect(log).toEqual(["begin a", "begin b"]);
  });

  it("comes by the run's clock, which stands still in a pause", async () => {
    const { rest, log } = scheduled([{ name: "a" }, { name: "b", begin: { kind: "at", ms: 5_000 } }]);
    await pass(4_000);
    rest.begin();
    await pass(60_000);
    rest.end();
    await pass(500);
    expect(log).toEqual(["begin a"]);
    await pass(1_000);
    expect(log).toEqual(["begin a", "begin b"]);
  });

  it("comes with another's, and after another's hold has begun", async () => {
    const { schedule, log } = scheduled([
      { name: "load" },
      { name: "beside", begin: { kind: "with", step: "load" } },
      { name: "drill", begin: { kind: "hold", step: "load", ms: 3_000 } },
    ]);
    await pass(10_000);
    expect(log).toEqual(["begin load", "begin beside"]);
    schedule.holds("load");
    await pass(2_900);
    expect(log).toHaveLength(2);
    await pass(200);
    expect(log.at(-1)).toBe("begin drill");
  });

  it("does not come for what waits for a step that did not run, nor after a stop", async () => {
    const { schedule, stop, log } = scheduled([
      { name: "a" },
      { name: "b" },
      { name: "c", begin: { kind: "hold", step: "a", ms: 1 } },
      { name: "d", begin: { kind: "at", ms: 60_000 } },
    ]);
    await pass(1);
    schedule.ended("a", false);
    await pass(1);
    expect(log.toSorted()).toEqual(["begin a", "skip b", "skip c"]);
    stop.abort(new Error("stopped"));
    await pass(1);
    expect(log.at(-1)).toBe("skip d");
  });

  it("tells what goes along with another when that has ended", async () => {
    const { schedule } = scheduled([{ name: "a" }, { name: "b", begin: { kind: "with", step: "a" } }]);
    let isOver = false;
    expect(schedule.endsWith("a")).toBeUndefined();
    void schedule.endsWith("b")?.then(() => {
      isOver = true;
    });
    await pass(1_000);
    expect(isOver).toBe(false);
    schedule.ended("a", true);
    await pass(1);
    expect(isOver).toBe(true);
  });
});

describe("an order that cannot be is refused with a sentence", () => {
  it.each<[string, readonly Timed[], RegExp]>([
    [
      "a circle",
      [{ name: "a", begin: { kind: "after", step: "b" } }, { name: "b" }],
      /wait for each other: a → b → a/,
    ],
    [
      "a step that goes by itself",
      [{ name: "a", begin: { kind: "with", step: "a" } }],
      /wait for each other: a → a/,
    ],
    [
      "a circle further on",
      [
        { name: "a" },
        { name: "b", begin: { kind: "hold", step: "c", ms: 0 } },
        { name: "c", begin: { kind: "with", step: "b" } },
      ],
      /wait for each other: b → c → b/,
    ],
    [
      "a step that is not there",
      [{ name: "a", begin: { kind: "after", step: "x" } }],
      /refers to step "x", which does not exist/,
    ],
    ["two of the same name", [{ name: "a" }, { name: "a" }], /two steps have the name "a"/],
  ])("%s", (_what, steps, sentence) => {
    expect(() => checkOrder(steps)).toThrow(sentence);
  });
});
