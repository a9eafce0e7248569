import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runResultSchema } from "../../src/protocol/result.ts";
import type { Snapshot } from "../../src/protocol/snapshot.ts";
import type { StepRequest } from "../../src/protocol/step-request.ts";
import type { RunnerConnection } from "../../src/runner/client/connection.ts";
import type { SandboxOptions } from "../../src/sandbox/server.ts";
import { english } from "../../src/text/message.ts";
import { type Deployed, deploy, dismantle, envOf, leftOn } from "./deployed.ts";
import { CommandLine, eventually, runFolder } from "./product.ts";
import { CREATE, ended, startSteps, until } from "./step-runs.ts";

const QUICK: SandboxOptions = { buildTimeMs: [50, 100], deleteTimeMs: [20, 50] };

let deployed: Deployed;
let running: RunnerConnection | undefined;

afterEach(async () => {
  running?.dispose();
  delete process.env.CODER_SESSION_TOKEN;
  await dismantle(deployed);
});

const step = (workload: string, config: Record<string, unknown> = {}): StepRequest => ({
  name: workload,
  workload,
  config,
});
const NOTHING = { workspaces: 0, users: 0 };

async function start(steps: StepRequest[], allowRun = false): Promise<RunnerConnection> {
  running = await startSteps(deployed, steps, { allowRun });
  return running;
}

const left = () => leftOn(deployed.client);
const inHome = (name: string) => path.join(deployed.home, name);
const texts = ({ events }: Snapshot) => events.map(({ text }) => english(text));
const warnings = (snapshot: Snapshot) => snapshot.warnings.map(english);

/** A program of ours: a script for the very Node.js of the test. */
const script = (source: string, ...args: string[]) => [process.execPath, "-e", source, "--", ...args];

