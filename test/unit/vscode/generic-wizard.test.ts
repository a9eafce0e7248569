import { beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { field } from "../../../src/contract/fields/field.ts";
import { fieldTable, schemaOf } from "../../../src/contract/fields/table.ts";
import { defineWorkload } from "../../../src/contract/workload.ts";
import type { Metric } from "../../../src/measure/metric.ts";
import { oneStep } from "../../../src/protocol/step-request.ts";
import type { WritableRun } from "../../../src/scenario/write.ts";
import { askByFields } from "../../../src/vscode/ask/generic/ask.ts";
import type { RunRequest } from "../../../src/vscode/ask/run-request.ts";
import type { WizardParts } from "../../../src/vscode/ask/wizard.ts";
import type { AskOptions } from "../../../src/vscode/ui/inputs.ts";
import { thresholdField } from "../../../src/workloads/thresholds.ts";
import { askedConfig } from "../../one-step.ts";
import { memory, type Scripted, scripted } from "./stand-ins.ts";

const echo: Metric = {
  name: "echo",
  kind: "duration",
  unit: "ms",
  labels: [],
  better: "lower",
  text: "Echo",
};
const fields = fieldTable({
  target: field(z.string().min(1, "must not be empty"), {
    flag: "target",
    required: true,
    description: "What to ask",
  }),
  size: field(z.number().int().min(8, "must be 8 or more"), {
    flag: "size",
    default: 64,
    description: "Bytes of each",
    asked: "is how many bytes",
  }),
  way: field(z.enum(["near", "far"]), { flag: "way", default: "near", description: "Which way it goes" }),
  ssh: field(z.boolean(), {
    flag: "no-ssh",
    negated: true,
    default: true,
    description: "Do not connect by SSH",
  }),
  waitMs: field(z.number().min(1_000, "must be 1s or more"), {
    flag: "wait",
    unit: "ms",
    default: 90_000,
    description: "How long it waits",
  }),
  keys: field(z.record(z.string(), z.string()), {
    flag: "key",
    default: {},
    mayBeSecret: true,
    description: "Keys, as name=value",
  }),
  agent: field(z.string(), { flag: "agent", description: "Which agent" }),
  thresholds: thresholdField([echo], "echo.p95<1s"),
  inside: field(z.string(), { description: "Nobody is asked for it" }),
  testing: field(z.string(), { flag: "testing", hidden: true, description: "For tests" }),
});
const echoing = defineWorkload({
  name: "echoing",
  summary: "Echoes",
  schema: schemaOf(fields).refine(({ way, ssh }) => way === "near" || ssh, {
    path: ["way"],
    message: "far needs SSH",
  }),
  fields,
  metrics: [echo],
  title: ({ target, size }) => `${target} × ${size}`,
  demand: () => ({}),
  prepare: () => Promise.reject(new Error("not here")),
});
const sandbox = { url: "http://127.0.0.1:4000", username: "admin", version: "v2.26.0", sandbox: true };
const coder = { ...sandbox, url: "https://coder.example.com", sandbox: false };

let kept: ReturnType<typeof memory>;
beforeEach(() => {
  kept = memory();
});

function asking(script: Scripted[], changes: Partial<WizardParts> = {}) {
  const inputs = scripted(...script);
  const parts: WizardParts = {
    inputs,
    memory: kept,
    deployments: () => [sandbox],
    isStaging: async () => false,
    from: "this machine",
    target: async (url) => ({ url, token: "t", network: {} }),
    limits: () => ({}),
    thresholds: async () => ["echo.p99<2s"],
    coderCli: () => "coder",
    saveScenario: async () => undefined,
    titles: async () => new Map(),
    ...changes,
  };
  const ask = (request: RunRequest = {}) => askByFields(parts, echoing, request);
  return { inputs, parts, ask };
}

/** In a list of ticks. */
const NONE = "none of them";
const MORE = "Change more options? Select them; Enter continues";
const HELD = "Type a threshold such as echo.p95<1s, or choose one";
/** Lets go of what the settings hold it to. */
const UNHELD = ["$(law) echo.p99<2s", "Done"] as const;
const START = "Enter starts the scale test";

describe("a workload without a wizard of its own", () => {
  it("can be saved as a scenario instead of a start, and no deployment's name is typed for that", async () => {
    const saved: WritableRun[] = [];
    const { inputs, ask } = asking(["lion", "100", NONE, "Done", "Save as Scenario…"], {
      deployments: () => [coder],
      saveScenario: async (run) => void saved.push(run),
    });
    expect(await ask()).toBeUndefined();
    expect(inputs.asked.at(-1)).toBe(START);
    expect(saved).toMatchObject([
      { deployment: coder.url, steps: [{ workload: echoing.name, config: { thresholds: ["echo.p99<2s"] } }] },
    ]);
  });

  it("is asked for by what a run has to name; the other options have their defaults", async () => {
    const { inputs, ask } = asking(["lion", "100", NONE, "Done", "Start"]);
    expect(await ask()).toEqual({
      title: "lion × 100",
      steps: oneStep("echoing", { target: "lion", size: 100, thresholds: ["echo.p99<2s"] }),
      target: { url: sandbox.url, token: "t", network: {} },
      guard: { tag: "production", limits: {} },
    });
    expect(inputs.asked).toEqual(["What to ask", "Bytes of each", MORE, HELD, START]);
    expect(inputs.initial.slice(0, 2)).toEqual(["", "64"]);
  });

  it("asks for the options that are ticked by an input that fits each", async () => {
    const ticked = "Which way, Do not connect, How long, Keys, Which agent";
    const { inputs, ask } = asking([
      "lion",
      "64",
      ticked,
      "near",
      "Yes",
      "2m",
      'a=1,"b=x,y"',
      "main",
      ...UNHELD,
      "Start",
    ]);
    const run = await ask();
    expect(askedConfig(run)).toEqual({
      target: "lion",
      size: 64,
      way: "near",
      ssh: false,
      waitMs: 120_000,
      keys: { a: "1", b: "x,y" },
      agent: "main",
    });
    expect(inputs.asked.slice(3, 8)).toEqual([
      "Which way it goes",
      "Do not connect by SSH",
      "How long it waits",
      "Keys, as name=value",
      "Which agent",
    ]);
    expect(inputs.initial.slice(3, 8)).toEqual(["near", "No", "1m30s", "", ""]);
  });

  it("offers every option that a person can be told of, with what holds for it", async () => {
    const { inputs, parts, ask } = asking(["lion", "64", NONE, ...UNHELD, "Start"]);
    const { chooseMany } = inputs;
    let offered: unknown;
    parts.inputs.chooseMany = (options) => {
      offered = options.choices.map(({ label, description }) => [label, description]);
      return chooseMany(options);
    };
    await ask();
    expect(offered).toEqual([
      ["Which way it goes", "near"],
      ["Do not connect by SSH", undefined],
      ["How long it waits", "1m30s"],
      ["Keys, as name=value", undefined],
      ["Which agent", undefined],
    ]);
  });

  it.each([
    [["lion", "7"], /"7" is refused: must be 8 or more/],
    [[""], /is refused: must not be empty/],
    [["lion", "8", "How long", "soon"], /must be a duration/],
    [["lion", "8", NONE, "nonesuch.p95<1s"], /a metric of this run: echo, not "nonesuch"/],
  ])("refuses what the field does not take, where it is typed: %j", async (script, message) => {
    await expect(asking(script).ask()).rejects.toThrow(message);
  });

  it("shows what does not go together in place of the start, so that one can go back", async () => {
    const { inputs, ask } = asking([
      ...["lion", "64", "Which way, Do not connect", "far", "Yes", ...UNHELD],
      ...[{ back: true } as const, { back: true } as const, "No", "Done", "Start"],
    ]);
    expect(askedConfig(await ask())).toMatchObject({ way: "far", ssh: true });
    expect(inputs.asked.filter((one) => one === START)).toHaveLength(2);
    const stuck = asking(["lion", "64", "Which way, Do not connect", "far", "Yes", "Done", "Start"]);
    await expect(stuck.ask()).rejects.toThrow(/"Start" is none of .*--way far needs SSH/);
  });

  it("takes back what is not ticked any more", async () => {
    const { ask } = asking([
      ...["lion", "64", "Which agent", "main", { back: true } as const, { back: true } as const],
      ...[NONE, ...UNHELD, "Start"],
    ]);
    expect(askedConfig(await ask())).toEqual({ target: "lion", size: 64 });
  });

  it("does not ask for what a request says, and asks nothing more where it starts by itself", async () => {
    const { inputs, ask } = asking([]);
    const run = await ask({ config: { target: "lion", size: 9, way: "far" }, start: true });
    expect(askedConfig(run)).toEqual({ target: "lion", size: 9, way: "far", thresholds: ["echo.p99<2s"] });
    expect(inputs.asked).toEqual([]);
    await expect(ask({ config: { tiger: 1 }, start: true })).rejects.toThrow(
      "config.tiger: is no option of this workload",
    );
    await expect(
      ask({ config: { target: "l", size: 9, way: "far", ssh: false }, start: true }),
    ).rejects.toThrow("--way far needs SSH");
  });

  it("remembers the answers of a deployment, but no secrets; those are hidden while they are typed", async () => {
    const boxes: AskOptions[] = [];
    const { inputs, parts, ask } = asking(["lion", "100", "Keys", "a=hunter2", "Done", "Start"]);
    const { ask: box } = inputs;
    parts.inputs.ask = (options) => {
      boxes.push(options);
      return box(options);
    };
    await ask();
    expect(boxes.filter(({ password }) => password).map(({ prompt }) => prompt)).toEqual([
      "Keys, as name=value",
    ]);
    expect(JSON.stringify([...kept.values])).not.toContain("hunter2");
    const again = asking(["tiger", "100", NONE, ...UNHELD, "Start"]);
    await again.ask();
    expect(again.inputs.initial.slice(0, 2)).toEqual(["lion", "100"]);
  });

  it("has the host of a deployment typed that is not marked as one for tests", async () => {
    const deployments = () => [coder];
    const { ask } = asking(["lion", "64", NONE, "", "Start", "coder.example.com"], { deployments });
    expect((await ask())?.guard).toEqual({
      tag: "production",
      acknowledgedHost: "coder.example.com",
      limits: {},
    });
  });
});
