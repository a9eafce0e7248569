import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Workload } from "../../../src/contract/workload.ts";
import type { Begin, StepRequest } from "../../../src/protocol/step-request.ts";
import { isSecretName, variableFor } from "../../../src/scenario/fields.ts";
import { Kinds, profileField, wordOf } from "../../../src/scenario/kinds.ts";
import { toRequest } from "../../../src/scenario/request.ts";
import { type WritableRun, writeScenario } from "../../../src/scenario/write.ts";
import { english } from "../../../src/text/message.ts";
import { workloads } from "../../../src/workloads/index.ts";
import { neededOf, valuesOf } from "../field-values.ts";
import { EXAMPLE, read, told } from "./support.ts";

const kinds = new Kinds(workloads).all;

/** What a file may say of a workload. */
function sayable({ fields }: Workload) {
  return Object.entries(fields).filter(
    ([key, { flag, unsupported, notInFiles, mayBeSecret }]) =>
      flag && !unsupported && !notInFiles && (!mayBeSecret || key === "parameters"),
  );
}

/** A configuration that the workload takes. */
function configsOf(workload: Workload): fc.Arbitrary<Record<string, unknown>> {
  const needed = neededOf(workload.fields);
  const fields = sayable(workload);
  return fc
    .subarray(fields, { maxLength: Math.min(5, fields.length) })
    .chain((some) => fc.record(Object.fromEntries(some.map(([key, field]) => [key, valuesOf(field)]))))
    .map((config) => ({ ...needed, ...config }))
    .filter((config) => workload.problems(config).length === 0);
}

/** A step that begins as `begin` says, alone or in the course that stages give it. */
function stepsOf(workload: Workload, name: string, begin?: Begin): fc.Arbitrary<StepRequest> {
  return configsOf(workload).map((config) => ({
    name,
    workload: workload.name,
    config: { ...workload.check(config).config },
    ...(begin ? { begin } : {}),
  }));
}

/** The request of what was written; secrets are in their variables. */
function readBack(run: WritableRun) {
  const { text } = writeScenario(run, workloads);
  const secrets = run.steps.flatMap(({ config }) =>
    Object.entries(Object(config.parameters) as Record<string, string>).filter(([name]) =>
      isSecretName(name),
    ),
  );
  const env = Object.fromEntries(secrets.map(([name, value]) => [variableFor(name), value]));
  const { scenario, problems: all } = read(text, { env });
  // Steps of any kind at any time may well use the same workspaces, which is warned of.
  const problems = all.filter(({ severity }) => severity === "error");
  return { text, scenario, problems, request: problems.length > 0 ? undefined : toRequest(scenario) };
}

const held = { "create-workspaces": "ready.p95<1m", "workspace-traffic": "round_trip.p95<200ms over 30s" };
const begins: Begin[] = [
  { kind: "after", step: "first" },
  { kind: "at", ms: 90_500 },
  { kind: "hold", step: "first", ms: 300_000 },
  { kind: "hold", step: "first", ms: 0 },
];

