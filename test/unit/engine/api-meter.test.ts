import { expect, it } from "vitest";
import { ApiMeter, LOOKING } from "../../../src/engine/measuring/api-meter.ts";

it("calls that look at the deployment are counted, and their time is no latency of its API", () => {
  const meter = new ApiMeter();
  for (const subject of ["", LOOKING]) {
    meter.called(subject, "GET /api/v2/debug/health");
    meter.answered(subject, "GET", 4_000, false);
  }
  expect(meter.newCalls("step")).toBe(2);
  expect(meter.newAnswers("step")).toHaveLength(1);
});
