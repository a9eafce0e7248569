import { beforeEach, describe, expect, it } from "vitest";
import type { Preset } from "../../../src/coder/presets.ts";
import { type RichParameter, richParameterSchema, templateSchema } from "../../../src/coder/schemas.ts";
import { askForRun, type CreateCommandParts } from "../../../src/vscode/features/create/command.ts";
import { askedConfig } from "../../one-step.ts";
import { memory, type Scripted, scripted } from "./stand-ins.ts";

/** A template whose parameters depend on each other, asked for in the editor. */

const template = templateSchema.parse({
  id: "t",
  name: "conditional",
  organization_id: "o",
  active_version_id: "v",
  use_classic_parameter_flow: false,
});
const parameter = (over: Partial<RichParameter>): RichParameter => richParameterSchema.parse({ ...over });
const advanced = parameter({ name: "advanced", type: "bool", default_value: "false" });
const region = parameter({ name: "region", type: "string", default_value: "us" });
const size = parameter({
  name: "size",
  type: "number",
  required: true,
  validation_min: 1,
  validation_max: 64,
});

let remembered: ReturnType<typeof memory>;
let presets: Preset[];
beforeEach(() => {
  remembered = memory();
  presets = [];
});

/** `size` is there only where `advanced` is true, and stands before what is there anyway. */
function formWith(values: Readonly<Record<string, string>>): RichParameter[] {
  return [advanced, ...(values.advanced === "true" ? [size] : []), region];
}

function parts(...script: Scripted[]): CreateCommandParts & { inputs: ReturnType<typeof scripted> } {
  const url = "http://127.0.0.1:4000";
  return {
    inputs: scripted(...script),
    memory: remembered,
    deployments: () => [{ url, username: "admin", version: "v2.26.0", sandbox: true }],
    isStaging: async () => true,
    from: "this machine",
    target: async () => ({ url, token: "t", network: {} }),
    openTemplates: async () => ({
      templates: async () => [template],
      parameters: async (_template, values) => formWith(values),
      presets: async () => presets,
      close: async () => undefined,
    }),
    thresholds: async () => [],
    coderCli: () => "",
    saveScenario: async () => undefined,
    limits: () => ({}),
    runChecks: async () => [],
    hasCli: async () => true,
  };
}

const rest = ["1", "", "1", "Start"];

describe("parameters that depend on each other", () => {
  it("asks for one that an answer brings, after those that were there", async () => {
    const asking = parts("conditional", "true", "eu", "8", ...rest);
    const run = await askForRun(asking, {});
    expect(askedConfig(run).parameters).toEqual({ advanced: "true", region: "eu", size: "8" });
    expect(asking.inputs.asked.slice(1, 4)).toEqual([
      "advanced",
      expect.stringMatching(/^region/),
      expect.stringMatching(/^size.* from 1 to 64$/),
    ]);
  });

  it("does not ask for it otherwise, and drops its value when an answer takes it away again", async () => {
    const back = { back: true } as const;
    // To the size, and back to what brings it.
    const asking = parts("conditional", "true", "eu", "8", back, back, back, "false", "eu", ...rest);
    const run = await askForRun(asking, {});
    expect(askedConfig(run).parameters).toEqual({ advanced: "false", region: "eu" });
  });

  it("asks for what a value of the request brings", async () => {
    const asking = parts("conditional", "8", "eu", ...rest);
    const run = await askForRun(asking, { parameters: { advanced: "true" } });
    expect(askedConfig(run).parameters).toEqual({ advanced: "true", region: "eu", size: "8" });
  });
});

