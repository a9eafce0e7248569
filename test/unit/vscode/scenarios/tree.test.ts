import { describe, expect, it } from "vitest";
import type { Outcome } from "../../../../src/protocol/snapshot.ts";
import { say } from "../../../../src/text/message.ts";
import {
  type KnownScenario,
  scenarioNodes,
} from "../../../../src/vscode/features/scenario-runs/tree-model.ts";

const OUTCOME: Outcome = {
  verdict: "failed",
  summary: say("5 succeeded, 3 failed"),
  succeeded: 5,
  failed: 3,
  orphans: 0,
  kept: 0,
  exitCode: 1,
};

function known(file: string, more: Partial<KnownScenario> = {}): KnownScenario {
  return { uri: `file:///w/${file}`, file, title: file, isRunning: false, last: undefined, ...more };
}

function lastOf(outcome: Partial<Outcome>): KnownScenario["last"] {
  const deployment = { url: "https://c", host: "c", version: "", user: "", sandbox: false };
  const file = { version: 1, id: "a", title: "t", workload: "w", steps: [], deployment };
  const key = { label: "time to ready", figure: { value: 9_400, unit: "duration" as const } };
  return {
    file: { ...file, createdAt: 0, host: "h", product: "0", runner: { token: "t" } },
    result: { run_id: "a", outcome: { ...OUTCOME, ...outcome }, key },
  };
}

describe("the tree of scenarios", () => {
  it("has the files by their paths, with what the last run of each came to", () => {
    const nodes = scenarioNodes([
      known("load/soak.scaletest.yaml", { last: lastOf({}) }),
      known("load/smoke.scaletest.yaml"),
    ]);
    expect(nodes.map(({ label, description, icon }) => [label, description, icon])).toEqual([
      ["smoke", "not run yet", "circle-outline"],
      ["soak", "3 failed · p95 9.4s", "error"],
    ]);
    expect(nodes[1]?.tooltip).toContain("load/soak.scaletest.yaml\nLast run ");
    expect(nodes[1]?.tooltip).toMatch(/: 5 succeeded, 3 failed$/);
  });

  it("says that one is running, whatever the last result was", () => {
    const [node] = scenarioNodes([known("a.scaletest.yaml", { isRunning: true, last: lastOf({}) })]);
    expect(node).toMatchObject({ description: "running", icon: "loading~spin" });
  });

  it("tells files of one name apart by their folders", () => {
    const names = ["a/smoke.scaletest.yaml", "b/smoke.scaletest.yaml", "soak.scaletest.yml"];
    expect(scenarioNodes(names.map((name) => known(name))).map(({ label }) => label)).toEqual([
      "a/smoke.scaletest.yaml",
      "b/smoke.scaletest.yaml",
      "soak",
    ]);
  });
});
