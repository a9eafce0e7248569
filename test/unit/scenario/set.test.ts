import { describe, expect, it } from "vitest";
import { toRequest } from "../../../src/scenario/request.ts";
import { EXAMPLE, read, told } from "./support.ts";

const steps = (...set: string[]) => toRequest(read(EXAMPLE, { set }).scenario).steps;

describe("values that are put into a file", () => {
  it.each([
    ["steps.0.create.count=5", 0, { count: 5 }],
    ["steps.create.count=5", 0, { count: 5 }],
    ["steps.create-workspaces.count=5", 0, { count: 5 }],
    ["steps.terminals.hold=30s", 1, { durationMs: 30_000 }],
    ["steps.terminals.rate=1KB/s", 1, { rate: "1KB/s" }],
    ["steps.terminals.traffic.reconnect=true", 1, { reconnect: true }],
    ["template=other", 0, { template: "other" }],
    ["parameters.home_disk_size=1.10", 0, { parameters: { home_disk_size: "1.10" } }],
    ["parameters.list=[a, b]", 0, { parameters: { home_disk_size: "10", list: '["a","b"]' } }],
    ["steps.create.parameters.x=a=b", 0, { parameters: { home_disk_size: "10", x: "a=b" } }],
  ])("%s", (set, at, config) => {
    expect(steps(set)[at]?.config).toMatchObject(config);
  });

  it("are items of a list, and the one after the last", () => {
    const { scenario } = read(EXAMPLE, {
      set: ["thresholds.0=ready.p95 < 2m", "thresholds.4=failures.count < 1"],
    });
    const before = read(EXAMPLE).scenario.thresholds;
    expect(before.length).toBe(4);
    expect(scenario.thresholds).toEqual(["ready.p95 < 2m", ...before.slice(1), "failures.count < 1"]);
    const stages = "steps:\n  - traffic: {}\n    stages: [{ for: 1m, to: 5 }]\n";
    const set = ["steps.traffic.stages.0.to=9"];
    expect(read(stages, { set }).scenario.steps[0]?.stages).toEqual([{ forMs: 60_000, to: 9 }]);
    expect(() => read(EXAMPLE, { set: ["thresholds.6=x.p95<1s"] })).toThrow(
      /has no item 6; it has 4, the first is 0/,
    );
    expect(() => read(EXAMPLE, { set: ["thresholds.first=x.p95<1s"] })).toThrow(/has no item first/);
  });

  it("are in the text that is kept, which says the same", () => {
    const set = ["steps.create.count=5", "parameters.version=1.10", "steps.terminals.hold=30s"];
    const { scenario } = read(EXAMPLE, { set });
    expect(toRequest(read(scenario.text).scenario)).toEqual(toRequest(scenario));
    expect(read(EXAMPLE).scenario.text).toBe(EXAMPLE);
  });

  it("keep variables of the file out of the text that is kept", () => {
    const text = `parameters: { key: "\${SCALETEST_KEY}" }\n${EXAMPLE.replace(/^parameters.*\n/m, "")}`;
    const env = { SCALETEST_KEY: "s3cret" };
    const { scenario } = read(text, { env, set: ["steps.create.count=5"] });
    expect(scenario.steps[0]?.checked?.config.parameters).toEqual({ key: "s3cret" });
    expect(scenario.text).not.toContain("s3cret");
  });

  it("are named where they are wrong, at the place in the file", () => {
    expect(told(EXAMPLE, { set: ["steps.create.count=many"] })).toEqual([
      '5:23 error: --set steps.create.count: count must be a whole number, not "many"',
    ]);
    expect(told(EXAMPLE, { set: ["steps.terminals.rate=[1, 2]"] })[0]).toMatch(
      /^6:38 error: --set steps\.terminals\.rate: rate must be a single value/,
    );
    expect(told(EXAMPLE, { set: ["steps.create.cuont=5"] })[0]).toMatch(
      /^5:14 error: --set steps\.create\.cuont: create has no "cuont"; did you mean count\?/,
    );
  });

  it.each([
    ["steps.7.create.count=5", "--set steps.7.create.count: there is no step 7; there are 3, the first is 0"],
    [
      "steps.terminal.rate=5",
      '--set steps.terminal.rate: there is no step "terminal"; did you mean terminals?',
    ],
    ["steps.create=5", "--set steps.create names a step, and nothing of it"],
    ["name.x=5", '--set name.x: "name" is no map, so it has no "x"'],
    ["count", "--set count must be PATH=VALUE, such as steps.create.count=5"],
  ])("%s leads nowhere", (set, message) => {
    expect(() => read(EXAMPLE, { set: [set] })).toThrow(
      expect.objectContaining({ name: "UsageError", message }),
    );
  });
});
