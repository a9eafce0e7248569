import { describe, expect, it } from "vitest";
import { type TestOf, testDifferences } from "../../../src/compare/same-test.ts";
import { english } from "../../../src/text/message.ts";
import { workloadByName } from "../../../src/workloads/index.ts";

const URL = "https://coder.example.com";
const CREATE = { template: "kubernetes", count: 20 };

function test(config: Record<string, unknown> = {}, more: Partial<TestOf> = {}): TestOf {
  return {
    url: URL,
    steps: [{ name: "create-workspaces", workload: "create-workspaces", config: { ...CREATE, ...config } }],
    ...more,
  };
}

const differences = (now: TestOf, before: TestOf) =>
  testDifferences(now, before, workloadByName).map(english);
const here = (port: number, sandbox?: boolean) =>
  test({}, { url: `http://127.0.0.1:${port}`, ...(sandbox === undefined ? {} : { sandbox }) });

describe("whether two runs were the same test", () => {
  it("what is a default is the same as what is not said, and what a run is held to makes it no other", () => {
    expect(
      differences(test(), test({ concurrency: 1, thresholds: ["ready.p95<1m"], cleanupConcurrency: 4 })),
    ).toEqual([]);
    expect(differences(test({ thresholds: ["failures.rate<1%"] }), test())).toEqual([]);
  });

  it.each([
    ["a number", test({ count: 40 }), test(), ["count: 40, was 20"]],
    ["a time", test({ jobTimeoutMs: 60_000 }), test(), ["job-timeout: 1m0s, was 5m0s"]],
    [
      "the deployment",
      test(),
      test({}, { url: "https://other.example.com" }),
      [`deployment: ${URL}, was https://other.example.com`],
    ],
    [
      "its steps",
      {
        ...test(),
        steps: [...test().steps, { name: "hold", workload: "hold", config: { durationMs: 1_000 } }],
      },
      test(),
      [
        "steps: create-workspaces (create-workspaces), hold (hold), was create-workspaces (create-workspaces)",
      ],
    ],
    [
      "the load of a step",
      {
        ...test(),
        steps: test().steps.map((step) => ({ ...step, profile: { stages: [{ forMs: 1_000, to: 3 }] } })),
      },
      test(),
      ["stages differs"],
    ],
  ])("tells what differs: %s", (_what, now, before, expected) => {
    expect(differences(now, before)).toEqual(expected);
  });

  it("says of values that may be secret only that they are others, and nothing where they are not known", () => {
    const [now, before] = [test({ parameters: { password: "a" } }), test({ parameters: { password: "b" } })];
    expect(differences(now, before)).toEqual(["parameter has other values"]);
    const withheld = {
      ...test(),
      steps: test().steps.map((step) => ({ ...step, withheld: { parameters: ["password"] } })),
    };
    expect(differences(now, withheld)).toEqual([]);
  });

  it("takes sandboxes of this machine for the same, whose ports change, and nothing else on it", () => {
    expect(differences(here(1), here(2, true))).toEqual([]);
    expect(differences(here(1), here(2, false))).toHaveLength(1);
    expect(differences(here(1, false), here(2, true))).toHaveLength(1);
    expect(differences(test(), here(2, true))).toHaveLength(1);
  });
});
