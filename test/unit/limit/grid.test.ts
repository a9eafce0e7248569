import { describe, expect, it } from "vitest";
import { type GridCommand, LimitGrid, risesOf } from "../../../src/limit/grid.ts";
import { QUICK_PACE } from "../../../src/limit/pace.ts";
import type { LimitSearchOptions } from "../../../src/limit/search.ts";
import { Durations } from "../../../src/measure/durations.ts";
import type { Second } from "../../../src/measure/seconds.ts";
import { largestLoad } from "../../../src/sandbox/model/largest-load.ts";
import { NO_LOAD_MODEL } from "../../../src/sandbox/model/load-model.ts";
import { objective } from "./drive.ts";
import { VirtualDeployment } from "./virtual-deployment.ts";

/** What a grid is driven by. */
interface Deployment {
  set(level: number, value: number | undefined): void;
  pass(second: number): Second;
}

const LONGEST_S = 40_000;
const OPTIONS: LimitSearchOptions = {
  ...{ from: 10, to: 2_000, precision: 0.05, budgetS: LONGEST_S },
  objectives: [objective("round_trip.p95<200ms")],
};

function drive(
  deployment: Deployment,
  values: readonly number[] | undefined,
  options: Partial<LimitSearchOptions> = {},
  onSecond: (second: number, grid: LimitGrid) => void = () => undefined,
) {
  const grid = new LimitGrid({ ...OPTIONS, ...options }, values);
  const set: string[] = [];
  let command: GridCommand | undefined = grid.begin();
  let closed: Second | undefined;
  for (let second = 0; second < LONGEST_S; second++) {
    if (command?.kind === "level") {
      set.push(`${command.why} ${command.level} at ${command.value}`);
      deployment.set(command.level, command.value);
      grid.levelIsSet(second);
    }
    const passed = deployment.pass(second);
    onSecond(second, grid);
    command = closed && grid.take(closed);
    closed = passed;
    if (grid.isOver) return { grid, rows: grid.rows, set };
  }
  throw new Error("the grid has not ended");
}

/** Answers take long above a capacity of levels, by value, and for a while after that. */
function steady(capacityOf: (value: number) => number, backlogS = 0): Deployment {
  let [level, capacity, lateUntil] = [0, 0, 0];
  return {
    set: (next, value = 1) => {
      [level, capacity] = [next, capacityOf(value)];
    },
    pass: (second) => {
      if (level > capacity) lateUntil = second + backlogS;
      const durations = new Durations();
      for (let n = 0; n < 200; n++)
        durations.record(level > capacity || second < lateUntil ? 900 : 40 + (n % 7));
      const step = { values: { measured: { round_trip: durations.value() } }, places: ["0"], ms: 1_000 };
      return { second, steps: { load: step } };
    },
  };
}

/** A deployment that carries so many messages a second, whoever sends them. */
function carryingMessages(seed: number): { deployment: Deployment; rightAt(rate: number): number } {
  const model = { ...NO_LOAD_MODEL, replicas: 2, coderdCores: 1, messageMs: 3 };
  const unit = { messagesPerSecond: 1 };
  const virtual = new VirtualDeployment({ model, unit, seed });
  return {
    deployment: {
      set: (level, value = 1) => {
        unit.messagesPerSecond = value;
        virtual.setLevel(level);
      },
      pass: (second) => virtual.pass(second),
    },
    rightAt: (rate) => largestLoad(model, { messagesPerSecond: rate }, { of: "answer", limitMs: 200 }) ?? 0,
  };
}

const QUICK = { pace: QUICK_PACE, precision: 0.5 };

