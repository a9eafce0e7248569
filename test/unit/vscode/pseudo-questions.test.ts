import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { surveyOf } from "../../../src/app/survey.ts";
import { richParameterSchema, templateSchema } from "../../../src/coder/schemas.ts";
import { choicesOf } from "../../../src/contract/fields/field.ts";
import { resetTranslation, wordsOf } from "../../../src/l10n/text.ts";
import { foreign, say } from "../../../src/text/message.ts";
import { checkLines } from "../../../src/vscode/ask/checks.ts";
import { wordsOfFields } from "../../../src/vscode/ask/generic/answers.ts";
import { askByFields } from "../../../src/vscode/ask/generic/ask.ts";
import type { WizardParts } from "../../../src/vscode/ask/wizard.ts";
import { askForRun } from "../../../src/vscode/features/create/command.ts";
import { askForTraffic } from "../../../src/vscode/features/traffic/command.ts";
import type { Inputs } from "../../../src/vscode/ui/inputs.ts";
import { startable } from "../../../src/workloads/index.ts";
import { english, runningWorkspace, speak, textsOf } from "./pseudo.ts";
import { memory } from "./stand-ins.ts";

beforeEach(() => speak());
afterEach(resetTranslation);

/** What may be typed where nothing stands in the box: the first of them that is taken is. */
const ANSWERS = ["1", "1m", "40KB/s", "aa", "coder.example.com"];

/** Takes what Enter takes, and keeps every word of the questions and of what is said to a wrong answer. */
function agreeing(ticks = false): Inputs & { said: string[] } {
  const said: string[] = [];
  return {
    said,
    async choose(options) {
      const choices = await options.choices;
      said.push(...textsOf({ ...options, choices }));
      const open = choices.flatMap(({ value }) => (value === undefined ? [] : [value]));
      return open.find((value) => options.active?.(value)) ?? open[0];
    },
    async chooseMany(options) {
      said.push(...textsOf(options));
      return options.choices.flatMap(({ value }) => (ticks && value !== undefined ? [value] : []));
    },
    async ask(options) {
      const { value, ...texts } = options;
      said.push(...textsOf(texts));
      for (const wrong of ["", "-1", "x y", "1e9", "0.5"]) said.push((await options.validate?.(wrong)) ?? "");
      for (const answer of [value ?? "", ...ANSWERS]) if (!(await options.validate?.(answer))) return answer;
      throw new Error(`no answer to: ${options.prompt}`);
    },
  };
}

const CHECKS = [
  { id: "a", label: say("Sign-in"), status: "ok", figure: foreign("admin") },
  {
    id: "b",
    label: say("Template"),
    status: "warning",
    figure: foreign("kubernetes"),
    mend: say("Template"),
  },
  { id: "c", label: say("Template"), status: "blocks", figure: foreign("kubernetes") },
] as const;

function parts(inputs: Inputs) {
  const url = "https://coder.example.com";
  const common: WizardParts = {
    inputs,
    memory: memory(),
    deployments: () => [
      { url, username: "admin", version: "v2.26.1", sandbox: false },
      { url: "http://127.0.0.1:4000", username: "admin", version: "v2.26.0", sandbox: true },
    ],
    isStaging: async () => false,
    from: "laptop",
    target: async (to) => ({ url: to, token: "t", network: {} }),
    limits: () => ({ workspaces: 5, connections: 5, bytesPerSecond: 1_000_000 }),
    thresholds: async () => [],
    coderCli: () => "",
    saveScenario: async () => undefined,
    titles: async () => new Map(),
  };
  const template = (name: string) =>
    templateSchema.parse({
      id: name,
      name,
      organization_id: "o",
      organization_name: "default",
      active_version_id: "v",
    });
  const disk = richParameterSchema.parse({
    name: "home_disk_size",
    type: "number",
    default_value: "10",
    validation_min: 1,
    validation_max: 100,
  });
  const word = richParameterSchema.parse({
    name: "word",
    type: "string",
    required: true,
    validation_regex: "^a+$",
  });
  return {
    ...common,
    openTemplates: async () => ({
      templates: async () => [template("kubernetes"), template("docker")],
      parameters: async () => [disk, word],
      presets: async () => [],
      close: async () => {},
    }),
    runChecks: async () => [...CHECKS],
    hasCli: async () => false,
    survey: async () => surveyOf([runningWorkspace("scaletest-aaaaaaaa-0"), runningWorkspace("scaletest-7")]),
    runTrafficChecks: async () => [...CHECKS],
  };
}

describe("no question is left in English", () => {
  const names = [
    "home_disk_size",
    "word",
    "default",
    "aaaaaaaa",
    "sleep 2 && echo hello",
    "echo",
    "http://127.0.0.1:4000",
    "v2.26.0",
    "^a+$",
  ];

  it("of those for a creation", async () => {
    const inputs = agreeing();
    await askForRun(parts(inputs), {});
    expect(inputs.said.length).toBeGreaterThan(20);
    expect(english(inputs.said, names)).toEqual([]);
  });

  it("of those for traffic", async () => {
    const inputs = agreeing();
    await askForTraffic(parts(inputs), {});
    expect(inputs.said.length).toBeGreaterThan(20);
    expect(english(inputs.said, names)).toEqual([]);
  });

  it.each(startable)(
    "of those that the table of $name would ask, with its further options",
    async (workload) => {
      // The bundle has the words of those tables only that are asked like this.
      speak(...wordsOfFields(workload.fields));
      const [inputs, thorough] = [agreeing(), agreeing(true)];
      await askByFields(parts(inputs), workload, {});
      // Not all of them go with each other.
      await askByFields(parts(thorough), workload, {}).catch(() => undefined);
      expect(thorough.said.length).toBeGreaterThan(inputs.said.length);
      const values = Object.values(workload.fields).flatMap(choicesOf);
      const typed = [/^"[^"]*": /g, /: pool$/g, "metric.figure<limit"];
      expect(english([inputs.said, thorough.said], [...typed, ...names, ...values])).toEqual([]);
    },
  );

  it("of the lines of what was checked", () => {
    expect(
      english([checkLines(CHECKS, true), checkLines(CHECKS, false), wordsOf(say("{0} succeeded", 3))]),
    ).toEqual([]);
  });
});
