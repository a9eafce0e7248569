import { describe, expect, it } from "vitest";
import {
  chanceRatio,
  holm,
  normalQuantile,
  pooledVariance,
  studentQuantile,
  studentTail,
  sumOfVariances,
  varianceOfMean,
} from "../../../src/compare/statistics.ts";
import { Chance } from "./generated.ts";

describe("the statistics of a comparison", () => {
  // Of printed tables.
  it.each([
    [0.01, 8, 2.8965],
    [0.005, 5, 4.0321],
    [0.0005, 12, 4.3178],
    [0.025, 1, 12.7062],
    [0.001, Number.POSITIVE_INFINITY, 3.0902],
  ])("Student's distribution: %d is beyond, with %d degrees of freedom, %d", (tail, freedom, t) => {
    expect(studentQuantile(tail, freedom)).toBeCloseTo(t, 3);
    expect(studentTail(t, freedom)).toBeCloseTo(tail, 4);
    expect(studentTail(-t, freedom)).toBeCloseTo(1 - tail, 4);
  });

  it("the normal distribution, and chi-square by its degrees of freedom", () => {
    expect(normalQuantile(0.975)).toBeCloseTo(1.95996, 4);
    expect(normalQuantile(0.025)).toBeCloseTo(-1.95996, 4);
    expect(14 * chanceRatio(14, 0.95)).toBeCloseTo(23.685, 1);
  });

  it("Holm's procedure takes the smallest against all, the next against the rest, and ends at the first that fails", () => {
    expect(holm([0.006, 0.001, 0.02, 0.003], 0.01)).toEqual([false, true, false, true]);
    expect(holm([0.006, 0.006], 0.01)).toEqual([false, false]);
    expect(holm([], 0.01)).toEqual([]);
  });

  it("blocks that follow each other in what they are say less than blocks that do not", () => {
    const wave = Array.from({ length: 40 }, (_, at) => Math.sin(at / 6));
    const mixed = wave.map((_, at) => wave[(at * 17) % wave.length] ?? 0);
    const [along, apart] = [varianceOfMean(wave), varianceOfMean(mixed)];
    expect(along.value).toBeGreaterThan(3 * apart.value);
    expect(along.freedom).toBeLessThan(apart.freedom / 2);
  });

  it("is right about the mean of 15 independent blocks: within a tenth over many", () => {
    const chance = new Chance(1);
    const all = Array.from({ length: 2_000 }, () =>
      varianceOfMean(Array.from({ length: 15 }, () => chance.normal())),
    );
    const mean = all.reduce((sum, { value }) => sum + value, 0) / all.length;
    // What is made for autocorrelation is never less than nothing: on the safe side.
    expect(mean * 15).toBeGreaterThan(0.95);
    expect(mean * 15).toBeLessThan(1.5);
  });

  it("few blocks that hold all of the difference count as few", () => {
    expect(varianceOfMean([0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, -5, 0]).freedom).toBeLessThan(6);
  });

  it("adds variances with what is known of each", () => {
    const known = { value: 4, freedom: Number.POSITIVE_INFINITY };
    expect(sumOfVariances([known, { value: 0, freedom: 3 }]).value).toBe(4);
    expect(
      sumOfVariances([
        { value: 1, freedom: 5 },
        { value: 1, freedom: 5 },
      ]).freedom,
    ).toBeCloseTo(10, 6);
  });

  it("believes less in what is assumed where more was seen", () => {
    const assumed = { value: 1, freedom: 8 };
    expect(pooledVariance(assumed, { value: 0.5, freedom: 8 }).value).toBeCloseTo(0.75, 6);
    expect(pooledVariance(assumed, { value: 16, freedom: 8 }).value).toBeGreaterThan(15);
  });
});
