import { beforeEach, describe, expect, it } from "vitest";
import { CoderError } from "../../../src/coder/errors.ts";
import type { RichParameter, Template } from "../../../src/coder/schemas.ts";
import { richParameterSchema, templateSchema } from "../../../src/coder/schemas.ts";
import { type WritableRun, writeScenario } from "../../../src/scenario/write.ts";
import { say } from "../../../src/text/message.ts";
import { checkLines } from "../../../src/vscode/ask/checks.ts";
import { askForRun, type CreateCommandParts, lastKey } from "../../../src/vscode/features/create/command.ts";
import { forgetEarlierParameters } from "../../../src/vscode/features/create/kept-answers.ts";
import { suggestedTasks } from "../../../src/vscode/features/tasks/suggestions.ts";
import type { KnownDeployment } from "../../../src/vscode/model/deployments/store.ts";
import type { AskOptions } from "../../../src/vscode/ui/inputs.ts";
import { createWorkspacesSchema } from "../../../src/workloads/create-workspaces/config.ts";
import { workloads } from "../../../src/workloads/index.ts";
import { askedConfig } from "../../one-step.ts";
import { memory, type Scripted, scripted } from "./stand-ins.ts";

const coder: KnownDeployment = {
  url: "https://coder.example.com",
  username: "admin",
  version: "v2.26.1",
  sandbox: false,
};
const sandbox: KnownDeployment = {
  url: "http://127.0.0.1:4000",
  username: "admin",
  version: "v2.26.0",
  sandbox: true,
};

function template(name: string, organization: string): Template {
  const id = `${organization}-${name}`;
  return templateSchema.parse({
    id,
    name,
    organization_id: organization,
    organization_name: organization,
    active_version_id: `v-${id}`,
  });
}

const disk: RichParameter = richParameterSchema.parse({
  name: "home_disk_size",
  type: "number",
  default_value: "10",
  validation_min: 1,
  validation_max: 100,
});
const region: RichParameter = richParameterSchema.parse({
  name: "region",
  type: "string",
  default_value: "eu",
  options: [
    { name: "Europe", value: "eu" },
    { name: "America", value: "us" },
  ],
});

let remembered: ReturnType<typeof memory>;
let deployments: KnownDeployment[];
let templates: Template[];
let parameters: RichParameter[];
let staging: boolean;
let hasCli: boolean;
let closed: number;
let heldTo: string[];
let checked: Record<string, unknown>[];

beforeEach(() => {
  remembered = memory();
  deployments = [sandbox];
  templates = [template("kubernetes", "default"), template("docker", "default")];
  parameters = [];
  staging = false;
  hasCli = true;
  closed = 0;
  checked = [];
  heldTo = [];
});

function parts(...script: Scripted[]): CreateCommandParts & { inputs: ReturnType<typeof scripted> } {
  return {
    inputs: scripted(...script),
    memory: remembered,
    deployments: () => deployments,
    isStaging: async () => staging,
    from: "this machine (laptop)",
    target: async (url) => ({ url, token: "t", network: {} }),
    openTemplates: async () => ({
      templates: async () => templates,
      parameters: async () => parameters,
      presets: async () => [],
      close: async () => {
        closed++;
      },
    }),
    thresholds: async () => heldTo,
    coderCli: () => "",
    saveScenario: async () => undefined,
    limits: () => ({ workspaces: 500 }),
    runChecks: async (config) => {
      checked.push(config);
      return [
        { id: "a", label: say("Sign-in"), status: "ok", figure: say("admin") },
        {
          id: "b",
          label: say("Seats"),
          status: "warning",
          figure: say("3 of 5 used"),
          mend: say("Free some."),
        },
      ];
    },
    hasCli: async () => hasCli,
  };
}