describe("steps besides creation and traffic", () => {
  beforeEach(async () => {
    deployed = await deploy(QUICK);
  });

  it("stop and start what was made, run a command there, hold, and run a program; nothing is left", async () => {
    // What whoever starts a run has in its environment is no program's business.
    process.env.CODER_SESSION_TOKEN = deployed.sandbox.token;
    const run = await start(
      [
        CREATE,
        step("builds", { concurrency: 0 }),
        step("command", {
          runCommand: "echo hello",
          runExpectOutput: "hello",
          runLogOutput: true,
          concurrency: 0,
        }),
        step("hold", { durationMs: 1_000 }),
        step("run", {
          args: script(
            "require('fs').writeFileSync('drill.txt', JSON.stringify([process.argv.at(-1), process.env.CODER_SESSION_TOKEN, process.env.ELECTRON_RUN_AS_NODE])); console.log('token', require('fs').readFileSync('secret.txt', 'utf8'))",
            "done",
          ),
          cwd: withSecret(),
        }),
      ],
      true,
    );
    const last = await ended(run);
    expect(last.outcome).toMatchObject({
      verdict: "passed",
      exitCode: 0,
      succeeded: 14,
      failed: 0,
      orphans: 0,
    });
    expect(last.steps.map(({ state, verdict }) => [state, verdict])).toEqual(
      Array.from({ length: 5 }, () => ["done", "passed"]),
    );
    const phases = last.steps.map((one) => one.phases.map(({ name, count }) => `${name} ${count}`));
    expect(phases.slice(1)).toEqual([
      [
        "stop_queue 4",
        "stop_provision 4",
        "start_queue 4",
        "start_provision 4",
        "agent_connect 4",
        "startup_script 4",
      ],
      ["token 4", "first_byte 4", "command 4"],
      [],
      ["program 1"],
    ]);
    expect(last.steps[1]?.readyCount).toBe(4);
    const [, , , hold] = last.steps;
    expect((hold?.endedAt ?? 0) - (hold?.begunAt ?? 0)).toBeGreaterThanOrEqual(1_000);
    expect(JSON.parse(readFileSync(inHome("drill.txt"), "utf8"))).toEqual(["done", null, null]);
    // Its begin and its end are events, and its output is kept without the token that it has printed.
    expect(texts(last).filter((text) => text.startsWith("run: program "))).toEqual([
      expect.stringMatching(/^run: program started: /),
      expect.stringMatching(/^run: program ended with exit status 0 after /),
    ]);
    const { rows } = await run.workspaces({ step: "run", offset: 0, limit: 1 });
    expect(rows[0]?.log).toBe("token ***\n");
    expect(await left()).toEqual(NOTHING);
    const result = runResultSchema.parse(
      JSON.parse(readFileSync(path.join(runFolder(deployed.home), "result.json"), "utf8")),
    );
    expect(result.steps?.builds?.ready_ms.count).toBe(4);
    // What was stopped has been started again, or is deleted.
    expect(result.warnings.filter((text) => text.includes("stopped"))).toEqual([]);
  });

  it("refuse a program that nobody has allowed, before anything is made", async () => {
    const run = await start([CREATE, step("run", { args: ["kubectl", "delete", "pod", "coderd-1"] })]);
    const { outcome } = await ended(run);
    expect([outcome?.verdict, outcome?.refusal && english(outcome.refusal)]).toEqual([
      "refused",
      "this scenario runs a program on this machine (kubectl delete pod coderd-1); allow it with --allow-run",
    ]);
    expect(await left()).toEqual(NOTHING);
  });

  it("kill a program that never ends when the run is stopped, and what it has started", async () => {
    const never = `const { spawn } = require('child_process');
      const child = spawn(process.execPath, ['-e', "process.on('SIGTERM', () => {}); setInterval(() => {}, 1e3); console.log('up')"], { stdio: ['ignore', 'pipe', 'inherit'] });
      child.stdout.once('data', () => require('fs').writeFileSync('pids.json', JSON.stringify([process.pid, child.pid])));
      setInterval(() => {}, 1e3);`;
    const run = await start([step("run", { args: script(never), cwd: deployed.home })], true);
    await eventually("the program runs", () => existsSync(inHome("pids.json")));
    const pids = JSON.parse(readFileSync(inHome("pids.json"), "utf8")) as number[];
    expect(pids.map(runs)).toEqual([true, true]);
    await run.stop(false);
    const { outcome, steps } = await ended(run);
    expect(outcome).toMatchObject({ verdict: "interrupted", failed: 0 });
    expect(steps[0]).toMatchObject({ counts: { canceled: 1 } });
    expect(pids.map(runs)).toEqual([false, false]);
  });

  it("fail the run by the last line of a program that fails, and clean up after the rest", async () => {
    const run = await start(
      [
        { ...CREATE, config: { ...CREATE.config, waitForAgents: false } },
        step("run", { shell: "echo before >&2; echo 'no such pod' >&2; exit 3" }),
        step("hold", { durationMs: 50 }),
      ],
      true,
    );
    const { outcome, steps } = await ended(run);
    expect(outcome).toMatchObject({ verdict: "failed", exitCode: 1, failed: 1, orphans: 0 });
    expect(steps[1]?.causes.map(({ id, cause }) => [id, english(cause)])).toEqual([
      ["program_failed", "program failed with exit status 3: no such pod"],
    ]);
    expect(await left()).toEqual(NOTHING);
  });
});

