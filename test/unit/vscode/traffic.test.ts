import { beforeEach, describe, expect, it } from "vitest";
import { surveyOf } from "../../../src/app/survey.ts";
import { type Workspace, workspaceSchema } from "../../../src/coder/schemas.ts";
import { DEFAULT_TIMEOUT_MS } from "../../../src/protocol/defaults.ts";
import { NothingToReach } from "../../../src/vscode/ask/wizard.ts";
import { askForTraffic, type TrafficCommandParts } from "../../../src/vscode/features/traffic/command.ts";
import {
  courseSentence,
  type TrafficPlan,
  trafficCost,
  trafficSentence,
  waySentence,
} from "../../../src/vscode/features/traffic/plan.ts";
import type { KnownDeployment } from "../../../src/vscode/model/deployments/store.ts";
import { trafficConfigSchema } from "../../../src/workloads/workspace-traffic/config.ts";
import { askedConfig } from "../../one-step.ts";
import { memory, type Scripted, scripted } from "./stand-ins.ts";

const sandbox: KnownDeployment = {
  url: "http://127.0.0.1:4000",
  username: "admin",
  version: "v2.26.0",
  sandbox: true,
};
const coder: KnownDeployment = { ...sandbox, url: "https://coder.example.com", sandbox: false };

function workspace(name: string, template: string, apps: string[], status = "succeeded"): Workspace {
  const job = { id: "j", status, created_at: "2026-01-01T00:00:00Z" };
  const agent = { id: "a", name: "main", status: "connected", lifecycle_state: "ready" };
  const agents = [{ ...agent, created_at: "", apps: apps.map((slug) => ({ slug })) }];
  const build = { id: "b", build_number: 1, transition: "start", status: "running", job };
  return workspaceSchema.parse({
    id: name,
    name,
    owner_id: name,
    owner_name: name,
    template_id: `id-${template}`,
    template_name: template,
    created_at: "2026-01-01T00:00:00Z",
    latest_build: { ...build, resources: [{ agents }] },
  });
}

let workspaces: Workspace[];
let remembered: ReturnType<typeof memory>;
let deployments: KnownDeployment[];
let limits: { connections?: number; bytesPerSecond?: number };
let heldTo: string[];
let surveys: number;
let checked: Record<string, unknown>[];

beforeEach(() => {
  const apps = ["echo", "code-server"];
  workspaces = [
    ...[0, 1, 2].map((index) => workspace(`scaletest-aaaaaaaa-${index}`, "kubernetes", apps)),
    workspace("scaletest-aaaaaaaa-3", "kubernetes", [], "failed"),
    workspace("scaletest-bbbbbbbb-0", "docker", ["echo"]),
    workspace("scaletest-7", "docker", ["echo"]),
  ];
  remembered = memory();
  deployments = [sandbox];
  limits = {};
  heldTo = [];
  surveys = 0;
  checked = [];
});

function parts(...script: Scripted[]): TrafficCommandParts & { inputs: ReturnType<typeof scripted> } {
  return {
    inputs: scripted(...script),
    memory: remembered,
    deployments: () => deployments,
    isStaging: async () => false,
    from: "this machine (laptop)",
    target: async (url) => ({ url, token: "t", network: {} }),
    limits: () => limits,
    thresholds: async () => heldTo,
    survey: async () => {
      surveys++;
      return surveyOf(workspaces);
    },
    titles: async () => new Map([["aaaaaaaa", "create 4 × kubernetes"]]),
    coderCli: () => "",
    saveScenario: async () => undefined,
    runTrafficChecks: async (config) => {
      checked.push(config);
      return [];
    },
  };
}

describe("what can be reached", () => {
  it("is counted by run and template, running and not, with the apps that all of them have", () => {
    const { all, runs, templates } = surveyOf(workspaces);
    expect(all).toEqual({ running: 5, stopped: 1, apps: ["echo"] });
    expect(runs.map(({ run, running, stopped }) => [run, running, stopped])).toEqual([
      ["aaaaaaaa", 3, 1],
      ["bbbbbbbb", 1, 0],
    ]);
    expect(runs[0]?.apps).toEqual(["code-server", "echo"]);
    expect(templates.map(({ template, running }) => [template?.name, running])).toEqual([
      ["kubernetes", 3],
      ["docker", 2],
    ]);
  });
});