describe("asking for a scale test", () => {
  it("leads from the template to the start, and makes a configuration that the workload takes", async () => {
    parameters = [disk, region];
    const asking = parts("kubernetes", "20", "America", "50", "sleep 2", "1m", "0", "Start");
    const run = await askForRun(asking, {});
    expect(run?.title).toBe("create 50 × kubernetes");
    expect(createWorkspacesSchema.parse(askedConfig(run))).toMatchObject({
      count: 50,
      template: "default-kubernetes",
      parameters: { home_disk_size: "20", region: "us" },
      runCommand: "sleep 2",
      runTimeoutMs: 60_000,
      concurrency: 0,
    });
    expect(closed).toBe(1);
  });

  it("does not ask for what a request says under config, in whatever form", async () => {
    const config = { count: "4", concurrency: 2, runCommand: "true", runTimeoutMs: "1m", org: "default" };
    const asking = parts("Start");
    const run = await askForRun(asking, { template: "Kubernetes", config });
    expect(asking.inputs.asked).toHaveLength(1);
    expect(createWorkspacesSchema.parse(askedConfig(run))).toMatchObject({
      count: 4,
      concurrency: 2,
      runCommand: "true",
      runTimeoutMs: 60_000,
    });
  });

  it.each([
    [{ retry: -1 }, "config.retry: must be 0 or more"],
    [{ nonesuch: 1 }, "config.nonesuch: is no option of this workload"],
    [{ connectMode: "vpn" }, 'config.connectMode: must be one of derp, direct, not "vpn"'],
  ])(
    "refuses a request's config that no run could have, before it asks anything: %j",
    async (config, message) => {
      const asking = parts();
      await expect(askForRun(asking, { template: "kubernetes", config })).rejects.toThrow(message);
      expect(asking.inputs.asked).toEqual([]);
    },
  );

  it("says how far it is: steps that ask nothing do not count, parameters do once they are known", async () => {
    parameters = [disk];
    const asking = parts("kubernetes", "10", "5", "", "1", "Start");
    await askForRun(asking, {});
    expect(asking.inputs.places.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(asking.inputs.places.map(({ back }) => back)).toEqual([false, true, true, true, true, true]);
  });

  it("goes back over what was not asked, and keeps what was answered", async () => {
    const asking = parts("kubernetes", "7", { back: true }, "8", "", "1", "Start");
    const run = await askForRun(asking, {});
    expect(asking.inputs.initial[3]).toBe("7");
    expect(askedConfig(run).count).toBe(8);
  });

  it("forgets the parameters of a template that is not chosen any more", async () => {
    parameters = [disk];
    const asking = parts(
      "kubernetes",
      "99",
      { back: true },
      { back: true },
      "docker",
      "10",
      "1",
      "",
      "1",
      "Start",
    );
    expect(askedConfig(await askForRun(asking, {})).parameters).toEqual({ home_disk_size: "10" });
    expect(asking.inputs.initial[5]).toBe("10");
  });

  it("refuses a parameter's value by the template's own rule", async () => {
    parameters = [disk];
    await expect(askForRun(parts("kubernetes", "101"), {})).rejects.toThrow(/must be from 1 to 100/);
  });

  it("offers the last answers of this deployment", async () => {
    parameters = [disk];
    await askForRun(parts("docker", "42", "9", "true", "2m", "3", "Start"), {});
    const again = parts("docker", "42", "9", "true", "2m", "3", "Start");
    await askForRun(again, {});
    expect(again.inputs.initial.slice(0, 6)).toEqual([
      "$(history) Like the last run",
      ...["42", "9", "true", "2m", "3"],
    ]);
  });

  it("takes three screens at most for a run like the last one, and a host to be typed", async () => {
    parameters = [disk];
    deployments = [coder, sandbox];
    const first = parts("coder", "docker", "42", "9", "true", "2m", "3", "keep the", "coder.example.com");
    const before = await askForRun(first, {});
    const again = parts("coder", "Like the last run", "keep the", "coder.example.com");
    const after = await askForRun(again, {});
    expect(again.inputs.asked).toHaveLength(4);
    expect(again.inputs.initial[2]).toMatch(/keep the workspaces/);
    expect(after?.steps).toEqual(before?.steps);
    expect(after?.guard).toEqual(before?.guard);
  });

  it("does not offer a run like the last one where its template is gone", async () => {
    await askForRun(parts("docker", "9", "", "3", "Start"), {});
    templates = [template("kubernetes", "default")];
    await expect(askForRun(parts("Like the last run"), {})).rejects.toThrow(/none of/);
  });

  it("asks for a run like an earlier one with what that was asked for, and keeps what is not asked", async () => {
    parameters = [disk];
    const earlier = {
      ...{ template: "default-docker", parameters: { home_disk_size: "42" }, count: 9, concurrency: 3 },
      ...{ runCommand: "true", runTimeoutMs: 120_000, retry: 2, thresholds: ["ready.p95<3m"] },
    };
    heldTo = ["failures.rate<1%"];
    const asking = parts("docker", "42", "10", "true", "2m", "3", "Start");
    const run = await askForRun(asking, { url: sandbox.url }, "start", earlier);
    expect(asking.inputs.initial.slice(1, 6)).toEqual(["42", "9", "true", "2m", "3"]);
    expect(askedConfig(run)).toEqual({ ...earlier, count: 10 });
  });

  it("asks for a command's time limit with the command, and says it before the start", async () => {
    const asking = parts("kubernetes", "1", "sleep 20", "30s", "1", "Start");
    const run = await askForRun(asking, {});
    expect(asking.inputs.initial[3]).toBe("30s");
    expect(createWorkspacesSchema.parse(askedConfig(run)).runTimeoutMs).toBe(30_000);
    expect(createWorkspacesSchema.parse({ count: 1, template: "x" }).runTimeoutMs).toBe(30_000);
    await expect(askForRun(parts("kubernetes", "1", "sleep 20", "soon"), {})).rejects.toThrow(/duration/);
    const given = await askForRun(parts("kubernetes", "1", "sleep 9", "1", "Start"), {
      config: { runTimeoutMs: 5_000 },
    });
    expect(askedConfig(given).runTimeoutMs).toBe(5_000);
  });

  it("can keep the workspaces, for traffic to them", async () => {
    const kept = await askForRun(parts("kubernetes", "3", "", "1", "keep the workspaces"), {});
    expect(createWorkspacesSchema.parse(askedConfig(kept)).cleanup).toBe(false);
    const gone = await askForRun(parts("kubernetes", "3", "", "1", "$(play) Start"), {});
    expect(createWorkspacesSchema.parse(askedConfig(gone)).cleanup).toBe(true);
  });

  it("holds the run to the thresholds of the settings, unless the request has its own", async () => {
    heldTo = ["failures.rate<1%"];
    const run = await askForRun(parts("kubernetes", "1", "", "1", "Start"), {});
    expect(createWorkspacesSchema.parse(askedConfig(run)).thresholds).toEqual(["failures.rate<1%"]);
    const own = { config: { thresholds: ["ready.p95<3m"] } };
    const other = await askForRun(parts("kubernetes", "1", "", "1", "Start"), own);
    expect(askedConfig(other).thresholds).toEqual(["ready.p95<3m"]);
  });

  it("holds the run to what is said at the last question, whatever settings and request say", async () => {
    heldTo = ["failures.rate<1%"];
    const changes = ["Thresholds", "failures.rate<1%", "ready.p95<2m", "Done"];
    const asking = parts("kubernetes", "1", "", "1", ...changes, "$(play) Start");
    const run = await askForRun(asking, {});
    expect(askedConfig(run).thresholds).toEqual(["ready.p95<2m"]);
    const own = { config: { thresholds: ["queue.p95<1s"] } };
    const none = parts("kubernetes", "1", "", "1", "Thresholds", "queue.p95<1s", "Done", "$(play) Start");
    expect(askedConfig(await askForRun(none, own)).thresholds).toEqual([]);
  });

  it("has what can be chosen before all that only tells, which has no label", async () => {
    let lines: { label: string; value?: unknown }[] = [];
    const asking = parts("kubernetes", "1", "true", "1m", "1", "$(play) Start");
    const { choose } = asking.inputs;
    asking.inputs.choose = async (options) => {
      lines = [...(await options.choices)];
      return choose(options);
    };
    await askForRun(asking, {});
    const first = lines.findIndex(({ value }) => value === undefined);
    expect(first).toBeGreaterThan(3);
    expect(lines.slice(first).some(({ value }) => value !== undefined)).toBe(false);
    expect(lines[first]?.label).toBe("");
  });

  it("checks what is about to be started, and can do only that", async () => {
    await askForRun(parts("kubernetes", "7", "", "1", "Start"), {});
    expect(createWorkspacesSchema.parse(checked[0]).count).toBe(7);
    const looking = parts("kubernetes", "7", "", "1", { leave: true });
    expect(await askForRun(looking, {}, "check")).toBeUndefined();
    expect(looking.inputs.asked.at(-1)).toBe("What was found; Escape closes");
    expect(
      checkLines([...(await looking.runChecks({}, { url: "", token: "", network: {} }))], false),
    ).toEqual([
      {
        label: "$(warning) Seats",
        description: "3 of 5 used",
        detail: "Free some.",
        group: "Checked just now",
      },
      { label: "$(pass) 1 preflight check passed" },
    ]);
  });

  it("can be saved as a scenario instead, by names that people know, and without secrets", async () => {
    deployments = [{ ...sandbox, url: "https://coder.example.com", sandbox: false }];
    parameters = [disk, { ...disk, name: "api_key", display_name: "Key", ephemeral: false }];
    const saved: WritableRun[] = [];
    const asking = {
      ...parts("kubernetes", "20", "33", "2", "", "0", "Save as Scenario…"),
      saveScenario: async (run: WritableRun) => void saved.push(run),
    };
    expect(await askForRun(asking, {})).toBeUndefined();
    expect(asking.inputs.asked.at(-1)).toBe("Enter starts the scale test");
    const [run] = saved;
    expect(run).toMatchObject({ name: "create 2 × kubernetes", deployment: "https://coder.example.com" });
    const { text } = writeScenario(run as WritableRun, workloads);
    expect(text).toContain("template: kubernetes\n");
    expect(text).toContain("home_disk_size: 20\n");
    expect(text).toMatch(/api_key: \$\{SCALETEST_API_KEY\}\n/);
    expect(text).not.toContain("33");
  });

  it("starts nothing where the person leaves at the last question", async () => {
    expect(await askForRun(parts("kubernetes", "1", "", "1", { leave: true }), {})).toBeUndefined();
    expect(remembered.values.size).toBe(0);
    expect(closed).toBe(1);
  });

  it("asks nothing where a request has it all", async () => {
    const request = { template: "docker", count: 2, runCommand: "", concurrency: 1, start: true };
    expect(askedConfig(await askForRun(parts(), request))).toMatchObject({
      template: "default-docker",
      count: 2,
    });
  });

  it("wants the organization where several have the template", async () => {
    templates = [template("kubernetes", "a"), template("kubernetes", "b")];
    const request = { template: "kubernetes", count: 1, runCommand: "", concurrency: 1, start: true };
    await expect(askForRun(parts(), request)).rejects.toThrow(/Several organizations.*a, b/);
    expect(askedConfig(await askForRun(parts(), { ...request, organization: "b" })).template).toBe(
      "b-kubernetes",
    );
  });
});

describe("a deployment that is not the sandbox", () => {
  it("has its name typed before it is loaded, unless it is marked as one for tests", async () => {
    deployments = [coder];
    const typed = await askForRun(parts("kubernetes", "1", "", "1", "Start", "coder.example.com"), {});
    expect(typed?.guard).toEqual({
      tag: "production",
      acknowledgedHost: "coder.example.com",
      limits: { workspaces: 500 },
    });
    await expect(
      askForRun(parts("kubernetes", "1", "", "1", "Start", "coder.example.org"), {}),
    ).rejects.toThrow(/Type coder/);
    staging = true;
    const marked = await askForRun(parts("kubernetes", "1", "", "1", "Start"), {});
    expect(marked?.guard?.tag).toBe("staging");
  });

  it("is asked what to do where SSH goes by a coder command and there is none, once where it is to be fetched", async () => {
    deployments = [coder];
    staging = true;
    hasCli = false;
    const request = { config: { sshVia: "cli" } };
    const first = await askForRun(parts("kubernetes", "1", "", "1", "Download", "Start"), request);
    expect(createWorkspacesSchema.parse(askedConfig(first)).downloadCli).toBe(true);
    const second = await askForRun(parts("kubernetes", "1", "", "1", "Start"), request);
    expect(askedConfig(second).downloadCli).toBe(true);
    const without = await askForRun(parts("docker", "1", "", "1", "Start"), {});
    expect(askedConfig(without).downloadCli).toBeUndefined();
  });

  it("can be tested without SSH", async () => {
    deployments = [coder];
    staging = true;
    hasCli = false;
    const asking = parts("kubernetes", "1", "", "1", "Leave out SSH", "Start");
    const run = await askForRun(asking, { config: { sshVia: "cli" } });
    expect(createWorkspacesSchema.parse(askedConfig(run)).ssh).toBe(false);
  });

  it("is chosen where several are signed in to", async () => {
    deployments = [coder, sandbox];
    const run = await askForRun(parts("sandbox :4000", "kubernetes", "1", "", "1", "Start"), {});
    expect(run?.target.url).toBe(sandbox.url);
  });
});

describe("a parameter whose value is a secret", () => {
  const password = {
    ...richParameterSchema.parse({ name: "password", type: "string", required: true }),
    isMasked: true,
  };
  const once = richParameterSchema.parse({ name: "once", type: "string", required: true, ephemeral: true });
  const stored = () => JSON.stringify([...remembered.values]);

  it("goes to the run, and is in no memory of the editor and no suggested task", async () => {
    parameters = [disk, password, once];
    const run = await askForRun(parts("kubernetes", "20", "hunter2", "just now", "5", "", "1", "Start"), {});
    expect(askedConfig(run).parameters).toEqual({
      home_disk_size: "20",
      password: "hunter2",
      once: "just now",
    });
    expect(stored()).toContain('"home_disk_size":"20"');
    expect(stored()).not.toMatch(/hunter2|just now/);
    const [task] = suggestedTasks([sandbox.url], remembered);
    expect(task?.definition.parameters).toEqual({ home_disk_size: "20" });
  });

  it("is hidden while it is typed, asked for anew each time, and said to be", async () => {
    parameters = [password];
    const answers = ["kubernetes", "hunter2", "5", "", "1", "Start"];
    await askForRun(parts(...answers), {});
    const again = parts(...answers);
    const boxes: AskOptions[] = [];
    const { ask } = again.inputs;
    again.inputs.ask = async (options) => {
      boxes.push(options);
      return ask(options);
    };
    await askForRun(again, {});
    expect(boxes[0]).toMatchObject({ value: "", password: true });
    expect(boxes[0]?.prompt).toContain("not stored: asked for each time");
  });

  it("is asked for where a task starts by itself and does not say it; nothing else is", async () => {
    parameters = [disk, password];
    const task = { template: "kubernetes", count: 1, concurrency: 1, runCommand: "", start: true };
    const asking = parts("hunter2");
    expect(askedConfig(await askForRun(asking, task)).parameters).toEqual({ password: "hunter2" });
    expect(asking.inputs.asked).toHaveLength(1);
    const given = { ...task, parameters: { password: "hunter3" } };
    expect(askedConfig(await askForRun(parts(), given)).parameters).toEqual({ password: "hunter3" });
    expect(stored()).not.toMatch(/hunter/);
  });

  it("that an earlier version has kept is forgotten", async () => {
    const key = lastKey(sandbox.url);
    await remembered.update(key, { template: "t", parameters: { password: "hunter2" } });
    await forgetEarlierParameters(remembered, [key]);
    expect(remembered.get(key)).toEqual({ template: "t" });
    await remembered.update(key, { parameters: { cpu: "2" }, kept: 2 });
    await forgetEarlierParameters(remembered, [key]);
    expect(remembered.get(key)).toEqual({ parameters: { cpu: "2" }, kept: 2 });
  });
});

describe("a parameter that takes several options", () => {
  const ides = richParameterSchema.parse({
    name: "ides",
    type: "list(string)",
    form_type: "multi-select",
    default_value: '["code"]',
    options: ["code", "vim", "zed"].map((value) => ({ name: value.toUpperCase(), value })),
  });

  it("is picked from them, with the default or the last answer ticked", async () => {
    parameters = [ides];
    const asking = parts("kubernetes", "VIM, ZED", "1", "", "1", "Start");
    const run = await askForRun(asking, {});
    expect(askedConfig(run).parameters).toEqual({ ides: '["vim","zed"]' });
    expect(asking.inputs.initial[1]).toBe("CODE");
    const again = parts("kubernetes", "none of them", "1", "", "1", "Start");
    expect(askedConfig(await askForRun(again, {})).parameters).toEqual({ ides: "[]" });
    expect(again.inputs.initial[1]).toBe("VIM, ZED");
  });

  it("goes back and leaves as any other question does", async () => {
    parameters = [ides];
    const back = parts("kubernetes", { back: true }, "docker", "ZED", "1", "", "1", "Start");
    expect(askedConfig(await askForRun(back, {}))).toMatchObject({ template: "default-docker" });
    expect(await askForRun(parts("kubernetes", { leave: true }), {})).toBeUndefined();
  });

  it("is one of its options where each of them is a list", async () => {
    parameters = [{ ...ides, form_type: "radio", options: [{ name: "Both", value: '["a","b"]' }] }];
    const run = await askForRun(parts("kubernetes", "Both", "1", "", "1", "Start"), {});
    expect(askedConfig(run).parameters).toEqual({ ides: '["a","b"]' });
  });
});

describe("a session that ends in the middle of the steps", () => {
  const refused = () =>
    new CoderError({
      kind: "unauthorized",
      status: 401,
      route: "GET /api/v2/templates",
      message: say("expired"),
    });

  it("is renewed by a sign-in, after which the steps go on", async () => {
    const asking = parts("kubernetes", "1", "", "1", "Start");
    const signIns: string[] = [];
    let good = false;
    const run = await askForRun(
      {
        ...asking,
        openTemplates: async () => ({
          templates: async () => {
            if (!good) throw refused();
            return templates;
          },
          parameters: async () => parameters,
          presets: async () => [],
          close: async () => void closed++,
        }),
        signInAgain: async (url) => {
          signIns.push(url);
          good = true;
          return true;
        },
      },
      {},
    );
    expect(signIns).toEqual([sandbox.url]);
    expect(askedConfig(run).count).toBe(1);
    // Both of the sources that were opened.
    expect(closed).toBe(2);
  });

  it("ends them with the deployment's sentence where the person does not sign in", async () => {
    const asking = parts("kubernetes");
    const openTemplates = async () => ({
      templates: () => Promise.reject(refused()),
      parameters: async () => parameters,
      presets: async () => [],
      close: async () => undefined,
    });
    await expect(askForRun({ ...asking, openTemplates, signInAgain: async () => false }, {})).rejects.toThrow(
      "expired",
    );
  });

  it("does not ask for a sign-in because of anything else", async () => {
    let asked = 0;
    const openTemplates = () => Promise.reject(new Error("no route to host"));
    const signInAgain = async () => {
      asked++;
      return true;
    };
    await expect(askForRun({ ...parts("kubernetes"), openTemplates, signInAgain }, {})).rejects.toThrow(
      "no route",
    );
    expect(asked).toBe(0);
  });
});

it("shows nobody as signed in where the token is gone", async () => {
  deployments = [coder, sandbox];
  const shown: (string | undefined)[] = [];
  const asking = parts("sandbox :4000", "kubernetes", "1", "", "1", "Start");
  const { choose } = asking.inputs;
  asking.inputs.choose = async (options) => {
    shown.push(...(await options.choices).map(({ description }) => description));
    return choose(options);
  };
  await askForRun({ ...asking, hasToken: async ({ url }) => url === sandbox.url }, {});
  expect(shown.slice(0, 2)).toEqual(["production · signed out", "127.0.0.1:4000"]);
});

it("tells before a choice which deployment counts as production", async () => {
  deployments = [coder, sandbox];
  const labels: string[] = [];
  const asking = parts("sandbox :4000", "kubernetes", "1", "", "1", "Start");
  const { choose } = asking.inputs;
  for (const isStaging of [false, true]) {
    asking.inputs.choose = async (options) => {
      const [first] = await options.choices;
      labels.push(`${first?.label} ${first?.description}`);
      return undefined;
    };
    await askForRun({ ...asking, isStaging: async () => isStaging }, {});
  }
  asking.inputs.choose = choose;
  expect(labels).toEqual([
    expect.stringMatching(/^\$\(lock\) \S+ production · /),
    expect.stringMatching(/^\$\(server-environment\) \S+ staging · /),
  ]);
});

it("describes a run with each of its thresholds once", async () => {
  const request = { config: { thresholds: ["failures.rate<1%", "failures.rate < 1%"] } };
  const run = await askForRun(parts("kubernetes", "1", "", "1", "Start"), request);
  expect(askedConfig(run).thresholds).toEqual(["failures.rate<1%"]);
});
