import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import * as z from "zod";
import { configOf } from "../../../src/cli/workload-command.ts";
import { templateSchema } from "../../../src/coder/schemas.ts";
import type { Field } from "../../../src/contract/fields/field.ts";
import { flagName } from "../../../src/contract/fields/names.ts";
import type { AskParts } from "../../../src/vscode/ask/draft.ts";
import { askForRun } from "../../../src/vscode/features/create/command.ts";
import { requestOf } from "../../../src/vscode/features/tasks/definition.ts";
import { taskProperties } from "../../../src/vscode/features/tasks/task-schema.ts";
import { askForTraffic } from "../../../src/vscode/features/traffic/command.ts";
import type { WorkspaceTrafficRequest } from "../../../src/vscode/features/traffic/request.ts";
import { originOf } from "../../../src/vscode/model/deployments/origin.ts";
import { wizardOf } from "../../../src/vscode/wizards.ts";
import { startable, workloadNamed } from "../../../src/workloads/index.ts";
import { askedConfig } from "../../one-step.ts";
import { neededOf, typedOf, valuesOf } from "../field-values.ts";
import { memory, scripted } from "./stand-ins.ts";

const TEMPLATE = "Kubernetes";
const sandbox = { url: "http://127.0.0.1:4000", username: "admin", version: "v2.26.0", sandbox: true };

/** Nothing is scripted: a task asks nothing. */
const ask: AskParts = {
  inputs: scripted(),
  memory: memory(),
  deployments: () => [sandbox],
  isStaging: async () => false,
  from: "this machine",
  target: async (url) => ({ url, token: "t", network: {} }),
  limits: () => ({}),
  thresholds: async () => [],
  coderCli: () => "",
  saveScenario: async () => undefined,
};
/** By its name for an id: the command line leaves the search to the run. */
const template = templateSchema.parse({
  id: TEMPLATE,
  name: TEMPLATE,
  organization_id: "o",
  organization_name: "o",
  active_version_id: "v",
});
const reach = { running: 3, stopped: 0, apps: [] };

/** What the workload reads of a run that a task starts. */
async function byTask(task: Record<string, unknown>, folder = ""): Promise<Record<string, unknown>> {
  const asked = requestOf({ type: "coder-scaletest", ...task }, originOf, folder);
  const { runId }: WorkspaceTrafficRequest = asked.request;
  const run =
    asked.workload === "create-workspaces"
      ? await askForRun(
          {
            ...ask,
            openTemplates: async () => ({
              templates: async () => [template],
              parameters: async () => [],
              presets: async () => [],
              close: async () => undefined,
            }),
            runChecks: async () => [],
            hasCli: async () => true,
          },
          // Any organization has it.
          { ...asked.request, organization: "o" },
        )
      : asked.workload !== "workspace-traffic"
        ? await wizardOf(asked.workload).ask({ ...ask, titles: async () => new Map() }, asked.request)
        : await askForTraffic(
            {
              ...ask,
              survey: async () => ({
                all: reach,
                runs: runId ? [{ ...reach, run: runId }] : [],
                templates: [{ ...reach, template: { id: TEMPLATE, name: TEMPLATE } }],
              }),
              titles: async () => new Map(),
              runTrafficChecks: async () => [],
            },
            asked.request,
          );
  if (!run) throw new Error("not started");
  return { ...workloadNamed(asked.workload).check(askedConfig(run)).config };
}

function byCommand(name: string, flags: Record<string, unknown>): Record<string, unknown> {
  return configOf(workloadNamed(name), flags, {}).config;
}

const NEEDED = {
  ...Object.fromEntries(startable.map(({ name, fields }) => [name, neededOf(fields)])),
  "create-workspaces": { template: TEMPLATE, count: 2 },
} as Readonly<Record<string, Record<string, unknown>>>;
/** Names are found by the editor before the start, so that it can show what they are. */
const BY_NAME = ["template", "org"];
const rows = startable.flatMap(({ name: workload, fields }) =>
  Object.entries<Field>(fields)
    .filter(([key, { flag, unsupported }]) => flag && unsupported === undefined && !BY_NAME.includes(key))
    .map(([key, field]) => ({ workload, key, field })),
);

/** What the command line gives the table for it. */
function typedFlags({ key, field }: (typeof rows)[number], value: unknown): Record<string, unknown> {
  const typed = typedOf(field, value);
  if (field.kind === "boolean") return { [key]: typed[0] === "true" };
  return { [key]: field.kind === "list" || field.kind === "map" ? typed : typed[0] };
}