describe("a secret among them", () => {
  const password = { ...parameter({ name: "password", type: "string", required: true }), isMasked: true };
  const request = { template: "conditional", count: 1, concurrency: 1, runCommand: "", start: true };
  /** `password` is there only where `advanced` is true. */
  const asking = (...script: Scripted[]) => {
    const own = parts(...script);
    const openTemplates = async () => ({
      ...(await own.openTemplates({ url: "", token: "", network: {} })),
      parameters: async (_template: unknown, values: Readonly<Record<string, string>>) => [
        advanced,
        ...(values.advanced === "true" ? [password] : []),
        region,
      ],
    });
    return { ...own, openTemplates };
  };

  it("is asked for where a value brings it, is not kept, and is all that a request that starts asks for", async () => {
    const own = asking("hunter2");
    const run = await askForRun(own, { ...request, parameters: { advanced: "true" } });
    expect(askedConfig(run).parameters).toEqual({ advanced: "true", password: "hunter2" });
    expect(own.inputs.asked).toHaveLength(1);
    expect(JSON.stringify([...remembered.values])).not.toContain("hunter2");
    // Without the value that brings it, nothing is asked at all.
    expect(askedConfig(await askForRun(asking(), request)).parameters).toEqual({});
  });

  it("is not asked for where a preset sets it, and the choice of a preset does not quote it", async () => {
    const values = { advanced: "true", password: "preset-secret", region: "eu" };
    presets = [{ id: "1", name: "Large", isDefault: true, values }];
    expect(askedConfig(await askForRun(asking(), request)).parameters).toEqual({});
    const details: (string | undefined)[] = [];
    const own = asking("conditional", "Large", ...rest);
    const { choose } = own.inputs;
    own.inputs.choose = async (options) => {
      details.push(...(await options.choices).map(({ detail }) => detail));
      return choose(options);
    };
    await askForRun(own, {});
    expect(details).toContain("advanced = true · password = *** · region = eu");
  });

  it("is not quoted of a preset whose parameters are not in the form yet", async () => {
    presets = [
      { id: "1", name: "Small", isDefault: true, values: { region: "eu" } },
      { id: "2", name: "Large", isDefault: false, values: { advanced: "true", password: "preset-secret" } },
    ];
    const details: (string | undefined)[] = [];
    const own = asking("conditional", "Large", "us", ...rest);
    const { choose } = own.inputs;
    own.inputs.choose = async (options) => {
      details.push(...(await options.choices).map(({ detail }) => detail));
      return choose(options);
    };
    await askForRun(own, {});
    expect(details).toContain("advanced = true · password");
  });
});

describe("presets", () => {
  const large: Preset = { id: "1", name: "Large", isDefault: false, values: { advanced: "true" } };
  const small: Preset = { id: "2", name: "Small EU", isDefault: true, values: { region: "eu" } };

  it("are no question where the template has none", async () => {
    const asking = parts("conditional", "false", "us", ...rest);
    await askForRun(asking, {});
    expect(asking.inputs.asked.some((question) => /preset/i.test(question))).toBe(false);
  });

  it("are asked for with the template's default first; what they set is not asked for, and what they bring is", async () => {
    presets = [large, small];
    const asking = parts("conditional", "Large", "us", "8", ...rest);
    const run = await askForRun(asking, {});
    expect(asking.inputs.initial[1]).toBe("Small EU");
    expect(askedConfig(run)).toMatchObject({ preset: "Large", parameters: { region: "us", size: "8" } });
    // The next time, it is what was taken the last time.
    const again = parts("conditional", "No preset", "false", "us", ...rest);
    const second = await askForRun(again, {});
    expect(again.inputs.initial[1]).toBe("Large");
    expect(askedConfig(second)).toMatchObject({
      preset: "none",
      parameters: { advanced: "false", region: "us" },
    });
  });

  it("are not asked for where the request names one", async () => {
    presets = [large, small];
    const asking = parts("conditional", "false", ...rest);
    const run = await askForRun(asking, { config: { preset: "Small EU" } });
    expect(askedConfig(run)).toMatchObject({ preset: "Small EU", parameters: { advanced: "false" } });
  });

  it("leave nothing of an answer that they win over", async () => {
    presets = [large, small];
    const back = { back: true } as const;
    const asking = parts(
      "conditional",
      "No preset",
      "false",
      "us",
      back,
      back,
      back,
      "Small EU",
      "false",
      ...rest,
    );
    const run = await askForRun(asking, {});
    expect(askedConfig(run)).toMatchObject({ preset: "Small EU", parameters: { advanced: "false" } });
    expect(askedConfig(run).parameters).not.toHaveProperty("region");
  });
});