describe("asking for traffic", () => {
  it("leads from the workspaces to the start, and makes a configuration that the workload takes", async () => {
    heldTo = ["round_trip.p95<200ms"];
    const asking = parts("Run aaaaaaaa", "SSH", "2", "10.0 KB/s", "1m", "30s", "5m", "Start");
    const run = await askForTraffic(asking, {});
    expect(run?.title).toBe("traffic 6 × 10 messages/s × 1 KB by SSH");
    expect(trafficConfigSchema.parse(askedConfig(run))).toMatchObject({
      run: "aaaaaaaa",
      ssh: true,
      connectionsPerWorkspace: 2,
      rate: "10KB/s",
      rampMs: 60_000,
      warmUpMs: 30_000,
      durationMs: 300_000,
      thresholds: ["round_trip.p95<200ms"],
    });
    expect(checked).toMatchObject([{ run: "aaaaaaaa", connectionsPerWorkspace: 2 }]);
    expect(surveys).toBe(1);
  });

  it("can go to a template's workspaces by an app that all of them have, at a rate of one's own", async () => {
    const asking = parts("docker", "App echo", "1", "Another rate", "1.5MB/s", "0", "0", "1m", "Start");
    const run = await askForTraffic(asking, {});
    expect(trafficConfigSchema.parse(askedConfig(run))).toMatchObject({
      template: "id-docker",
      app: "echo",
      rate: "1.5MB/s",
    });
  });

  it("asks for a time limit where the usual one is too short, as the command line does", async () => {
    const course = ["All", "Web", "1", "40.0 KB/s", "10m", "10m"];
    const asking = parts(...course, "8h", "9h", "Start");
    const run = await askForTraffic(asking, {});
    expect(asking.inputs.asked.at(-2)).toBe("Time limit of the whole run; its traffic takes 8h20m");
    expect(asking.inputs.initial.at(-2)).toBe("8h30m");
    expect(trafficConfigSchema.parse(askedConfig(run)).timeoutMs).toBe(9 * 3_600_000);
    await expect(askForTraffic(parts(...course, "10m", "30m", "Start"), {})).rejects.toThrow(
      /30m1s or longer/,
    );
  });

  it("leaves the usual limit to the workload, and refuses what does not fit into it unasked", async () => {
    const short = await askForTraffic(parts("All", "Web", "1", "40.0 KB/s", "10m", "10m", "9m", "Start"), {});
    expect(askedConfig(short)).not.toHaveProperty("timeoutMs");
    expect(trafficConfigSchema.parse(askedConfig(short)).timeoutMs).toBe(DEFAULT_TIMEOUT_MS);
    const long = askForTraffic(parts(), { start: true, durationMs: DEFAULT_TIMEOUT_MS });
    await expect(long).rejects.toThrow(/not longer than ramp, warm-up and duration/);
  });

  it("goes back, and keeps what was answered", async () => {
    const asking = parts(
      "All",
      "SSH",
      "3",
      { back: true },
      { back: true },
      "Web",
      "4",
      "1.00 KB/s",
      "0",
      "0",
      "1m",
      "Start",
    );
    const run = await askForTraffic(asking, {});
    expect(asking.inputs.initial[4]).toBe("3");
    expect(asking.inputs.initial[5]).toContain("SSH");
    expect(asking.inputs.initial[6]).toBe("3");
    expect(askedConfig(run)).toMatchObject({ connectionsPerWorkspace: 4 });
    expect(askedConfig(run).ssh).toBeUndefined();
  });

  it("offers the last answers of this deployment", async () => {
    await askForTraffic(parts("Run bbbbbbbb", "App echo", "5", "200 KB/s", "10s", "20s", "30s", "Start"), {});
    const again = parts("Run bbbbbbbb", "App echo", "5", "200 KB/s", "10s", "20s", "30s", "Start");
    await askForTraffic(again, {});
    expect(again.inputs.initial.slice(0, 7)).toEqual([
      "$(history) Like the last run",
      "$(window) App echo",
      "5",
      "200 KB/s",
      "10s",
      "20s",
      "30s",
    ]);
  });

  it("takes two screens for traffic like the last, where its workspaces are still there", async () => {
    const first = parts("Run bbbbbbbb", "App echo", "5", "200 KB/s", "10s", "20s", "30s", "Start");
    const before = await askForTraffic(first, {});
    const again = parts("Like the last run", "Start");
    const after = await askForTraffic(again, {});
    expect(again.inputs.asked).toHaveLength(2);
    expect(after?.steps).toEqual(before?.steps);
  });

  it("asks for traffic like that of an earlier run with what that was asked for", async () => {
    const earlier = { app: "echo", connectionsPerWorkspace: 5, rate: "200KB/s", durationMs: 30_000 };
    const more = { rampMs: 10_000, warmUpMs: 20_000, tickIntervalMs: 50 };
    const asking = parts("All", "App echo", "5", "200 KB/s", "10s", "20s", "30s", "Start");
    const run = await askForTraffic(asking, {}, { ...earlier, ...more });
    expect(asking.inputs.initial.slice(1, 7)).toEqual([
      ...["$(window) App echo", "5", "200 KB/s", "10s", "20s", "30s"],
    ]);
    expect(askedConfig(run)).toMatchObject({ ...earlier, ...more });
  });

  it("refuses what is no number, no rate, no duration, or above a limit that is set", async () => {
    const ask = (...script: Scripted[]) => askForTraffic(parts(...script), {});
    await expect(ask("All", "SSH", "0")).rejects.toThrow(/1 or more/);
    await expect(ask("All", "SSH", "1", "Another", "40KB")).rejects.toThrow(/A rate such as/);
    await expect(ask("All", "SSH", "1", "40.0", "soon")).rejects.toThrow(/A duration such as/);
    await expect(ask("All", "SSH", "1", "40.0", "0", "0", "0")).rejects.toThrow(/1s or longer/);
    limits = { connections: 8, bytesPerSecond: 50_000 };
    await expect(ask("All", "SSH", "2")).rejects.toThrow(/10 connections in all; the limit .* 8/);
    await expect(ask("All", "SSH", "1", "40.0")).rejects.toThrow(/"40.0" is none of/);
    await expect(ask("All", "SSH", "1", "Another", "11KB/s")).rejects.toThrow(/55\.0 KB\/s in all/);
  });

  it("takes the load of a request's config, and says it", async () => {
    const config = {
      bytesPerTick: 2_000,
      tickIntervalMs: "50ms",
      rampMs: 1_000,
      durationMs: "5s",
      ssh: true,
    };
    const asking = parts("All", "2", "0", "Start");
    const run = await askForTraffic(asking, { config });
    expect(run?.title).toBe("traffic 10 × 20 messages/s × 2 KB by SSH");
    expect(trafficConfigSchema.parse(askedConfig(run))).toMatchObject({
      bytesPerTick: 2_000,
      tickIntervalMs: 50,
      rampMs: 1_000,
      durationMs: 5_000,
      ssh: true,
    });
    const started = await askForTraffic(parts(), { start: true });
    expect(started?.title).toBe("traffic 5 × 10 messages/s × 1.02 KB");
  });

  it("asks nothing where a request has it all, and takes the template by name", async () => {
    const request = { template: "kubernetes", transport: "terminal", rate: "1KB/s", start: true } as const;
    const run = await askForTraffic(parts(), { ...request, connections: 1, durationMs: 5_000 });
    expect(trafficConfigSchema.parse(askedConfig(run))).toMatchObject({
      template: "id-kubernetes",
      rampMs: 0,
    });
    const shouted = await askForTraffic(parts(), { ...request, template: "KUBERNETES", durationMs: 5_000 });
    expect(askedConfig(shouted).template).toBe("id-kubernetes");
    await expect(askForTraffic(parts(), { ...request, template: "nonesuch" })).rejects.toThrow(
      /template "nonesuch".*only of kubernetes, docker/,
    );
  });

  it("begins at the transport where it comes from a run's line, and says when that run has nothing left", async () => {
    const asking = parts("Web", "1", "40.0 KB/s", "0", "0", "1m", "Start");
    const run = await askForTraffic(asking, { runId: "bbbbbbbb" });
    expect(askedConfig(run).run).toBe("bbbbbbbb");
    await expect(askForTraffic(parts(), { runId: "cccccccc" })).rejects.toThrow(/of run cccccccc is running/);
  });

  it("says what to do first where nothing is there, or nothing runs", async () => {
    workspaces = [];
    await expect(askForTraffic(parts(), {})).rejects.toThrow(/Create some first/);
    workspaces = [workspace("scaletest-7", "docker", [], "failed")];
    await expect(askForTraffic(parts(), {})).rejects.toThrow(NothingToReach);
  });

  it("has the name of a deployment typed that is not marked for tests", async () => {
    deployments = [coder];
    const answers = ["All", "Web", "1", "40.0 KB/s", "0", "0", "1m", "Start", "coder.example.com"] as const;
    const run = await askForTraffic(parts(...answers), {});
    expect(run?.guard).toEqual({ tag: "production", acknowledgedHost: "coder.example.com", limits: {} });
  });

  it("starts nothing where the person leaves at the last question", async () => {
    const answers = ["All", "Web", "1", "40.0 KB/s", "0", "0", "1m"] as const;
    expect(await askForTraffic(parts(...answers, { leave: true }), {})).toBeUndefined();
    expect(remembered.values.size).toBe(0);
  });
});

describe("the last question", () => {
  const plan: TrafficPlan = {
    host: "coder.example.com",
    workspaces: 50,
    connectionsPerWorkspace: 2,
    transport: "terminal",
    rate: 40_000,
    intervalMs: 100,
    rampMs: 60_000,
    warmUpMs: 0,
    durationMs: 600_000,
    from: "this machine (laptop)",
  };

  it("says in one sentence what will happen and what it costs", () => {
    expect(trafficSentence(plan)).toBe(
      "For 10m: 100 connections × 10 messages/s × 4 KB = 1,000 messages/s, 4.00 MB/s each way.",
    );
    expect(courseSentence(plan)).toBe("Connections open over 1m, 10m measured.");
    expect(waySentence(plan)).toBe("To 50 workspaces on coder.example.com, by web terminal.");
    expect(trafficCost(plan)).toBe(
      "About 600,000 messages, 2.40 GB each way in all. The workspaces are not changed.",
    );
  });
});
