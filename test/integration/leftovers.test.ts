import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { CoderClient } from "../../src/coder/client.ts";
import type { RunResult } from "../../src/protocol/result.ts";
import { oneStep } from "../../src/protocol/step-request.ts";
import { startRun } from "../../src/runner/client/start.ts";
import { runsFolder } from "../../src/runs/home.ts";
import { readLeft } from "../../src/runs/left.ts";
import { RESULT_FILE, readRunFile } from "../../src/runs/run-file.ts";
import type { Sandbox } from "../../src/sandbox/server.ts";
import { findLeftovers, idsOf } from "../../src/workloads/leftovers.ts";
import { askedConfig } from "../one-step.ts";
import { deploy, dismantle, envOf, leftOn } from "./deployed.ts";
import { CommandLine, dist, type Ended, eventually } from "./product.ts";

/** What runs leave behind, what is said of it, and what becomes of it. */

let sandbox: Sandbox;
let client: CoderClient;
let home: string;
beforeEach(async () => {
  ({ sandbox, client, home } = await deploy({
    buildTimeMs: [50, 100],
    deleteTimeMs: [50, 100],
    daemons: 20,
  }));
});
afterEach(() => dismantle({ sandbox, client, home }));

const cli = (...args: string[]): Promise<Ended> => new CommandLine(args, envOf(sandbox), home).ended;
const NOTHING = { workspaces: 0, users: 0 };
const left = () => leftOn(client);

interface Listed {
  id: string;
  workload: string;
  state: string;
  left: number;
  left_by_kind: { users: number; workspaces: number; tokens: number };
  folder: string;
}
const listed = async () => JSON.parse((await cli("runs", "--json")).stdout) as Listed[];
async function only(workload: string): Promise<Listed> {
  const found = (await listed()).find((run) => run.workload === workload);
  if (!found) throw new Error(`no run of ${workload}`);
  return found;
}
const resultOf = (folder: string) =>
  JSON.parse(readFileSync(path.join(folder, RESULT_FILE), "utf8")) as RunResult;

const CREATE = ["create-workspaces", "--template", "kubernetes", "--concurrency", "0", "--no-ssh"];

/** A run that has kept its workspaces; by default not all of them are ready. */
async function kept(count: number, ...flags: string[]): Promise<string> {
  const quick = flags.length > 0 ? flags : ["--no-wait-for-agents"];
  const { code, stdout } = await cli(...CREATE, "--no-cleanup", "--count", String(count), ...quick);
  expect(code).toBe(0);
  return /^Run (\w+):/.exec(stdout)?.[1] ?? "";
}

/** Traffic under tokens of other users, whose runner is killed in the middle. */
async function crashedTraffic(): Promise<Listed> {
  const { stdout } = await cli("workspace-traffic", "--duration", "1m", "--detach");
  const id = stdout.trim();
  const find = async () => (await listed()).find((run) => run.id === id);
  await eventually("there are tokens", async () => ((await find())?.left ?? 0) > 0);
  const run = await find();
  if (!run) throw new Error("no run of traffic");
  const { runner } = JSON.parse(readFileSync(path.join(run.folder, "run.json"), "utf8")) as {
    runner: { pid: number };
  };
  process.kill(runner.pid, "SIGKILL");
  return run;
}

describe("a clean-up", () => {
  it("is recorded by every run that named what it removed, tokens of its users among it", async () => {
    await kept(2, "--run-command", "true");
    const traffic = await crashedTraffic();
    expect(await only("create-workspaces")).toMatchObject({ left: 4 });
    // Of each of the two owners one to work with, and the lease.
    expect(await readLeft(traffic.folder)).toEqual({ users: 0, workspaces: 0, tokens: 4 });
    expect(await cli("cleanup", "--yes", "--cleanup-concurrency", "0")).toMatchObject({ code: 0 });
    expect((await listed()).map((run) => run.left)).toEqual([0, 0, 0]);
    const { stdout } = await cli("runs");
    expect(stdout).not.toMatch(/\d (users|workspaces|tokens).* left|clean up with/);
  });

  it("deletes what was listed, says what has come since, and leaves that alone", async () => {
    const first = await kept(2);
    const filter = { run: undefined, olderThanMs: 0, templateId: undefined };
    const shown = await findLeftovers(client, filter, AbortSignal.timeout(5_000));
    const second = await kept(1);
    const [gone] = shown;
    await client.createBuild(gone?.workspaces[0]?.id ?? "", "delete");
    const run = await startRun({
      runs: runsFolder(home),
      runnerPath: path.join(dist, "runner.js"),
      title: "test",
      steps: oneStep("cleanup", { only: idsOf(shown), cleanupConcurrency: 0 }),
      target: { url: sandbox.url, token: sandbox.token, network: {} },
      guard: { tag: "production", limits: {} },
      endWithClient: true,
      client: "test",
      product: "0",
    });
    await new Promise<void>((resolve) => {
      run.onSnapshot(({ outcome }) => outcome && resolve());
      if (run.latest()?.outcome) resolve();
    });
    const { outcome, warnings } = resultOf(run.folder);
    run.dispose();
    expect(outcome).toMatchObject({
      verdict: "passed",
      orphans: 0,
      untouched: { workspaces: 1, users: 1, runs: [second], used: false },
    });
    expect(warnings).toContain("1 workspaces and 1 users have come since this was confirmed, and stay");
    expect(await left()).toEqual({ workspaces: 1, users: 1 });
    expect((await listed()).find(({ id }) => id === first)?.left).toBe(0);
  });

  it("of the command line hands its list to the run", async () => {
    await kept(2);
    const filter = { run: undefined, olderThanMs: 0, templateId: undefined };
    const shown = await findLeftovers(client, filter, AbortSignal.timeout(5_000));
    await cli("cleanup", "--yes");
    const { folder } = await only("cleanup");
    expect(askedConfig(await readRunFile(folder)).only).toEqual(idsOf(shown));
  });

  it("says of a part what else is there, and of which run", async () => {
    const [first, second] = [await kept(1), await kept(2)];
    const { stdout } = await cli("cleanup", "--run", first, "--yes");
    expect(stdout).toContain(`Left behind: 0\nStill there: 2 users and 2 workspaces of run ${second}\n`);
  });
});