describe("a search for each value of a second number", () => {
  it.each([1, 2, 3])(
    "finds the hyperbola of what carries messages a second, within five percent (seed %i)",
    (seed) => {
      const { deployment, rightAt } = carryingMessages(seed);
      const values = [1, 2, 5, 10];
      const { rows, grid } = drive(deployment, values);
      expect(rows.map(({ value }) => value)).toEqual(values);
      for (const { value = 0, end, levels } of rows) {
        if (end.kind !== "found") throw new Error(JSON.stringify({ value, end }));
        const [passing, right] = [end.passing.level, rightAt(value)];
        expect({ value, passing, right, isRight: Math.abs(passing / right - 1) <= 0.05 }).toMatchObject({
          isRight: true,
        });
        const product = (passing * value) / rightAt(1);
        expect(Math.abs(product - 1)).toBeLessThanOrEqual(0.06);
        expect(end.confidence).toBeGreaterThan(0);
        expect(levels.length).toBeLessThanOrEqual(12);
      }
      const [first, ...others] = rows.map(({ levels }) => levels.length);
      // It begins where its neighbours let it be expected.
      expect(Math.max(...others)).toBeLessThan(first ?? 0);
      expect(risesOf(rows)).toEqual([]);
      expect(grid.skipped).toEqual({ not_reached: [] });
    },
  );

  it("finds it as well where its neighbours lead it astray", () => {
    const capacity: Record<number, number> = { 1: 1_000, 2: 980, 4: 960, 8: 60 };
    const { rows } = drive(
      steady((value) => capacity[value] ?? 0),
      [1, 2, 4, 8],
      { pace: QUICK_PACE },
    );
    for (const { value = 0, end, levels } of rows) {
      if (end.kind !== "found") throw new Error(JSON.stringify({ value, end }));
      expect(end.passing.level).toBeLessThanOrEqual(capacity[value] ?? 0);
      expect(end.failing.level).toBeGreaterThan(capacity[value] ?? 0);
      expect(levels.length).toBeLessThanOrEqual(12);
    }
  });

  it("says where a larger value carries more", () => {
    const capacity: Record<number, number> = { 1: 400, 2: 100, 4: 300 };
    const { rows } = drive(
      steady((value) => capacity[value] ?? 0),
      [1, 2, 4],
      QUICK,
    );
    expect(risesOf(rows)).toEqual([{ from: 2, to: 4 }]);
  });

  it("lets the target recover before the next begins", () => {
    const { rows, set } = drive(
      steady((value) => 90 / value, 20),
      [1, 2],
      QUICK,
    );
    expect(rows.map(({ end }) => end.kind)).toEqual(["found", "found"]);
    const next = set.findIndex((one) => one.endsWith("at 2"));
    expect(set.slice(next - 1, next + 1)).toEqual(["recovery 10 at 1", "look 10 at 2"]);
  });

  it("shares the budget: what was found stays, and what was not begun is named", () => {
    const { rows, grid } = drive(
      steady((value) => 100 / value),
      [1, 2, 3],
      { ...QUICK, budgetS: 60 },
    );
    expect(rows[0]?.end.kind).toBe("found");
    const all = rows.length + grid.skipped.not_reached.length;
    expect(all).toBe(3);
    expect(rows.at(-1)?.end.kind === "so_far" || rows.length < 3).toBe(true);
    if (grid.skipped.not_reached.length > 0) expect(grid.skipped.why).toBe("budget");
  });

  it("begins none above a value at which even the smallest level breaks", () => {
    const { rows, grid } = drive(
      steady((value) => 30 / value),
      [1, 5, 6, 7],
      QUICK,
    );
    expect(rows.map(({ end }) => end.kind)).toEqual(["found", "smallest_breaks"]);
    expect(grid.skipped).toEqual({ not_reached: [6, 7], why: "smallest_breaks" });
  });

  it("without one is a single search", () => {
    const { rows, grid } = drive(
      steady(() => 100),
      undefined,
      QUICK,
    );
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ value: undefined, end: { kind: "found" } });
    expect(grid.skipped).toEqual({ not_reached: [] });
  });

  it("stopped while the target recovers, it keeps what was found", () => {
    const stop = (_second: number, grid: LimitGrid) => {
      if (grid.rows[0]?.end.kind === "found") grid.stop("stopped");
    };
    const { rows, grid } = drive(
      steady((value) => 90 / value, 20),
      [1, 2],
      QUICK,
      stop,
    );
    expect(rows.map(({ end }) => end.kind)).toEqual(["found"]);
    expect(grid.skipped).toEqual({ not_reached: [2], why: "stopped" });
  });
});
