import { beforeEach, describe, expect, it, vi } from "vitest";
import type { ServerMetrics } from "../../../src/protocol/server-source.ts";
import { oneStep } from "../../../src/protocol/step-request.ts";
import type { RunList } from "../../../src/vscode/model/runs/run-list.ts";
import { memory, type Scripted, scripted } from "./stand-ins.ts";

vi.mock("vscode", () => ({
  ProgressLocation: { Window: 10 },
  commands: { executeCommand: async () => undefined },
  window: {
    withProgress: (_options: unknown, work: () => unknown) => work(),
    showWarningMessage: async () => undefined,
  },
}));
const { startAny, startWorkload } = await import("../../../src/vscode/features/start/start.ts");
const { NothingToReach } = await import("../../../src/vscode/ask/wizard.ts");
const { wizardOf } = await import("../../../src/vscode/wizards.ts");
type StartParts = Parameters<typeof startAny>[0];

const METRICS: ServerMetrics = {
  sources: [{ kind: "prometheus", url: "http://127.0.0.1:2112/metrics", network: {} }],
  aroundMs: 5_000,
};
const sandbox = { url: "http://127.0.0.1:4000", username: "admin", version: "v2.26.0", sandbox: true };

function parts(...script: Scripted[]) {
  const inputs = scripted(...script);
  const wizards: StartParts["wizards"] = {
    inputs,
    memory: memory(),
    deployments: () => [sandbox],
    isStaging: async () => false,
    from: "this machine",
    target: async (url) => ({ url, token: "t", network: {} }),
    limits: () => ({}),
    thresholds: async () => [],
    coderCli: () => "",
    saveScenario: async () => undefined,
    titles: async () => new Map(),
  };
  const started: unknown[] = [];
  const runs = {
    start: async (run: unknown) => {
      started.push(run);
      return { id: "abcdefgh" };
    },
    open: async () => ({ file: { deployment: { url: "https://coder.example.com" } } }),
  } as unknown as RunList;
  const session = { store: { list: () => [sandbox] } } as unknown as StartParts["session"];
  const panel = { show: () => undefined };
  const sandboxes = { start: async () => undefined };
  const serverMetrics = async () => METRICS;
  const all: StartParts = { inputs, wizards, runs, session, panel, sandbox: sandboxes, serverMetrics };
  return { inputs, started, all };
}

beforeEach(() => vi.restoreAllMocks());

describe("to start a run of any workload", () => {
  it("offers those that a person can start, and asks by the wizard of the chosen one", async () => {
    const { inputs, started, all } = parts("workspace-traffic");
    const { choose } = inputs;
    let offered: string[] = [];
    inputs.choose = async (options) => {
      offered = (await options.choices).map(({ label }) => label);
      return choose(options);
    };
    const run = {
      title: "t",
      steps: oneStep("workspace-traffic", {}),
      target: await all.wizards.target("u"),
    };
    const ask = vi.spyOn(wizardOf("workspace-traffic"), "ask").mockResolvedValue(run);
    expect(await startAny(all, { url: sandbox.url })).toBe("abcdefgh");
    expect(offered).toEqual(expect.arrayContaining(["create-workspaces", "workspace-traffic"]));
    for (const name of ["cleanup", "recover"]) expect(offered).not.toContain(name);
    expect(ask).toHaveBeenCalledWith(all.wizards, { url: sandbox.url }, undefined);
    // What is connected to the deployment goes with every run on it.
    expect(started).toEqual([{ ...run, serverMetrics: METRICS }]);
  });

  it("asks for no workload that the request names, and refuses one that nobody can start by itself", async () => {
    const { inputs, all } = parts();
    const ask = vi.spyOn(wizardOf("create-workspaces"), "ask").mockResolvedValue(undefined);
    expect(await startAny(all, { workload: "create-workspaces", start: true })).toBeUndefined();
    expect(ask).toHaveBeenCalledWith(all.wizards, { start: true }, undefined);
    for (const workload of ["recover", "cleanup", "nonesuch"])
      await expect(startAny(all, { workload })).rejects.toThrow(`There is no workload "${workload}"`);
    expect(inputs.asked).toEqual([]);
  });

  it("begins nothing where the person leaves the list", async () => {
    const { started, all } = parts({ leave: true });
    expect(await startAny(all, {})).toBeUndefined();
    expect(started).toEqual([]);
  });

  it("takes the deployment of a run that a line of the tree names", async () => {
    const { all } = parts();
    const ask = vi.spyOn(wizardOf("workspace-traffic"), "ask").mockResolvedValue(undefined);
    const line: { runId: string } = { runId: "abcdefgh" };
    await startWorkload(all, "workspace-traffic", line as object);
    expect(ask).toHaveBeenCalledWith(
      all.wizards,
      { runId: "abcdefgh", url: "https://coder.example.com" },
      undefined,
    );
  });

  it("offers to create workspaces where there is nothing to load, unless the request starts by itself", async () => {
    const { all } = parts();
    vi.spyOn(wizardOf("workspace-traffic"), "ask").mockRejectedValue(new NothingToReach("none is there"));
    expect(await startWorkload(all, "workspace-traffic", {})).toBeUndefined();
    await expect(startWorkload(all, "workspace-traffic", { start: true })).rejects.toThrow("none is there");
  });
});