describe("what is left behind", () => {
  it("by a clean-up that has failed is not kept on purpose", async () => {
    await kept(2);
    sandbox.deployment.faults.set({ provisionersPaused: true });
    const limits = ["--cleanup-concurrency", "0", "--cleanup-job-timeout", "200ms"];
    const cleaned = await cli("cleanup", "--yes", ...limits);
    expect(cleaned).toMatchObject({
      code: 1,
      stdout: expect.stringContaining("Left behind: 4 (2 users and 2 workspaces)"),
    });
    expect(cleaned.stdout.trimEnd().split("\n").at(-1)).toBe("Go on with: coder-scaletest cleanup");
    const run = await only("cleanup");
    expect(resultOf(run.folder).outcome).toMatchObject({ kept: 0, orphans: 4 });
    expect(run.left).toBe(4);
    sandbox.deployment.faults.set({ provisionersPaused: false });
  });

  it("because it cannot be destroyed: the last line says how to go on, and that works", async () => {
    sandbox.deployment.faults.set({ deleteFails: 1 });
    const created = await cli(...CREATE, "--no-wait-for-agents", "--count", "2");
    const { id, folder } = await only("create-workspaces");
    expect(created).toMatchObject({
      code: 1,
      stdout: expect.stringContaining("Left behind: 4 (2 users and 2 workspaces)"),
    });
    expect(created.stdout.trimEnd().split("\n").at(-1)).toBe(
      `Go on with: coder-scaletest runs clean ${id} --orphan`,
    );
    expect(resultOf(folder).outcome).toMatchObject({ kept: 0, orphans: 4, destroyFailed: 2 });
    const orphaned = await cli("runs", "clean", id, "--orphan", "--yes");
    expect(orphaned).toMatchObject({ code: 0, stdout: expect.stringContaining("Left behind: 0") });
    expect(orphaned.stdout).toMatch(/deleted without their resources.*scaletest-\w+-\d and 1 more/);
    expect(await left()).toEqual(NOTHING);
    expect((await listed()).map((run) => run.left)).toEqual([0, 0]);
  });

  it("goes the usual way with --orphan, too, where it can be destroyed", async () => {
    await kept(1);
    const cleaned = await cli("cleanup", "--orphan", "--yes");
    expect(cleaned).toMatchObject({
      code: 0,
      stdout: expect.not.stringContaining("without their resources"),
    });
    expect(await left()).toEqual(NOTHING);
  });
});

describe("a run that has left something", () => {
  it("is not put away unless that is forced, and its record stays", async () => {
    const id = await kept(1);
    const refused = await cli("runs", "dismiss", id);
    expect(refused).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(/has left 1 user and 1 workspace on http.*coder-scaletest runs clean /),
    });
    expect(await listed()).toHaveLength(1);
    expect(await cli("runs", "dismiss", id, "--force")).toMatchObject({ code: 0 });
    expect(await listed()).toEqual([]);
    expect(readdirSync(path.join(home, "runs"))).toHaveLength(1);
    expect(await cli("runs", "clean", id, "--yes")).toMatchObject({ code: 0 });
    expect(await left()).toEqual(NOTHING);
  });

  it("nothing but tokens counts as well: they are told as tokens, and revoked by its journal", async () => {
    await kept(2, "--run-command", "true");
    const traffic = await crashedTraffic();
    expect((await listed()).find(({ id }) => id === traffic.id)).toMatchObject({
      state: "interrupted",
      left: 4,
      left_by_kind: { users: 0, workspaces: 0, tokens: 4 },
    });
    expect((await cli("runs")).stdout).toContain("interrupted; 4 tokens of other users left");
    expect(await cli("runs", "dismiss", traffic.id)).toMatchObject({ code: 3 });
    const cleaned = await cli("runs", "clean", traffic.id, "--yes");
    expect(cleaned).toMatchObject({ code: 0, stdout: expect.stringContaining("Left behind: 0") });
    expect((await listed()).find(({ id }) => id === traffic.id)?.left).toBe(0);
    expect(await left()).toEqual({ workspaces: 2, users: 2 });
  });

  it("traffic says that the workspaces under it are untouched", async () => {
    const id = await kept(2, "--run-command", "true");
    const { stdout } = await cli("workspace-traffic", "--duration", "1s");
    expect(stdout).toContain(`Left behind: 0\nUntouched: 2 workspaces of run ${id}\n`);
  });
});
