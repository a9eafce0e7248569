import { describe, expect, it } from "vitest";
import { thresholdsFor } from "../../../src/vscode/ask/thresholds.ts";

describe("thresholds of the settings", () => {
  const wanted = ["failures.rate<1%", "queue.p95 < 3m", "round_trip.p95<200ms"];

  it("hold each workload to what it has: one list serves every run", () => {
    expect(thresholdsFor("create-workspaces", wanted)).toEqual(["failures.rate<1%", "queue.p95<3m"]);
    expect(thresholdsFor("workspace-traffic", wanted)).toEqual(["failures.rate<1%", "round_trip.p95<200ms"]);
    expect(thresholdsFor("workspace-traffic", ["  "])).toEqual([]);
  });

  it("are each said once", () => {
    const twice = ["failures.rate<1%", "failures.rate < 1%", "failures.rate<1.0%"];
    expect(thresholdsFor("create-workspaces", twice)).toEqual(["failures.rate<1%"]);
  });

  it.each([
    [
      "nonesuch.p95<1s",
      /^scaletest\.thresholds: "nonesuch.p95<1s": a metric of this run: (\w+, ){5}\w+ and \d+ more \(.*--help.*\), not "nonesuch"$/,
    ],
    ["round_trip.average<1s", /a figure of round_trip: p50, p95, p99, max.*, not "average"/],
    ["round_trip.p95<fast", /the limit must be a duration/],
    ["slow", /a metric of this run: .*, not "slow"/],
    [7, /write it like round_trip\.p95 < 200ms/],
  ])("are refused in one line where no run can be held to them: %j", (expression, message) => {
    expect(() => thresholdsFor("create-workspaces", [expression])).toThrow(message);
    try {
      thresholdsFor("workspace-traffic", [expression]);
    } catch (error) {
      expect(String(error)).not.toContain("\n");
    }
  });
});
