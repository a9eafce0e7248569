import { describe, expect, it } from "vitest";
import { foreign } from "../../../../src/text/message.ts";
import { askForScenario, type ScenarioAskParts } from "../../../../src/vscode/features/scenario-runs/ask.ts";
import { read } from "../../scenario/support.ts";
import { memory, type Scripted, scripted } from "../stand-ins.ts";

const KNOWN = [
  { url: "https://a.example.com", username: "admin", version: "2.20", sandbox: false },
  { url: "https://b.example.com", username: "admin", version: "2.20", sandbox: false },
];
const STEPS = "steps:\n  - create: { template: x, count: 2 }\n";
const DRILL = `${STEPS}  - run: { args: [kubectl, delete, pod] }\n    name: kill\n`;

/** A person who answers by script, and says yes to the modal questions that are named. */
function world(
  options: Partial<ScenarioAskParts> & {
    script?: Scripted[];
    yes?: readonly string[];
    staging?: boolean;
  } = {},
) {
  const { script = [], yes = [], staging = true, ...others } = options;
  const questions: string[] = [];
  const targets: string[] = [];
  const inputs = scripted(...script);
  const parts: ScenarioAskParts = {
    inputs,
    memory: memory(),
    deployments: () => KNOWN,
    isStaging: async () => staging,
    limits: () => ({ workspaces: 50 }),
    target: async (url) => {
      targets.push(url);
      return { url, token: `token of ${url}`, network: {} };
    },
    signIn: async () => undefined,
    offerDeployment: async () => false,
    isTrusted: () => true,
    baseline: async () => ({ baseline: undefined }),
    serverMetrics: async (byFile) => (byFile.length > 0 ? { sources: [], aroundMs: 5_000 } : undefined),
    tell: () => undefined,
    confirm: async (question, _detail, action) => {
      questions.push(question);
      return yes.includes(action);
    },
    ...others,
  };
  const ask = (text: string) => {
    const { scenario, problems } = read(text);
    expect(problems.filter(({ severity }) => severity === "error")).toEqual([]);
    return askForScenario(parts, { uri: "file:///w/s.scaletest.yaml", file: "s.scaletest.yaml", scenario });
  };
  return { ask, questions, targets, inputs, parts };
}

