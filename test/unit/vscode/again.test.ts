import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RunFile, StepFile } from "../../../src/runs/run-file.ts";
import { RUN_FILE, SCENARIO_FILE } from "../../../src/runs/run-file.ts";
import {
  type AgainParts,
  editAndRun,
  runAgain,
  runFailedOnly,
} from "../../../src/vscode/features/again/again.ts";
import { againOf, readAsked } from "../../../src/vscode/model/runs/asked.ts";
import { startable } from "../../../src/workloads/index.ts";
import { type Scripted, scripted } from "./stand-ins.ts";

const DEPLOYMENT = {
  url: "https://c.example.com",
  host: "c.example.com",
  version: "",
  user: "",
  sandbox: false,
};
const SANDBOX = { ...DEPLOYMENT, url: "http://127.0.0.1:1", host: "127.0.0.1:1", sandbox: true };
const CREATE: StepFile = {
  name: "create-workspaces",
  workload: "create-workspaces",
  config: { template: "t1", count: 8, concurrency: 4, runCommand: "true", cleanup: false },
};
const RECOVER: StepFile = { name: "recover", workload: "recover", config: { folder: "/r", run: "abcdefgh" } };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "scaletest-again-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A run that has ended with so many failures. */
function earlier(changes: Partial<RunFile> = {}, failed = 3) {
  const file: RunFile = {
    version: 2,
    id: "abcdefgh",
    title: "create 8 × kubernetes",
    workload: "create-workspaces",
    steps: [CREATE],
    deployment: DEPLOYMENT,
    createdAt: 0,
    host: "h",
    product: "0",
    runner: { token: "t" },
    ...changes,
  };
  writeFileSync(path.join(folder, RUN_FILE), JSON.stringify(file));
  return { id: file.id, title: file.title, folder, file, snapshot: { outcome: { failed } } };
}

type Known = ReturnType<AgainParts["wizards"]["deployments"]>[number];
const known = ({ url, sandbox }: typeof DEPLOYMENT): Known => ({
  url,
  username: "admin",
  version: "",
  sandbox,
});

function parts(
  { deployments = [known(DEPLOYMENT)], staging = false }: { deployments?: Known[]; staging?: boolean },
  ...script: Scripted[]
) {
  const inputs = scripted(...script);
  const started: unknown[] = [];
  const all: AgainParts = {
    asked: (from) => readAsked(from, startable),
    wizards: { inputs, isStaging: async () => staging, deployments: () => deployments },
    signIn: async () => undefined,
    startSandbox: async () => known({ ...SANDBOX, url: "http://127.0.0.1:2" }),
    requestOf: (_workload, config) => ({ config, start: true }),
    start: async (...asked) => {
      started.push(asked);
      return "newrunid";
    },
    startScenario: async (...asked) => {
      started.push(asked);
      return "newrunid";
    },
  };
  return { all, inputs, started };
}

describe("a run once more", () => {
  it("is the same request on the same deployment, held to what that run was held to", async () => {
    const { all, started } = parts({ staging: true });
    expect(await runAgain(all, earlier({ thresholds: ["failures.rate<1%"] }))).toBe("newrunid");
    const config = { ...CREATE.config, thresholds: ["failures.rate<1%"] };
    expect(started).toEqual([
      ["create-workspaces", { config, start: true, url: DEPLOYMENT.url }, undefined].slice(0, 2),
    ]);
  });

  it("has the host of a deployment typed that counts as production, and starts nothing without", async () => {
    const typed = parts({}, "c.example.com");
    await runAgain(typed.all, earlier());
    expect(typed.started).toMatchObject([["create-workspaces", { acknowledgedHost: "c.example.com" }]]);
    const left = parts({}, { leave: true });
    expect(await runAgain(left.all, earlier())).toBeUndefined();
    expect(left.started).toEqual([]);
  });

  it("goes to another sandbox where the one that it was on is gone", async () => {
    const run = () => earlier({ deployment: SANDBOX });
    const there = parts({ deployments: [known({ ...SANDBOX, url: "http://127.0.0.1:9" })] });
    await runAgain(there.all, run());
    expect(there.started).toMatchObject([["create-workspaces", { url: "http://127.0.0.1:9" }]]);
    const none = parts({ deployments: [known(DEPLOYMENT)] });
    await runAgain(none.all, run());
    expect(none.started).toMatchObject([["create-workspaces", { url: "http://127.0.0.1:2" }]]);
  });

  it("is a sign-in first where nobody is signed in, and nothing where the person leaves that", async () => {
    const { all, started } = parts({ deployments: [] });
    expect(await runAgain(all, earlier())).toBeUndefined();
    expect(started).toEqual([]);
  });

  it("is its scenario, as it was kept with it", async () => {
    const { all, started } = parts({});
    const run = earlier({ steps: [CREATE, { ...CREATE, name: "other" }] });
    const file = path.join(folder, SCENARIO_FILE);
    writeFileSync(file, "steps: []");
    await runAgain(all, run);
    expect(started).toEqual([[file, run.title, known(DEPLOYMENT)]]);
    await expect(editAndRun(all, run)).rejects.toThrow(/Save it as a scenario/);
  });

  it("is refused where the run went on with what another had left", async () => {
    const { all } = parts({});
    await expect(runAgain(all, earlier({ steps: [RECOVER] }))).rejects.toThrow(/cannot be asked for again/);
  });

  it("can be edited: every question has what the run was asked for", async () => {
    const { all, started } = parts({});
    await editAndRun(all, earlier());
    expect(started).toEqual([
      ["create-workspaces", { url: DEPLOYMENT.url }, { ...CREATE.config, thresholds: [] }],
    ]);
  });

  it("can be only what failed, where that can be run by itself", async () => {
    const { all, started } = parts({ staging: true });
    await runFailedOnly(all, earlier());
    expect(started).toMatchObject([["create-workspaces", { config: { ...CREATE.config, count: 3 } }]]);
    await expect(runFailedOnly(all, earlier({}, 0))).rejects.toThrow(/Nothing of/);
    const traffic = { name: "workspace-traffic", workload: "workspace-traffic", config: {} };
    await expect(runFailedOnly(all, earlier({ steps: [traffic] }))).rejects.toThrow(/Nothing of/);
  });

  it("is offered by what a list of runs knows", () => {
    const of = (steps: StepFile[], failed: number) => againOf({ steps }, failed, startable);
    expect(of([CREATE], 3)).toBe("failed");
    expect(of([CREATE], 0)).toBe("whole");
    expect(of([{ ...CREATE, workload: "builds" }], 3)).toBe("whole");
    expect(of([CREATE, RECOVER], 0)).toBe("whole");
    expect(of([RECOVER], 0)).toBe("none");
  });
});
