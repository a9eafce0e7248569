import { existsSync, readdirSync } from "node:fs";
import { connect } from "node:net";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { CoderClient } from "../../src/coder/client.ts";
import type { Snapshot } from "../../src/protocol/snapshot.ts";
import { oneStep } from "../../src/protocol/step-request.ts";
import { type StepView, viewOf } from "../../src/protocol/steps.ts";
import { RunnerConnection } from "../../src/runner/client/connection.ts";
import { connectionOver } from "../../src/runner/client/socket.ts";
import { startRun } from "../../src/runner/client/start.ts";
import { runsFolder } from "../../src/runs/home.ts";
import { readRunFile, writeRunFile } from "../../src/runs/run-file.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { deploy, dismantle, envOf, leftOn } from "./deployed.ts";
import { alive, CommandLine, dist, eventually, runFolder, runnerPid } from "./product.ts";

let sandbox: Sandbox;
let client: CoderClient;
let home: string;
beforeEach(async () => {
  ({ sandbox, client, home } = await deploy({ buildTimeMs: [100, 300], deleteTimeMs: [50, 100] }));
});
afterEach(() => dismantle({ sandbox, client, home }));

const env = () => envOf(sandbox);
const cli = (...args: string[]) => new CommandLine(args, env(), home);
const slow = [
  "create-workspaces",
  "--template",
  "kubernetes",
  "--concurrency",
  "0",
  "--count",
  "10",
  "--run-command",
  "sleep 120",
  "--run-timeout",
  "3m",
];

interface Listed {
  id: string;
  state: string;
  left: number;
  verdict: string | null;
}
async function listed(): Promise<Listed[]> {
  return JSON.parse((await cli("runs", "--json").ended).stdout) as Listed[];
}
async function left(): Promise<number> {
  const { workspaces, users } = await leftOn(client);
  return workspaces + users;
}
async function ready(): Promise<number> {
  return (await client.findWorkspaces('name:"scaletest-"')).filter(({ latest_build }) =>
    latest_build.resources.some(({ agents }) => agents.some((agent) => agent.lifecycle_state === "ready")),
  ).length;
}
async function detached(): Promise<string> {
  const ended = await cli(...slow, "--detach").ended;
  expect(ended.code).toBe(0);
  return ended.stdout.trim();
}

describe("a run that goes on by itself", () => {
  it("is listed, watched from two places at once, and stopped from a third", async () => {
    const id = await detached();
    expect(await listed()).toMatchObject([{ id, state: "running" }]);
    const watchers = [cli("runs", "watch", id), cli("runs", "watch", id)];
    await Promise.all(watchers.map((one) => one.until(/10 in use/)));
    expect((await cli("runs", "stop", id).ended).code).toBe(0);
    for (const ended of await Promise.all(watchers.map((one) => one.ended))) {
      expect(ended.code).toBe(130);
      expect(ended.stdout).toMatch(/10 stopped/);
    }
    expect(await listed()).toMatchObject([{ id, state: "ended", left: 0, verdict: "interrupted" }]);
    expect(await left()).toBe(0);
  });

  it("leaves no process once it is over and nobody watches", async () => {
    await detached();
    const pid = runnerPid(home);
    expect((await cli("runs", "stop").ended).code).toBe(0);
    await eventually("the runner is gone", () => !alive(pid));
    expect(await left()).toBe(0);
  });
});

describe("a runner that is killed", () => {
  it("is told as interrupted with what it left; cleaning up by its journal leaves nothing, twice", async () => {
    const id = await detached();
    await eventually("all are made", async () => (await left()) === 20);
    process.kill(runnerPid(home), "SIGKILL");
    expect(await listed()).toMatchObject([{ id, state: "interrupted", left: 20 }]);
    const cleaned = await cli("runs", "clean", id, "--yes").ended;
    expect({ code: cleaned.code, text: cleaned.stdout }).toMatchObject({
      code: 0,
      text: expect.stringMatching(/Left behind: 0/),
    });
    expect(await left()).toBe(0);
    expect((await listed()).find((run) => run.id === id)).toMatchObject({ state: "interrupted", left: 0 });
    expect((await cli("runs", "clean", id, "--yes").ended).code).toBe(0);
  });

  it("resumed, it has traffic over the workspaces that it left; they are still its own to clean up", async () => {
    const id = await detached();
    await eventually("all are ready", async () => (await ready()) === 10);
    process.kill(runnerPid(home), "SIGKILL");
    const other = await client.workspaceByName(`scaletest-${id}-3`, `scaletest-${id}-3`);
    await client.createBuild(other?.id ?? "", "stop");
    await eventually("one is stopped", async () => (await ready()) === 9);
    const traffic = cli("runs", "resume", id);
    await traffic.until(/9 of 9 connections/);
    traffic.child.kill("SIGINT");
    const ended = await traffic.ended;
    expect(ended.stderr).toMatch(/1 of 10 workspaces are not running/);
    expect((await listed()).find((run) => run.id === id)?.left).toBe(20);
    expect((await cli("runs", "clean", id, "--yes").ended).code).toBe(0);
    expect(await left()).toBe(0);
  });

  it("in the middle of creating: what was asked for and never confirmed is found by its name", async () => {
    const id = await detached();
    await eventually("some are made", async () => (await left()) > 3);
    process.kill(runnerPid(home), "SIGKILL");
    const cleaned = await cli("runs", "clean", "--all", "--yes").ended;
    expect(cleaned.code).toBe(0);
    expect(await left()).toBe(0);
    expect((await listed()).find((run) => run.id === id)?.left).toBe(0);
  });

  it("is noticed at once by those who watch, with how to clean up", async () => {
    const id = await detached();
    const watcher = cli("runs", "watch", id);
    await watcher.until(/in use/);
    process.kill(runnerPid(home), "SIGKILL");
    const killed = Date.now();
    const ended = await watcher.ended;
    expect(Date.now() - killed).toBeLessThan(2_000);
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain(`coder-scaletest runs clean ${id}`);
    await cli("runs", "clean", id, "--yes").ended;
  });

  it("--all skips runs of other deployments, and says so", async () => {
    await detached();
    await eventually("all are made", async () => (await left()) === 20);
    process.kill(runnerPid(home), "SIGKILL");
    const other = await startSandbox();
    const ended = await new CommandLine(
      ["runs", "clean", "--all", "--yes"],
      { CODER_URL: other.url, CODER_SESSION_TOKEN: other.token },
      home,
    ).ended;
    await other.close();
    expect(ended.code).toBe(0);
    expect(ended.stderr).toMatch(/skipped: .*it is of http/);
    expect(await left()).toBe(20);
  });

  it("dismissed, it is off the list, and nothing was touched", async () => {
    const id = await detached();
    await eventually("all are made", async () => (await left()) === 20);
    process.kill(runnerPid(home), "SIGKILL");
    expect((await cli("runs", "dismiss", id, "--force").ended).code).toBe(0);
    expect(await listed()).toEqual([]);
    expect(await left()).toBe(20);
  });
});

