import { expect, it } from "vitest";
import type { Limits } from "../../../../src/protocol/guard.ts";
import { isScenario } from "../../../../src/vscode/model/scenarios/is-scenario.ts";
import { ScenarioDocuments } from "../../../../src/vscode/model/scenarios/read-document.ts";

function documentOf(text: string, path = "/load/a.scaletest.yaml") {
  const document = {
    uri: { scheme: "file", path },
    fileName: path,
    version: 1,
    text,
    getText: () => document.text,
  };
  return document;
}

it("knows scenarios by their name", () => {
  const isOne = (path: string) => isScenario({ uri: { scheme: "file", path } });
  expect(["/a.scaletest.yaml", "/b/c.SCALETEST.yml"].map(isOne)).toEqual([true, true]);
  expect(isScenario({ uri: { scheme: "git", path: "/a.scaletest.yaml" } })).toBe(false);
  expect(["/a.yaml", "/scaletest.yaml", "/a.scaletest.yaml.bak"].map(isOne)).toEqual([false, false, false]);
});

it("reads each version once, and anew under other ceilings", async () => {
  let limits: Limits = {};
  const scenarios = new ScenarioDocuments(() => limits);
  const document = documentOf("steps:\n  - create: { count: 5, template: x }\n");
  const first = await scenarios.read(document);
  expect(first.problems).toEqual([]);
  expect(await scenarios.read(document)).toBe(first);
  limits = { workspaces: 4 };
  expect((await scenarios.read(document)).problems).toMatchObject([
    { range: { start: { line: 1, column: 4 } } },
  ]);
  document.text = "steps:\n  - create: { count: 3, template: x }\n";
  document.version = 2;
  const second = await scenarios.read(document);
  expect([second.problems, second.scenario.steps[0]?.config.count]).toEqual([[], 3]);
});

it("lets what counts from the file's folder count from there", async () => {
  const scenarios = new ScenarioDocuments(() => ({}));
  const { scenario } = await scenarios.read(documentOf("steps:\n  - run: { shell: ls }\n"));
  expect(Object.values(scenario.steps[0]?.config ?? {})).toContain("/load");
});
