import { describe, expect, it } from "vitest";
import { growth } from "../../../src/limit/levels.ts";
import { LimitSearch } from "../../../src/limit/search.ts";
import { Durations } from "../../../src/measure/durations.ts";
import type { Second } from "../../../src/measure/seconds.ts";
import { NO_LOAD_MODEL } from "../../../src/sandbox/model/load-model.ts";
import { foreign } from "../../../src/text/message.ts";
import { drive, objective } from "./drive.ts";
import { VirtualDeployment } from "./virtual-deployment.ts";

const OBJECTIVES = [objective("round_trip.p95<200ms")];
const UNIT = { messagesPerSecond: 1 };

function terminals({ messageMs = 3, cores = 2, generatorPerSecond = Number.POSITIVE_INFINITY, seed = 1 }) {
  const model = { ...NO_LOAD_MODEL, coderdCores: cores, messageMs };
  return new VirtualDeployment({ model, unit: UNIT, seed, generatorPerSecond });
}

interface Scripted {
  ms: number;
  invalid?: boolean;
  paused?: boolean;
}

/** A target whose answers all take what the script says of a level, and of the seconds since it was set. */
function scripted(answer: (level: number, seconds: number, second: number) => Scripted) {
  let [level, setAt, now] = [0, 0, 0];
  return {
    setLevel: (next: number) => {
      level = next;
      setAt = now;
    },
    pass: (second: number): Second => {
      now = second + 1;
      const { ms, invalid, paused } = answer(level, second - setAt, second);
      const durations = new Durations();
      for (let n = 0; n < 50; n++) durations.record(ms);
      const step = {
        ...{ values: { measured: { round_trip: durations.value() } }, places: ["0"], ms: paused ? 0 : 1_000 },
        ...(invalid ? { invalid: foreign("late by 90 ms") } : {}),
        ...(paused ? { paused } : {}),
      };
      return { second, steps: { load: step } };
    },
  };
}

const limitedTo = (capacity: number) => (level: number) => ({ ms: level <= capacity ? 40 : 900 });

describe("a search that ends without a limit of the target", () => {
  it("says that the generator was the limit, and at which level; never a number", () => {
    for (const seed of [1, 2, 3]) {
      const { end, levels } = drive(terminals({ generatorPerSecond: 350, seed }), { objectives: OBJECTIVES });
      expect(end).toMatchObject({
        kind: "invalid",
        level: 400,
        reason: "ticks came late",
        passing: { level: 200 },
      });
      expect(levels.at(-1)).toMatchObject({ level: 400, verdict: "invalid" });
      expect(JSON.stringify(end)).not.toContain("failing");
    }
  });

  it("says so also where target and generator are both past their limits: a breach then says nothing", () => {
    const { end } = drive(terminals({ messageMs: 7, generatorPerSecond: 280 }), { objectives: OBJECTIVES });
    expect(end).toMatchObject({ kind: "invalid", level: 400 });
  });

  it("says that the ceiling was passed, by as many looks as a limit has", () => {
    for (const seed of [1, 2, 3]) {
      const { end } = drive(terminals({ messageMs: 0.5, seed }), { objectives: OBJECTIVES });
      expect(end).toMatchObject({ kind: "not_reached", ceiling: { level: 2_000, looks: 3, agreeing: 3 } });
    }
  });

  it("says that even the smallest level breaks", () => {
    const { end, levels } = drive(scripted(limitedTo(49)), { objectives: OBJECTIVES });
    expect(end).toMatchObject({
      ...{ kind: "smallest_breaks", failing: { level: 50, looks: 3 }, first_broken: "round_trip.p95<200ms" },
    });
    expect(levels).toHaveLength(1);
  });

  it("ends by its budget with what is known, and pauses are none of it", () => {
    const ended = (pausedS: number) =>
      drive(
        scripted((level, _, second) => ({
          ...limitedTo(300)(level),
          paused: second >= 30 && second < 30 + pausedS,
        })),
        { objectives: OBJECTIVES, budgetS: 75 },
      );
    expect(ended(0).end).toMatchObject({
      kind: "so_far",
      why: "budget",
      passing: { level: 200 },
      failing: { level: 400 },
    });
    expect(ended(500).end).toEqual(ended(0).end);
    expect(ended(500).seconds).toBe(ended(0).seconds + 500);
  });

  it("stopped, it tells the levels so far, each with its confidence", () => {
    const search = new LimitSearch({
      from: 50,
      to: 2_000,
      precision: 0.05,
      budgetS: 1e6,
      objectives: OBJECTIVES,
    });
    const target = scripted(limitedTo(300));
    let command: ReturnType<LimitSearch["take"]> = search.begin();
    for (let second = 0; second < 90; second++) {
      if (command?.kind === "level") {
        target.setLevel(command.level);
        search.levelIsSet(second);
      }
      command = search.take(target.pass(second));
    }
    const end = search.stop();
    expect(end).toMatchObject({ kind: "so_far", why: "stopped", passing: { level: 283, confidence: 0.499 } });
    expect(search.levels.length).toBeGreaterThanOrEqual(3);
    // It has ended: nothing more is asked for.
    expect(search.take(target.pass(90))).toBeUndefined();
    expect(search.stop()).toBe(end);
  });

  it("ends where the target does not recover from a breach", () => {
    let isHurt = false;
    const target = scripted((level) => {
      isHurt ||= level > 300;
      return { ms: isHurt ? 900 : 40 };
    });
    const { end } = drive(target, { objectives: OBJECTIVES });
    expect(end).toMatchObject({ kind: "so_far", why: "not_recovered", passing: { level: 200 } });
  });
});