describe("a task and the command line", () => {
  it.each(rows)("make the same run of one value: $workload $key", async (row) => {
    const { workload, key, field } = row;
    const needed = NEEDED[workload];
    await fc.assert(
      fc.asyncProperty(valuesOf(field), async (value) => {
        const config = byCommand(workload, { ...needed, ...typedFlags(row, value) });
        expect(config[key]).toEqual(value);
        const { [key]: typed } = typedFlags(row, value);
        const byFlag = { ...needed, [flagName(field.flag ?? "")]: typed };
        const byKey = { ...needed, [key]: value };
        const further = { ...needed, config: { [key]: value } };
        // A task names these itself.
        const tasks = field.asked ? [byKey] : [byFlag, byKey, further];
        for (const task of tasks) expect(await byTask({ workload, ...task })).toEqual(config);
      }),
      { numRuns: 5 },
    );
  });

  it.each(rows.filter(({ field: { kind } }) => ["integer", "boolean", "duration"].includes(kind)))(
    "make the same run of a value that comes as a text, as of a variable: $workload $key",
    async ({ workload, key, field }) => {
      const needed = NEEDED[workload];
      await fc.assert(
        fc.asyncProperty(valuesOf(field), async (value) => {
          const given = { ...needed, [key]: value };
          const asText = { ...needed, [key]: String(value) };
          expect(await byTask({ workload, ...asText })).toEqual(await byTask({ workload, ...given }));
        }),
        { numRuns: 5 },
      );
    },
  );

  it.each(["count", "runTimeout", "runLogOutput", "connectMode"])(
    "may have a variable in the editor's eyes: %s",
    (name) => {
      const property = taskProperties()[name];
      const schema = z.fromJSONSchema(property as Parameters<typeof z.fromJSONSchema>[0]);
      const variable = "$" + "{input:it}";
      expect(schema.safeParse(variable).error).toBeUndefined();
      expect(schema.safeParse("nonsense").success).toBe(false);
    },
  );

  it.each([
    ["create-workspaces", { timeout: "5x" }, /^tasks\.json: timeout: must be a duration such as 100ms/],
    ["create-workspaces", { timeoutMs: -1 }, /^tasks\.json: timeoutMs: must be 0 or more$/],
    [
      "create-workspaces",
      { concurrency: 1.5 },
      /^tasks\.json: concurrency: must be a whole number, not "1.5"$/,
    ],
    ["create-workspaces", { connectMode: "vpn" }, /^tasks\.json: connectMode: must be one of derp, direct/],
    [
      "create-workspaces",
      { parameter: ["x"] },
      /^tasks\.json: parameter: must be NAME=VALUE; number 1 of 1 is not$/,
    ],
    ["create-workspaces", { traceCoder: true }, /^tasks\.json: traceCoder: is not supported: /],
    [
      "create-workspaces",
      { thresholds: ["x"] },
      /^tasks\.json: thresholds: "x": a metric of this run: .*, not "x"/,
    ],
    ["create-workspaces", { config: { x: 1 } }, /^tasks\.json: config\.x: is no option of this workload$/],
    ["create-workspaces", { config: { retry: -1 } }, /^tasks\.json: config\.retry: must be 0 or more$/],
    [
      "create-workspaces",
      { timeout: "1m", timeoutMs: 1 },
      /^tasks\.json: timeout: says the same as "timeoutMs"/,
    ],
    ["create-workspaces", { keep: true, cleanup: false }, /^tasks\.json: keep: says the same as "cleanup"/],
    ["workspace-traffic", { transport: "udp" }, /^tasks\.json: transport: must be one of terminal, ssh/],
    ["workspace-traffic", { template: "" }, /^tasks\.json: template: must not be empty$/],
    ["workspace-traffic", { run: "1" }, /^tasks\.json: run: must be a run's id/],
  ] as const)("a task of %s with %j is refused in one line", (workload, task, message) => {
    const definition = { type: "coder-scaletest", workload, ...NEEDED[workload], ...task };
    expect(() => requestOf(definition, originOf)).toThrow(message);
  });

  it.each([
    [{ duration: "30m" }, "--timeout is not longer than ramp, warm-up and duration together; raise it"],
    [{ app: "echo", transport: "ssh" }, "--app cannot be used with --ssh"],
    [{ rate: "40KB/s", bytesPerTick: 100 }, "--rate cannot be used with --bytes-per-tick"],
  ])(
    "what does not go together is refused before a start, as on the command line: %j",
    async (task, message) => {
      await expect(byTask({ workload: "workspace-traffic", ...task })).rejects.toThrow(message);
    },
  );

  it("a long run of a task has the time that it says", async () => {
    const config = await byTask({ workload: "workspace-traffic", duration: "2h", timeout: "3h" });
    expect(config).toMatchObject({ durationMs: 7_200_000, timeoutMs: 10_800_000 });
  });

  it("a task may say run and template, and takes the template by any case", async () => {
    const task = { workload: "workspace-traffic", run: "aaaaaaaa", template: TEMPLATE.toUpperCase() };
    expect(await byTask(task)).toMatchObject({ run: "aaaaaaaa", template: TEMPLATE });
    const create = { template: TEMPLATE.toLowerCase(), count: 1 };
    expect(await byTask(create)).toMatchObject({ template: TEMPLATE });
  });

  it("earlier names mean what they meant", async () => {
    const create = { ...NEEDED["create-workspaces"], keep: true, organization: "o" };
    expect(await byTask(create)).toMatchObject({ cleanup: false });
    const traffic = { workload: "workspace-traffic", transport: "ssh", connections: 3, warmUp: "1m" };
    expect(await byTask(traffic)).toMatchObject({ ssh: true, connectionsPerWorkspace: 3, warmUpMs: 60_000 });
    const terminal = { workload: "workspace-traffic", transport: "terminal", app: "echo" };
    expect(await byTask(terminal)).toMatchObject({ ssh: false, app: "echo" });
  });

  it("reads parameters from a file beside the workspace; those of the task win", async () => {
    const folder = await mkdtemp(path.join(tmpdir(), "task-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    await writeFile(path.join(folder, "values.yaml"), "cpu: 4\nname: from file\n");
    const task = {
      ...NEEDED["create-workspaces"],
      richParameterFile: "values.yaml",
      parameters: { name: "x" },
    };
    expect(await byTask(task, folder)).toMatchObject({ parameters: { cpu: "4", name: "x" } });
  });
});