describe("builds and commands on workspaces that are there", () => {
  beforeEach(async () => {
    deployed = await deploy({ ...QUICK, workspaces: 2 });
  });
  const builds = async () =>
    (await deployed.client.findWorkspaces('name:"scaletest-"'))
      .map(({ name, latest_build: { transition, build_number, job } }) =>
        [name, transition, build_number, job.status].join(" "),
      )
      .sort();

  it("have commands of their own; the workspaces stay, and run", async () => {
    const cli = (...args: string[]) => new CommandLine(args, envOf(deployed.sandbox), deployed.home).ended;
    const built = await cli("builds", "--concurrency", "0", "--ramp", "300ms");
    expect(built.code, built.stderr).toBe(0);
    expect(built.stdout).toMatch(/2 workspaces.*untouched|untouched.*2 workspaces/i);
    const command = await cli("command", "--run-command", "exit 7", "--output", "json");
    expect(command.code).toBe(1);
    expect(command.stdout).toMatch(/command failed with exit status 7/);
    expect(await builds()).toEqual([
      "scaletest-sandbox-1 start 3 succeeded",
      "scaletest-sandbox-2 start 3 succeeded",
    ]);
  });

  it("are said to be stopped where a start has failed; a later run starts them", async () => {
    deployed.sandbox.deployment.faults.set({ buildFailureRate: 1 });
    const failing = await ended(await start([step("builds", { concurrency: 0 })]));
    expect(failing.steps[0]?.causes.map(({ id, count }) => [id, count])).toEqual([["build_failed", 2]]);
    expect(warnings(failing)).toContainEqual(
      "2 workspaces are stopped and not started again: scaletest-sandbox-1, scaletest-sandbox-2",
    );
    running?.dispose();
    deployed.sandbox.deployment.faults.set({ buildFailureRate: 0 });
    const again = await ended(await start([step("builds", { concurrency: 0 })]));
    expect(again.outcome).toMatchObject({ verdict: "passed", succeeded: 2, orphans: 0, kept: 0 });
    // They did not run, so there was nothing to stop.
    expect(again.steps[0]?.phases.map(({ name }) => name)).not.toContain("stop_queue");
    expect(await builds()).toEqual([
      "scaletest-sandbox-1 start 4 succeeded",
      "scaletest-sandbox-2 start 4 succeeded",
    ]);
  });

  it("are said to be stopped where the run was stopped in between", async () => {
    deployed.sandbox.deployment.faults.set({ provisionersPaused: true });
    const run = await start([step("builds", { targetWorkspaces: "0:1" })]);
    await until(run, ({ steps: [only] }) => only?.counts.stopping === 1);
    await eventually("the stop is asked for", async () => (await builds()).join().includes("1 stop 2"));
    await run.stop(false);
    const last = await ended(run);
    expect(last.outcome).toMatchObject({ verdict: "interrupted", failed: 0 });
    expect(warnings(last)).toContainEqual(
      "1 workspace is stopped and not started again: scaletest-sandbox-1",
    );
  });

  it("wait where the session ends in between, and go on with another", async () => {
    const { sandbox } = deployed;
    sandbox.deployment.faults.set({ provisionersPaused: true });
    const run = await start([step("builds", { concurrency: 1 })]);
    await eventually("the stop is asked for", async () => (await builds()).join().includes("1 stop 2"));
    await fetch(`${sandbox.url}/sandbox/faults`, {
      method: "POST",
      body: JSON.stringify({ expireSessions: "admin", provisionersPaused: false }),
    });
    await until(run, ({ sessionExpired }) => sessionExpired !== undefined);
    const answer = await fetch(`${sandbox.url}/api/v2/users/login`, {
      method: "POST",
      body: JSON.stringify(sandbox.login),
    });
    const { session_token: token } = (await answer.json()) as { session_token: string };
    deployed.client = deployed.client.as({ token });
    await run.renew(token);
    const { outcome, standstillMs } = await ended(run);
    expect(outcome).toMatchObject({ verdict: "passed", succeeded: 2, failed: 0 });
    expect(standstillMs).toBeGreaterThan(0);
    expect(await builds()).toEqual([
      "scaletest-sandbox-1 start 3 succeeded",
      "scaletest-sandbox-2 start 3 succeeded",
    ]);
  });
});

/** A folder with a file that holds the session token. */
function withSecret(): string {
  writeFileSync(inHome("secret.txt"), deployed.sandbox.token);
  return deployed.home;
}

/** One that has ended and that nobody has asked for its exit status does not. */
function runs(pid: number): boolean {
  const { stdout } = spawnSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" });
  return /^[^Z\s]/.test(stdout);
}