describe("before a scenario is run", () => {
  it("the person chooses the deployment, whose session alone is used", async () => {
    const { ask, inputs, targets } = world({ script: ["b.example.com"] });
    const run = await ask(`name: Mine\n${STEPS}`);
    expect(run).toMatchObject({
      title: "Mine",
      target: { token: "token of https://b.example.com" },
      guard: { tag: "staging", limits: { workspaces: 50 } },
      allowRun: false,
      steps: [{ name: "create", workload: "create-workspaces" }],
      scenario: `name: Mine\n${STEPS}`,
    });
    expect(inputs.asked).toEqual(["Select a deployment to test"]);
    expect(targets).toEqual(["https://b.example.com"]);
  });

  it("an earlier run that the file names is looked for, and compared with", async () => {
    const told: string[] = [];
    const { ask } = world({
      script: ["b.example.com"],
      baseline: async (compared, { url, steps }) => ({
        baseline: { asked: compared.asked, path: `${compared.file} ${url} ${steps.length}`, others: [] },
        remark: foreign("only one"),
      }),
      tell: (remark) => told.push(remark),
    });
    expect((await ask(`baseline: last-passed\n${STEPS}`))?.baseline).toEqual({
      asked: "last-passed",
      path: "file:///w/s.scaletest.yaml https://b.example.com 1",
      others: [],
    });
    expect(told).toEqual(["only one"]);
    const refused = world({
      script: ["b.example.com"],
      baseline: () => Promise.reject(new Error("another test")),
    });
    await expect(refused.ask(`baseline: abc\n${STEPS}`)).rejects.toThrow("another test");
  });

  it("a file that names a deployment is run there, by the sign-in that there is for it", async () => {
    const { ask, inputs } = world();
    const run = await ask(`deployment: https://a.example.com/workspaces\n${STEPS}`);
    expect(run?.target.url).toBe("https://a.example.com");
    expect(inputs.asked).toEqual([]);
  });

  it("one without a sign-in needs its own; no other session is sent to it", async () => {
    const text = `deployment: https://other.example.com\n${STEPS}`;
    const left = world();
    expect(await left.ask(text)).toBeUndefined();
    expect(left.questions).toEqual([
      "The scenario is meant for https://other.example.com, where nobody is signed in",
    ]);
    expect(left.targets).toEqual([]);
    const known = [...KNOWN];
    const added = { ...KNOWN[0], url: "https://other.example.com" } as (typeof KNOWN)[0];
    const signing = world({
      yes: ["Sign In…"],
      deployments: () => known,
      signIn: async (request) => {
        expect(request).toEqual({ url: "https://other.example.com" });
        known.push(added);
        return added;
      },
    });
    expect((await signing.ask(text))?.target.url).toBe("https://other.example.com");
  });

  it("a sign-in that leads elsewhere is not taken for the one that the file means", async () => {
    const signing = world({ yes: ["Sign In…"], signIn: async () => KNOWN[0] });
    await expect(signing.ask(`deployment: https://other.example.com\n${STEPS}`)).rejects.toThrow(
      "The scenario is meant for https://other.example.com, not for https://a.example.com",
    );
    expect(signing.targets).toEqual([]);
  });

  it("a deployment that is not marked for tests has its name typed, whatever the file says", async () => {
    const { ask, inputs } = world({ staging: false, script: ["a.example.com"] });
    const run = await ask(`deployment: https://a.example.com\n${STEPS}`);
    expect(run?.guard).toEqual({
      tag: "production",
      acknowledgedHost: "a.example.com",
      limits: { workspaces: 50 },
    });
    expect(inputs.asked[0]).toMatch(/treated as production/);
  });

  it("limits of the file only lower those of the person", async () => {
    const of = async (limit: number) =>
      (await world({ script: ["a.example"] }).ask(`limits: { workspaces: ${limit} }\n${STEPS}`))?.guard
        ?.limits;
    expect(await of(20)).toEqual({ workspaces: 20 });
    expect(await of(500)).toEqual({ workspaces: 50 });
  });

  it("steps that delete are confirmed each time", async () => {
    const text = `deployment: https://a.example.com\n${STEPS}  - cleanup: {}\n`;
    const { ask, questions } = world({ yes: ["Run and Delete"] });
    expect(await ask(text)).toBeDefined();
    expect(await ask(text)).toBeDefined();
    expect(questions).toEqual(Array(2).fill("Delete what scale tests have left on a.example.com?"));
    expect(await world().ask(text)).toBeUndefined();
  });

  it("programs are allowed once for what they are: a word of one more, and they are asked for again", async () => {
    const text = `deployment: https://a.example.com\n${DRILL}`;
    const { ask, questions } = world({ yes: ["Allow and Run"] });
    expect((await ask(text))?.allowRun).toBe(true);
    expect(questions).toEqual(["Let s.scaletest.yaml run programs on this machine?"]);
    expect((await ask(text.replace("count: 2", "count: 3")))?.allowRun).toBe(true);
    expect(questions).toHaveLength(1);
    await ask(text.replace("pod", "deployment"));
    expect(questions).toHaveLength(2);
  });

  it("programs that a person does not allow are not run, and nothing else of the file is", async () => {
    const { ask, targets } = world();
    expect(await ask(`deployment: https://a.example.com\n${DRILL}`)).toBeUndefined();
    expect(targets).toEqual([]);
  });

  it("a folder that is not trusted runs no programs, and nobody is asked", async () => {
    const { ask, questions } = world({ isTrusted: () => false, yes: ["Allow and Run"] });
    await expect(ask(`deployment: https://a.example.com\n${DRILL}`)).rejects.toThrow(
      /trust the folder first/,
    );
    expect(questions).toEqual([]);
  });

  it("says where the run reads the deployment's own figures, as the file does", async () => {
    const ask = (text: string) => world({ script: ["b.example.com"] }).ask(text);
    expect((await ask(STEPS))?.serverMetrics).toBeUndefined();
    expect((await ask(`serverMetrics: api\n${STEPS}`))?.serverMetrics).toEqual({
      sources: [],
      aroundMs: 5_000,
    });
  });
});
