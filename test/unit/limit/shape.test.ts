import { describe, expect, it } from "vitest";
import { queueing, scalability } from "../../../src/limit/curves.ts";
import { shapeOf } from "../../../src/limit/shape.ts";
import type { LimitLevel } from "../../../src/protocol/limit.ts";
import { NO_LOAD_MODEL } from "../../../src/sandbox/model/load-model.ts";
import { drive, objective } from "./drive.ts";
import { VirtualDeployment } from "./virtual-deployment.ts";

const XS = [50, 100, 200, 400, 800];

function level(
  at: number,
  throughput: number,
  latency: number,
  more: { achieved?: number } = {},
): LimitLevel {
  const value = { value: latency, unit: "duration", broken_windows: 0 };
  const look = { from: 0, until: 20, windows: 5, achieved: more.achieved ?? 1, throughput };
  const objectives = [{ expression: "round_trip.p95<200ms", ...value }];
  return { level: at, verdict: "passes", looks: [{ ...look, verdict: "passes", objectives }] };
}

describe("a curve through the levels", () => {
  it("is found again where the levels are of it", () => {
    const [lambda, sigma, kappa] = [10, 0.02, 0.0001];
    const at = (x: number) => (lambda * x) / (1 + sigma * (x - 1) + kappa * x * (x - 1));
    const fit = scalability(XS.map((x) => ({ x, y: at(x) })));
    expect(fit?.parameters.lambda).toBeCloseTo(lambda, 2);
    expect(fit?.parameters.sigma).toBeCloseTo(sigma, 4);
    expect(fit?.parameters.kappa).toBeCloseTo(kappa, 6);
    expect(fit?.error).toBeLessThan(1e-4);
    const waiting = queueing(XS.map((x) => ({ x, y: 40 + (2 * x) / (900 - x) })));
    expect(waiting?.parameters.base).toBeCloseTo(40, 0);
    expect(waiting?.parameters.capacity).toBeGreaterThan(850);
    expect(waiting?.parameters.capacity).toBeLessThan(950);
  });

  it("has no coefficient below 0, whatever the levels say", () => {
    const better = scalability(XS.map((x) => ({ x, y: x ** 1.2 })));
    for (const one of Object.values(better?.parameters ?? {})) expect(one).toBeGreaterThanOrEqual(0);
  });

  it("is none where it does not fit, or there are too few levels", () => {
    const zigzag = XS.map((x, n) => level(x, n % 2 === 0 ? x : 3 * x, n % 2 === 0 ? 30 : 200));
    expect(shapeOf(zigzag).curves).toBeUndefined();
    expect(shapeOf(XS.slice(0, 4).map((x) => level(x, x, 40))).curves).toBeUndefined();
    const straight = shapeOf(XS.map((x) => level(x, 10 * x, 40 + x / 100)));
    expect(straight.curves?.map(({ of }) => of)).toEqual(["throughput", "latency"]);
  });

  it("of the latency leaves out levels that do not keep up: it would go on growing there", () => {
    const levels = XS.map((x) => level(x, 10 * x, 40 + (5 * x) / (1_000 - x)));
    const fit = shapeOf([...levels, level(1_600, 10_000, 9_000, { achieved: 0.6 })]).curves;
    expect(fit?.find(({ of }) => of === "latency")?.points.at(-1)?.[0]).toBe(800);
  });
});

describe("the knee", () => {
  it("is where throughput by latency is most", () => {
    const levels = [level(50, 500, 40), level(100, 1_000, 41), level(200, 2_000, 45), level(400, 2_400, 400)];
    expect(shapeOf(levels).knee).toBe(200);
  });

  it("is none while more load still brings more, or nothing is known of durations", () => {
    expect(shapeOf(XS.map((x) => level(x, 10 * x, 40))).knee).toBeUndefined();
    const counted = XS.map((x) => ({ ...level(x, 0, 1), looks: [] }));
    expect(shapeOf(counted)).toEqual({});
  });

  it("is near the limit of a deployment that waits in a queue", () => {
    const model = { ...NO_LOAD_MODEL, coderdCores: 2, messageMs: 3 };
    const deployment = new VirtualDeployment({ model, unit: { messagesPerSecond: 1 }, seed: 2 });
    const { end, levels } = drive(deployment, { objectives: [objective("round_trip.p95<200ms")] });
    const { knee = 0 } = shapeOf(levels);
    expect(end.kind).toBe("found");
    if (end.kind !== "found") return;
    expect(knee).toBeGreaterThan(0.7 * end.passing.level);
    expect(knee).toBeLessThanOrEqual(end.failing.level);
    // Messages that ended, of one connection each a second.
    const [first] = levels;
    const part = (first?.looks[0]?.throughput ?? 0) / (first?.level ?? 1);
    expect(part).toBeGreaterThan(0.9);
    expect(part).toBeLessThan(1.1);
  });
});
