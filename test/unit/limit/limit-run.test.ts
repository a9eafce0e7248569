import { describe, expect, it } from "vitest";
import { LimitRun } from "../../../src/engine/limit-run.ts";
import { Durations } from "../../../src/measure/durations.ts";
import type { Second } from "../../../src/measure/seconds.ts";
import type { LimitRequest } from "../../../src/protocol/limit.ts";
import { english } from "../../../src/text/message.ts";
import { objective } from "./drive.ts";
import { METRICS } from "./virtual-deployment.ts";

const REQUEST: LimitRequest = {
  ...{ vary: "users", step: "terminals", from: 10, to: 20, precision: 0.5, budgetMs: 1e9, pace: "quick" },
  parts: [
    { step: "terminals", vary: "connections", share: 0.6 },
    { step: "ssh", vary: "connections", share: 0.4 },
  ],
};

/** Two loads whose answers take long above a sum of connections; the second needs a while to reach a level. */
function world({ request = REQUEST, reachS = 0, most = 15 } = {}) {
  let second = 0;
  const told: string[] = [];
  const set: Record<string, number> = {};
  const finished: string[] = [];
  const run = new LimitRun(request, {
    second: () => second,
    event: (_level, what) => told.push(english(what)),
    changed: () => undefined,
  });
  run.hold([objective("round_trip.p95<200ms")]);
  const step = (name: string) => ({
    ...{ name, metrics: METRICS },
    set: (levels: Readonly<Record<string, number>>) => {
      for (const [of, value] of Object.entries(levels)) set[`${name} ${of}`] = value;
      const at = second;
      return name === "ssh" ? () => second >= at + reachS : undefined;
    },
    finish: () => finished.push(name),
  });
  const pass = (): Second => {
    const connections = Object.entries(set).filter(([of]) => of.endsWith(" connections"));
    const sum = connections.reduce((all, [, one]) => all + one, 0);
    const durations = new Durations();
    for (let n = 0; n < 200; n++) durations.record(sum > most ? 900 : 40);
    const own = { values: { measured: { round_trip: durations.value() } }, places: ["0"], ms: 1_000 };
    return { second: second++, steps: { terminals: own, ssh: own } };
  };
  const until = (isOver: () => boolean) => {
    for (let n = 0; n < 500 && !isOver(); n++) run.second(pass());
  };
  return { run, step, set, finished, told, until };
}

describe("a search of several steps", () => {
  it("begins with the last of them, sets each to its share, and ends all", () => {
    const { run, step, set, finished, until } = world();
    run.begin(step("terminals"));
    expect(set).toEqual({});
    run.begin(step("ssh"));
    expect(set).toEqual({ "terminals connections": 6, "ssh connections": 4 });
    until(() => run.result?.end.kind === "found");
    expect(run.result?.end).toMatchObject({ kind: "found", passing: { level: 14 }, failing: { level: 17 } });
    expect(finished).toEqual(["terminals", "ssh"]);
  });

  it("says of each what it has to be ready for", () => {
    const { run } = world();
    expect(run.edges("ssh")).toEqual([{ of: "connections", first: 4, value: 8 }]);
    expect(run.edges("create")).toBeUndefined();
    expect(run.isOf("create")).toBe(false);
  });

  it("ends all where one has nothing more to do, and says so once", () => {
    const { run, step, finished, told } = world();
    run.begin(step("terminals"));
    run.begin(step("ssh"));
    run.stepOver(false);
    run.stepOver(false);
    expect(finished).toEqual(["terminals", "ssh"]);
    expect(told.filter((one) => one.includes("nothing more to do"))).toHaveLength(1);
  });

  it("needs one objective of any of them", () => {
    const run = new LimitRun(REQUEST, { second: () => 0, event: () => undefined, changed: () => undefined });
    run.check("terminals", []);
    expect(() => run.check("ssh", [])).toThrow(/needs an objective/);
    const held = new LimitRun(REQUEST, { second: () => 0, event: () => undefined, changed: () => undefined });
    held.check("terminals", []);
    held.check("ssh", [objective("round_trip.p95<200ms")]);
  });
});

describe("a level that takes a while to be reached", () => {
  it("is measured from then on: what comes before is of less than it", () => {
    const { run, step, until } = world({ reachS: 12 });
    run.begin(step("terminals"));
    run.begin(step("ssh"));
    until(() => (run.result?.levels.length ?? 0) > 0);
    expect(run.result?.levels[0]?.looks[0]?.from).toBeGreaterThan(12);
    const atOnce = world();
    atOnce.run.begin(atOnce.step("terminals"));
    atOnce.run.begin(atOnce.step("ssh"));
    atOnce.until(() => (atOnce.run.result?.levels.length ?? 0) > 0);
    expect(atOnce.run.result?.levels[0]?.looks[0]?.from).toBeLessThan(12);
  });
});

describe("a search for each value of a second number", () => {
  const GRID: LimitRequest = {
    ...REQUEST,
    and: { vary: "messages_per_connection", values: [1, 2] },
  };

  it("sets both numbers of each step, keeps each search, and tells which is which", () => {
    const { run, step, set, told, finished, until } = world({ request: GRID });
    run.begin(step("terminals"));
    run.begin(step("ssh"));
    expect(set).toMatchObject({ "ssh connections": 4, "ssh messages_per_connection": 1 });
    expect(run.place).toBe("10 at 1");
    until(() => (run.result?.grid?.rows.length ?? 0) === 2);
    expect(set).toMatchObject({ "ssh connections": 4, "terminals messages_per_connection": 2 });
    const { grid, end } = run.result ?? {};
    expect(grid).toMatchObject({
      vary: "messages_per_connection",
      rows: [
        { value: 1, end: { kind: "found", passing: { level: 14 } } },
        { value: 2, end: { kind: "so_far", why: "running" } },
      ],
      not_reached: [],
      rises: [],
    });
    expect(end).toEqual(grid?.rows[1]?.end);
    expect(told.join("\n")).toMatch(/search: 2 messages a second of each connection from now on/);
    until(() => finished.length > 0);
    expect(run.result?.grid?.rows.map((row) => row.end.kind)).toEqual(["found", "found"]);
  });

  it("stopped in the second, it has the first, and says of the others that they were not begun", () => {
    const request = { ...GRID, and: { vary: "messages_per_connection", values: [1, 2, 4] } };
    const { run, step, told, until } = world({ request });
    run.begin(step("terminals"));
    run.begin(step("ssh"));
    until(() => (run.result?.grid?.rows.length ?? 0) === 2);
    run.stepOver(true);
    expect(run.result?.grid).toMatchObject({
      rows: [
        { value: 1, end: { kind: "found" } },
        { value: 2, end: { kind: "so_far", why: "stopped" } },
      ],
      ...{ not_reached: [4], why: "stopped" },
    });
    expect(told.at(-1)).toMatch(
      /^limits of users by messages a second of each connection: 1: 14 pass \(confidence \d+ %\), 2: .*; 4 not searched: the search was stopped$/,
    );
  });

  it("is ready for the most of both numbers", () => {
    const { run } = world({
      request: {
        ...{ vary: "messages_per_second", step: "ssh", from: 10, to: 20, precision: 0.5, budgetMs: 1e9 },
        ...{ pace: "quick", and: { vary: "connections", values: [3, 9] } },
      },
    });
    expect(run.edges("ssh")).toEqual([
      { of: "messages_per_second", first: 10, value: 20 },
      { of: "connections", first: 3, value: 9 },
    ]);
  });
});
