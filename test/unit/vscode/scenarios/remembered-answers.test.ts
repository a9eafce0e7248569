import { expect, it } from "vitest";
import type { DeploymentAnswers } from "../../../../src/app/scenario/ask-deployment.ts";
import { templateSchema } from "../../../../src/coder/schemas.ts";
import { RememberedAnswers } from "../../../../src/vscode/features/scenario-files/remembered-answers.ts";

const template = templateSchema.parse({ id: "t", name: "x", organization_id: "o", active_version_id: "v" });

function setUp({ isDynamic = false, fails = false } = {}) {
  const asked: string[] = [];
  const failures: unknown[] = [];
  let now = 0;
  const answer = <T>(what: string, value: T): Promise<T> => {
    asked.push(what);
    return fails ? Promise.reject(new Error("away")) : Promise.resolve(value);
  };
  const deployment: DeploymentAnswers = {
    templates: () => answer("templates", [template]),
    presets: () => answer("presets", []),
    form: (_template, values) =>
      answer(`form ${Object.values(values)}`, { parameters: [], problems: [], isDynamic }),
    workspaces: () => answer("workspaces", 3),
  };
  const answers = new RememberedAnswers(
    (_url, ask) => ask(deployment),
    (error) => failures.push(error),
    () => now,
  );
  return { answers, asked, failures, later: (ms: number) => (now += ms) };
}

const URL = "https://coder.example.com";

it("asks a deployment once a minute, and not at all where it may not", async () => {
  const { answers, asked, later } = setUp();
  expect(await answers.of(URL, false).templates()).toBeUndefined();
  expect(asked).toEqual([]);
  for (let times = 0; times < 5; times++) expect(await answers.of(URL, true).templates()).toEqual([template]);
  expect(await answers.of(URL, false).templates()).toEqual([template]);
  expect(asked).toEqual(["templates"]);
  later(59_999);
  await answers.of(URL, true).templates();
  expect(asked).toHaveLength(1);
  later(1);
  expect(await answers.of(URL, false).templates()).toEqual([template]);
  expect(asked).toHaveLength(1);
  await answers.of(URL, true).templates();
  await answers.of("https://other.example.com", true).templates();
  expect(asked).toHaveLength(3);
});

it("asks for a form by its values only where parameters depend on them", async () => {
  const fixed = setUp();
  for (const size of ["1", "2", "3"]) await fixed.answers.of(URL, true).form(template, { size });
  expect(fixed.asked).toEqual(["form 1"]);
  const dynamic = setUp({ isDynamic: true });
  for (const size of ["1", "2", "1"]) await dynamic.answers.of(URL, true).form(template, { size });
  expect(dynamic.asked).toEqual(["form 1", "form 2"]);
});

it("asks one that does not answer once a minute, too, and again after a sign-in", async () => {
  const { answers, asked, failures } = setUp({ fails: true });
  for (let times = 0; times < 3; times++)
    expect(await answers.of(URL, true).workspaces({ run: "r" })).toBeUndefined();
  expect([asked.length, failures.length]).toEqual([1, 1]);
  answers.forget();
  await answers.of(URL, true).workspaces({ run: "r" });
  expect(asked).toHaveLength(2);
});
