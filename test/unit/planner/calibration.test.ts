import { describe, expect, it } from "vitest";
import { calibrate } from "../../../src/planner/calibration.ts";
import { measuredPlan } from "../../../src/planner/measured-plan.ts";
import { measuredLines } from "../../../src/planner/measured-text.ts";
import type { MeasuredTimes, Moment } from "../../../src/planner/moments.ts";
import { planFor } from "../../../src/planner/plan.ts";
import { english } from "../../../src/text/message.ts";

const MB = 1e6;
const TIMES: MeasuredTimes = { p50Ms: 60_000, p95Ms: 120_000, meanMs: 72_000, count: 80 };

/** Two replicas of 2 cores that cost what they are told to, with some noise. */
function moments(
  of: { connection: number; build: number; bytes: number },
  over: Partial<Moment> = {},
): Moment[] {
  return Array.from({ length: 60 }, (_, at) => {
    const connections = Math.min(100, at * 4);
    const builds = at % 20 < 10 ? at % 10 : 0;
    // Even, and of no one's doing.
    const noise = ((at * 7_919) % 11) / 11 - 0.5;
    return {
      ...{ replicas: 2, coresOf: 4, connections, builds },
      cores: 0.1 + of.connection * connections + of.build * builds + noise * 0.02,
      bytes: 400 * MB + of.bytes * connections + noise * MB,
      ...over,
    };
  });
}

const plan = planFor({
  ...{ rules: "2026", users: 3_000, webShare: 0, windowMs: 900_000, provisioners: "external" },
  times: TIMES,
  workspace: { cores: 1, memory: 2 },
  node: { cores: 8, memory: 32 },
});

describe("what a run measured of its deployment", () => {
  it("is the cost of an idle replica, of a connection and of a build, each apart from the others", () => {
    const { cores, memory, most, cannotTell } = calibrate(
      moments({ connection: 0.01, build: 0.2, bytes: 0.8 * MB }),
      TIMES,
    );
    expect(cores?.idle).toBeCloseTo(0.05, 2);
    expect(cores?.connection?.each).toBeCloseTo(0.01, 3);
    expect(cores?.build?.each).toBeCloseTo(0.2, 2);
    expect(memory?.connection?.each).toBeCloseTo(0.8 * MB, -4);
    expect(memory?.idle).toBeCloseTo(200 * MB, -7);
    expect(most).toEqual({ connections: 100, builds: 9 });
    expect(cannotTell).toEqual([]);
  });

  it("leaves out the moments in which coderd had no core left: they say nothing of what one more costs", () => {
    const right = moments({ connection: 0.01, build: 0, bytes: MB });
    const full = moments({ connection: 0, build: 0, bytes: MB }, { cores: 3.9, connections: 1_000 });
    const { cores, most } = calibrate([...right, ...full], TIMES);
    expect(cores?.connection?.each).toBeCloseTo(0.01, 3);
    expect(most.connections).toBe(100);
  });

  it("says what it cannot tell, and tells nothing of it", () => {
    const flat = calibrate(moments({ connection: 0, build: 0, bytes: 0 }, { builds: 0 }), undefined);
    expect(flat.cores).toEqual({ idle: expect.closeTo(0.05, 2) });
    expect(flat.cannotTell.map(english)).toEqual([
      "cores of a connection: too few connections came and went",
      "cores of a build: too few builds began and ended",
      "memory of a connection: it did not grow clearly with them",
      "how long builds take: none was timed by the deployment",
    ]);
    expect(measuredPlan(plan, "abcdefgh", flat)).toMatchObject({
      busyCores: null,
      cores: null,
      memory: null,
    });
    const [why] = calibrate([], undefined).cannotTell;
    expect(why && english(why)).toBe(
      "the run has none of the deployment's own figures: run it with --server-metrics",
    );
  });

  it("stands beside the rules for the same users, and says how far it goes beyond what was measured", () => {
    const calibration = calibrate(moments({ connection: 0.001, build: 0.02, bytes: 0.5 * MB }), TIMES);
    const measured = measuredPlan(plan, "abcdefgh", calibration);
    const { replicas } = plan.coderd;
    const connections = plan.running + plan.users;
    const busy = 0.05 * replicas + 0.001 * connections + 0.02 * plan.builds;
    expect(measured.busyCores).toBeCloseTo(busy, 0);
    expect(measured.cores).toBeCloseTo(busy / replicas / 0.8, 0);
    expect(measured.memory).toBeCloseTo((0.2 + (0.0005 * connections) / replicas) / 0.8, 0);
    // Of 72 s on average.
    expect(measured.buildsPerDaemonHour).toBe(50);
    const lines = measuredLines(plan, measured).join("\n");
    expect(lines).toMatch(
      /By what the run abcdefgh measured \(60 looks, at most 100 connections and 9 builds/,
    );
    expect(lines).toMatch(/\b(?:0\.99|1) \(±0\.\d+\) cores for each 1,000 connections/);
    expect(lines).toMatch(/Note: \d+ connections are \d+ times what was measured/);
  });
});