describe("a level", () => {
  it("does not break by one bad second, nor by several that do not persist", () => {
    const target = scripted((level, seconds) => ({
      ms: seconds % 9 === 4 ? 5_000 : limitedTo(1_000)(level).ms,
    }));
    const { end } = drive(target, { objectives: OBJECTIVES });
    expect(end).toMatchObject({ kind: "found", passing: { agreeing: 3 }, failing: { agreeing: 3 } });
    if (end.kind === "found") expect(end.passing.level / 1_000).toBeGreaterThan(0.95);
  });

  it("is measured when it has settled, however long that takes", () => {
    // Caches warm up: each level begins slowly.
    const target = scripted((level, seconds) => ({
      ms: limitedTo(1_000)(level).ms + Math.max(0, 400 - 20 * seconds),
    }));
    const { end, levels } = drive(target, { objectives: OBJECTIVES });
    expect(end).toMatchObject({ kind: "found" });
    if (end.kind === "found") expect(end.passing.level / 1_000).toBeGreaterThan(0.95);
    expect(levels.find(({ level }) => level === 100)?.verdict).toBe("passes");
  });

  it("breaks where its figures go to the limit and never settle, though they are not yet there", () => {
    const target = scripted((level, seconds) => ({
      ms: level <= 1_000 ? 40 : Math.min(190, 40 + 3 * seconds),
    }));
    const { end, levels } = drive(target, { objectives: OBJECTIVES });
    expect(end).toMatchObject({ kind: "found", failing: { agreeing: 3, confidence: 0.99 } });
    if (end.kind === "found") expect(end.passing.level / 1_000).toBeGreaterThan(0.95);
    expect(levels.at(-1)?.looks[0]).toMatchObject({ verdict: "breaks", because: "drifts" });
  });

  it("breaks where nothing comes back at all", () => {
    const target = scripted(limitedTo(1_000));
    const silent = {
      ...target,
      level: 0,
      setLevel(next: number) {
        silent.level = next;
        target.setLevel(next);
      },
      pass(second: number): Second {
        if (silent.level <= 300) return target.pass(second);
        return { second, steps: { load: { values: {}, places: ["0"], ms: 1_000 } } };
      },
    };
    const { end } = drive(silent, { objectives: OBJECTIVES });
    expect(end).toMatchObject({ kind: "found" });
    if (end.kind === "found") expect(end.passing.level / 300).toBeGreaterThan(0.95);
  });

  it("leaves out seconds that do not count, and has a second try after a busy while", () => {
    const busy = (second: number) => second >= 40 && second < 60;
    const target = scripted((level, _, second) => ({
      ...{ ms: busy(second) ? 3_000 : limitedTo(1_000)(level).ms, invalid: busy(second) },
    }));
    const { end } = drive(target, { objectives: OBJECTIVES });
    expect(end).toMatchObject({ kind: "found" });
    if (end.kind === "found") expect(end.passing.level / 1_000).toBeGreaterThan(0.95);
  });

  it("says of several objectives which breaks first", () => {
    const model = {
      ...NO_LOAD_MODEL,
      replicas: 2,
      coderdCores: 4,
      databaseCores: 1,
      messageMs: 2,
      requestDatabaseMs: 3.4,
    };
    const unit = { messagesPerSecond: 1, requestsPerSecond: 0.2 };
    const objectives = [...OBJECTIVES, objective("api_latency.p95<300ms")];
    const { end } = drive(new VirtualDeployment({ model, unit, seed: 1 }), { objectives });
    expect(end).toMatchObject({ kind: "found", first_broken: "api_latency.p95<300ms" });
  });
});

describe("the course of a search", () => {
  it("doubles, backs off to the smallest level after a breach, bisects, and confirms both sides", () => {
    const { set, end } = drive(scripted(limitedTo(300)), { objectives: OBJECTIVES });
    expect(set.slice(0, 6)).toEqual([50, 100, 200, 400, 50, 283]);
    if (end.kind !== "found") throw new Error(end.kind);
    const { passing, failing } = end;
    expect(passing.level).toBeLessThanOrEqual(300);
    expect(failing.level).toBeGreaterThan(300);
    expect(failing.level / passing.level).toBeLessThanOrEqual(1.05);
    const last = set.filter((level) => level !== 50).slice(-4);
    expect(last.toSorted()).toEqual([passing.level, passing.level, failing.level, failing.level].toSorted());
  });

  it("a mistaken look is put right by the repeats", () => {
    let looksAt400 = 0;
    const target = scripted((level, seconds) => {
      if (level === 400 && seconds === 0) looksAt400++;
      return { ms: level === 400 && looksAt400 === 1 ? 900 : limitedTo(400)(level).ms };
    });
    const { end } = drive(target, { objectives: OBJECTIVES });
    expect(end).toMatchObject({ kind: "found", passing: { level: 400, looks: 5, agreeing: 4 } });
  });

  it("levels are whole: where two are next to each other there is nothing between", () => {
    const { end } = drive(scripted(limitedTo(7)), { objectives: OBJECTIVES, from: 1, to: 40 });
    expect(end).toMatchObject({ kind: "found", passing: { level: 7 }, failing: { level: 8 } });
  });

  it("takes larger steps where the range is too wide for twelve levels", () => {
    expect(growth({ from: 50, to: 2_000, precision: 0.05 })).toBe(2);
    expect(growth({ from: 1, to: 2_000, precision: 0.05 })).toBeGreaterThan(2);
    const { end, levels } = drive(scripted(limitedTo(1_234)), { objectives: OBJECTIVES, from: 1 });
    expect(levels.length).toBeLessThanOrEqual(12);
    if (end.kind !== "found") throw new Error(end.kind);
    expect(Math.abs(end.passing.level / 1_234 - 1)).toBeLessThan(0.05);
  });
});