describe("a run that is written as a scenario", () => {
  it.each(kinds.map((workload) => [wordOf(workload), workload] as const))(
    "reads back to the same request: %s",
    (_word, workload) => {
      fc.assert(
        fc.property(
          fc.string({ minLength: 1 }).filter((text) => text.trim() !== ""),
          stepsOf(workload, "first"),
          fc.constantFrom(undefined, ...begins).chain((begin) => stepsOf(workload, "second", begin)),
          (name, first, second) => {
            const isHeld = workload.metrics.some((metric) => metric.name === "failures");
            const run = { name, steps: [first, second], thresholds: isHeld ? ["failures.rate<1%"] : [] };
            const back = readBack(run);
            expect(back.problems, back.text).toEqual([]);
            expect(back.scenario.name).toBe(name);
            expect(back.request, back.text).toEqual({ steps: run.steps, thresholds: run.thresholds });
          },
        ),
        { numRuns: 60 },
      );
    },
  );

  it.each(kinds.filter((one) => profileField(one, "ramp")).map((one) => [wordOf(one), one] as const))(
    "keeps the stages of %s, with and without a ramp before them",
    (_word, workload) => {
      const stages = [
        { forMs: 60_000, to: 50 },
        { forMs: 30_000, to: 0 },
      ];
      const hold = profileField(workload, "hold")?.key;
      const ramp = profileField(workload, "ramp")?.key ?? "";
      const of = (name: string, rampMs: number): StepRequest => {
        const config = { ...neededOf(workload.fields), ...(hold ? { [hold]: 90_000 } : {}), [ramp]: rampMs };
        const profile = { ...(rampMs > 0 ? {} : { from: 0 }), stages };
        return { name, workload: workload.name, config: { ...workload.check(config).config }, profile };
      };
      const steps = [of("one", 0), of("two", 5_000)];
      const back = readBack({ name: "stages", steps });
      expect(back.request, back.text).toEqual({ steps, thresholds: [] });
    },
  );

  it("says how long a step goes along with another, whatever that would give it", () => {
    const { scenario } = read(EXAMPLE);
    const request = toRequest(scenario);
    const back = readBack({ name: "along", ...request });
    expect(back.problems, back.text).toEqual([]);
    expect(back.request, back.text).toEqual(request);
  });

  it("is short: no defaults, the words that files have, and no name that nobody has chosen", () => {
    const steps = [
      {
        name: "create-workspaces",
        workload: "create-workspaces",
        config: {
          template: "kubernetes",
          count: 3,
          concurrency: 1,
          timeoutMs: 7_200_000,
          parameters: { disk: "10" },
        },
      },
    ];
    expect(
      writeScenario({ name: "three", steps, thresholds: [held["create-workspaces"]] }, workloads),
    ).toEqual({
      text: `name: three
steps:
  - create:
      count: 3
      template: kubernetes
      parameters:
        disk: 10
      timeout: 2h
thresholds:
  - ready.p95<1m
`,
      left: [],
    });
  });

  it("puts short steps into one line, and ramp and hold beside their kind", () => {
    const config = {
      ssh: true,
      rate: "40KB/s",
      rampMs: 60_000,
      durationMs: 600_000,
      thresholds: [held["workspace-traffic"]],
    };
    const steps = [{ name: "terminals", workload: "workspace-traffic", config }];
    expect(writeScenario({ name: "t", steps }, workloads).text).toBe(`name: t
steps:
  - traffic: { ssh: true, rate: 40KB/s }
    name: terminals
    ramp: 1m
    hold: 10m
    thresholds:
      - round_trip.p95<200ms over 30s
`);
  });

  it("keeps a threshold that names the step of a single command, and the name with it", () => {
    const config = { durationMs: 5_000, thresholds: ["round_trip{step=workspace-traffic}.p95<1s"] };
    const steps = [{ name: "workspace-traffic", workload: "workspace-traffic", config }];
    const back = readBack({ name: "t", steps });
    expect(back.problems, back.text).toEqual([]);
    expect(back.request?.thresholds).toEqual(config.thresholds);
    expect(back.request?.steps[0]?.name).toBe("workspace-traffic");
  });

  it("holds no secret: withheld values and what looks like one are variables, and it says so", () => {
    const steps = [
      {
        name: "create",
        workload: "create-workspaces",
        config: { template: "x", parameters: { region: "eu", api_token: "s3cret-value" } },
        withheld: { parameters: ["disk-key"] },
      },
    ];
    const { text, left } = writeScenario({ name: "secrets", steps }, workloads);
    expect(text).not.toContain("s3cret-value");
    expect(left.map(english)).toEqual([
      "disk-key may be secret: set the variable SCALETEST_DISK_KEY for it",
      "api_token may be secret: set the variable SCALETEST_API_TOKEN for it",
    ]);
    const env = { SCALETEST_DISK_KEY: "k", SCALETEST_API_TOKEN: "t" };
    expect(read(text, { env }).scenario.steps[0]?.checked?.config.parameters).toEqual({
      region: "eu",
      "disk-key": "k",
      api_token: "t",
    });
    expect(told(text).every((line) => line.includes("is not set"))).toBe(true);
  });

  it("leaves out what a file must not say, and says so", () => {
    const config = { durationMs: 5_000, workspaceProxyUrl: "https://proxy.example.com" };
    const steps = [{ name: "traffic", workload: "workspace-traffic", config }];
    const { text, left } = writeScenario({ name: "t", steps }, workloads);
    expect(text).not.toContain("proxy.example.com");
    expect(left.map(english)).toEqual([
      'step "traffic": workspaceProxyUrl is left out, which a file cannot say',
    ]);
    expect(told(text)).toEqual([]);
  });

  it("is refused where a run can be no scenario", () => {
    const steps = [{ name: "recover", workload: "recover", config: {} }];
    expect(() => writeScenario({ name: "r", steps }, workloads)).toThrow(
      "recover can be no step of a scenario",
    );
  });
});

describe("the places of thresholds", () => {
  it("are those of their lines, by the spelling that runs have; the default set stands in one", () => {
    const text = `steps:
  - create: { template: x }
    thresholds:
      - ready.p95 < 1m
  - traffic: {}
    repeat: 2
    thresholds: [ "round_trip.p95 < 200 ms" ]
thresholds:
  - default
  - queue{step=create}.p99 < 2m
`;
    const { scenario, problems } = read(text);
    expect(problems.filter(({ severity }) => severity === "error")).toEqual([]);
    expect(
      scenario.heldTo.map(({ expression, step, range: { start } }) => [start.line + 1, step, expression]),
    ).toEqual([
      [4, "create", "ready.p95<1m"],
      [7, "traffic-1", "round_trip.p95<200ms"],
      [7, "traffic-2", "round_trip.p95<200ms"],
      [9, undefined, "achieved.rate>=90%"],
      [9, undefined, "connections.dropped_rate<1%"],
      [9, undefined, "api_latency.p95<300ms"],
      [10, undefined, "queue{step=create}.p99<2m"],
    ]);
  });
});
