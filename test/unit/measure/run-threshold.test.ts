import { describe, expect, it } from "vitest";
import type { Metric } from "../../../src/measure/metric.ts";
import { parseRunThreshold, runThresholds } from "../../../src/measure/run-threshold.ts";
import type { Second, StepSecond } from "../../../src/measure/seconds.ts";
import { ThresholdError } from "../../../src/measure/threshold.ts";
import { ThresholdWatch } from "../../../src/measure/threshold-watch.ts";
import { counted, type Value } from "../../../src/measure/values.ts";

const metric = (name: string, kind: Metric["kind"]): Metric => ({
  ...{ name, kind, unit: kind === "duration" ? "ms" : "none", labels: [], better: "lower", text: name },
});
const failures = { ...metric("failures", "share"), whole: true };
const STEPS = [
  { name: "create", metrics: [failures, metric("queue", "duration")] },
  { name: "terminals", metrics: [failures, metric("sent", "counter")] },
];
const parse = (text: string) => parseRunThreshold(text, STEPS);

function problem(text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    return error instanceof ThresholdError ? [error.message, error.offset, error.length] : error;
  }
}

const second = (at: number, steps: Second["steps"]): Second => ({ second: at, steps });
const ofStep = (measured: Record<string, Value>): StepSecond => ({
  values: { measured },
  places: ["x"],
  ms: 1_000,
});

describe("a threshold of a whole run", () => {
  it("is about the step that it names, or about all steps that have the metric", () => {
    expect(parse("queue{step=create}.p95 < 1s")).toMatchObject({ step: "create" });
    expect(parse("queue.p95 < 1s")).toMatchObject({ step: undefined, among: ["create"] });
    expect(parse("failures.rate < 1%").among).toBeUndefined();
  });

  it.each([
    ["queue{step=creation}.p95 < 1s", 'there is no step "creation": there is create, terminals', 11, 8],
    ['failures{ step = "x y" }.rate < 1%', 'there is no step "x y": there is create, terminals', 17, 5],
    ["queue{step=terminals}.p95 < 1s", 'step "terminals" has no queue', 0, 5],
    ["gone.p95 < 1s", 'a metric of this run: failures, queue, sent, not "gone"', 0, 4],
  ])("%s is told with its place", (text, message, offset, length) => {
    expect(problem(text)).toEqual([message, offset, length]);
  });

  it("is one for all its spellings, and is quoted where it cannot be read", () => {
    expect(runThresholds(["failures.rate < 1%", "failures.rate<1.0%"], STEPS)).toHaveLength(1);
    expect(() => runThresholds(["x.p95<1s"], STEPS)).toThrow('"x.p95<1s": a metric of this run: ');
  });

  it("does not count the time of steps that have no such metric", () => {
    const watch = new ThresholdWatch(parse("sent.rate >= 5"));
    for (let at = 0; at < 8; at++) watch.take(second(at, { create: ofStep({}) }));
    for (let at = 8; at < 10; at++) watch.take(second(at, { terminals: ofStep({ sent: counted(6) }) }));
    expect(watch.result(true)).toMatchObject({ state: "met", observed: { value: 6 } });
  });
});