describe("the runner's socket", () => {
  const start = (config: Record<string, unknown>) =>
    startRun({
      runs: runsFolder(home),
      runnerPath: path.join(dist, "runner.js"),
      title: "test",
      steps: oneStep("create-workspaces", config),
      target: { url: sandbox.url, token: sandbox.token, network: {} },
      guard: { tag: "production", limits: {} },
      endWithClient: true,
      client: "test",
      product: "0",
    });
  const config = {
    template: "kubernetes",
    count: 3,
    concurrency: 0,
    runCommand: "sleep 60",
    runTimeoutMs: 120_000,
  };

  const until = (run: RunnerConnection, check: (snapshot: StepView) => boolean) =>
    new Promise<void>((resolve) => {
      const look = (snapshot: Snapshot | undefined) => {
        if (snapshot && check(viewOf(snapshot))) resolve();
      };
      run.onSnapshot(look);
      look(run.latest());
    });

  it("takes only those who know the token of the run's private file", async () => {
    const run = await start(config);
    // The runner writes the file once more when it knows the deployment.
    await until(run, (snapshot) => snapshot.state === "running");
    const file = await readRunFile(run.folder);
    await writeRunFile(run.folder, { ...file, runner: { ...file.runner, token: "guessed" } });
    await expect(RunnerConnection.attach(run.folder, "stranger")).rejects.toThrow(/not the run's token/);
    await run.stop(false);
    await until(run, (snapshot) => snapshot.outcome !== null);
    run.dispose();
  });

  it("one of another version can be stopped, and nothing else: it says so in a sentence", async () => {
    const run = await start(config);
    await until(run, (snapshot) => snapshot.state === "running");
    const file = await readRunFile(run.folder);
    const socket = connect(file.runner.socket ?? "");
    const rpc = connectionOver(socket);
    rpc.listen();
    const hello = { token: file.runner.token, protocol: 999, client: "a later version" };
    expect(await rpc.sendRequest("core/hello", hello)).toMatchObject({
      compatible: false,
      message: expect.stringMatching(/only be stopped/),
    });
    await expect(rpc.sendRequest("run/snapshot", {})).rejects.toThrow(/another version/);
    expect(await rpc.sendRequest("core/status", {})).toMatchObject({ state: "running" });
    await rpc.sendRequest("core/stop", {});
    await until(run, (snapshot) => snapshot.outcome !== null);
    socket.destroy();
    run.dispose();
    expect(await left()).toBe(0);
  });

  it("paused, it begins nothing new and finishes what is under way; resumed, it goes on", async () => {
    const run = await start({ template: "kubernetes", count: 12, concurrency: 2, ssh: false });
    await until(run, (snapshot) => snapshot.counts.succeeded >= 2);
    await run.pause(true);
    await until(run, ({ paused, counts }) => paused === true && counts.waiting + counts.succeeded === 12);
    const waitingNow = () => run.latest()?.steps[0]?.counts.waiting;
    const waiting = waitingNow() ?? 0;
    expect(waiting).toBeGreaterThan(0);
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(waitingNow()).toBe(waiting);
    await run.pause(false);
    await until(run, (snapshot) => snapshot.outcome !== null);
    expect(run.latest()?.outcome).toMatchObject({ verdict: "passed", succeeded: 12, orphans: 0 });
    run.dispose();
  });

  it("one that hangs is noticed within seconds, and so is its coming back", async () => {
    const run = await start(config);
    const silence: boolean[] = [];
    run.onSilence((silent) => silence.push(silent));
    const pid = runnerPid(home);
    process.kill(pid, "SIGSTOP");
    await eventually("it is seen to be silent", () => silence[0] === true, 5_000);
    process.kill(pid, "SIGCONT");
    await eventually("it is seen to be back", () => silence[1] === false, 5_000);
    await run.stop(false);
    await until(run, (snapshot) => snapshot.outcome !== null);
    run.dispose();
    await eventually("the runner is gone", () => !alive(pid));
    expect(existsSync(path.join(runFolder(home), "result.json"))).toBe(true);
    expect(readdirSync(path.join(home, "runs"))).toHaveLength(1);
  });
});
