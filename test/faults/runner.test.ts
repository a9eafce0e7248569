import { spawn } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { CoderClient } from "../../src/coder/client.ts";
import { runsFolder } from "../../src/runs/home.ts";
import { createRandom } from "../../src/sandbox/random.ts";
import type { Sandbox, SandboxOptions } from "../../src/sandbox/server.ts";
import { deploy, dismantle, envOf, leftOn } from "../integration/deployed.ts";
import { alive, CommandLine, dist, eventually, runFolder, runnerPid } from "../integration/product.ts";

/** The same moments in every run of the suite. */
const SEED = Number(process.env.SEED ?? 1);

let sandbox: Sandbox;
let client: CoderClient;
let home: string;
beforeEach(async () => {
  const times = { buildTimeMs: [200, 600], deleteTimeMs: [50, 150] } satisfies SandboxOptions;
  ({ sandbox, client, home } = await deploy({ ...times, daemons: 30, seed: SEED }));
});
afterEach(() => dismantle({ sandbox, client, home }));

const env = () => envOf(sandbox);
const cli = (args: string[], more: Record<string, string> = {}) =>
  new CommandLine(args, { ...env(), ...more }, home);
const hundred = [
  "create-workspaces",
  "--template",
  "kubernetes",
  "--count",
  "100",
  "--concurrency",
  "0",
  "--no-ssh",
  "--run-command",
  "sleep 1",
];

const left = () => leftOn(client);
const NOTHING = { workspaces: 0, users: 0 };

async function start(more: Record<string, string> = {}): Promise<{ id: string; pid: number }> {
  const ended = await cli([...hundred, "--detach"], more).ended;
  if (ended.code !== 0) throw new Error(ended.stderr);
  return { id: ended.stdout.trim(), pid: runnerPid(home) };
}

async function clean(): Promise<void> {
  const ended = await cli(["runs", "clean", "--all", "--yes"]).ended;
  expect({ code: ended.code, stderr: ended.code === 0 ? "" : ended.stderr }).toEqual({ code: 0, stderr: "" });
}

describe("a runner that is killed at any moment", () => {
  const random = createRandom(SEED);
  const moments = Array.from({ length: 20 }, () => Math.round(random.between([0, 5_000])));

  it.each(moments)(
    "after %i ms: recovery leaves nothing, and its record goes up to its end",
    async (moment) => {
      const { pid } = await start();
      const began = Date.now();
      await new Promise((resolve) => setTimeout(resolve, moment));
      const lived = alive(pid);
      if (lived) process.kill(pid, "SIGKILL");
      const killedAt = Date.now() - began;
      await eventually("the runner is gone", () => !alive(pid));
      const folder = runFolder(home);
      await clean();
      expect(await left()).toEqual(NOTHING);
      const samples = readFileSync(path.join(folder, "samples.ndjson"), "utf8").split("\n");
      // The last line may be torn; every one before it is whole.
      const whole = samples.slice(0, -1).map((line) => JSON.parse(line) as { t: number });
      if (lived && killedAt > 1_500) expect(whole.at(-1)?.t ?? 0).toBeGreaterThan(killedAt - 2_000);
    },
  );
});

describe("other things that break in the middle of a run", () => {
  it("the deployment restarts, and then the runner is killed", async () => {
    const { pid } = await start();
    await eventually("it is under way", async () => (await left()).workspaces > 20);
    sandbox.deployment.restart(1_000);
    await new Promise((resolve) => setTimeout(resolve, 500));
    process.kill(pid, "SIGKILL");
    await eventually("the deployment is back", () =>
      left().then(
        () => true,
        () => false,
      ),
    );
    await clean();
    expect(await left()).toEqual(NOTHING);
  });

  const disk = (file: string, bytes: number) => ({
    NODE_OPTIONS: `--require ${JSON.stringify(fileURLToPath(new URL("full-disk.cjs", import.meta.url)))}`,
    FULL_DISK_FILE: file,
    FULL_DISK_BYTES: String(bytes),
  });

  it("a disk that is full for the journal: nothing more is created, what exists is cleaned up", async () => {
    const line = cli([...hundred, "--output", "json"], disk("journal.ndjson", 8_000));
    const ended = await line.ended;
    expect(ended.code).toBe(1);
    const result = JSON.parse(ended.stdout) as {
      errors_by_cause: { cause: string }[];
      outcome: { orphans: number };
      warnings: string[];
    };
    expect(result.errors_by_cause.map(({ cause }) => cause).join()).toMatch(
      /journal cannot be written.*ENOSPC/,
    );
    expect(result.warnings.join()).toMatch(/nothing more is created/);
    expect(result.outcome.orphans).toBe(0);
    expect(await left()).toEqual(NOTHING);
  });

  it("a disk that is full for events and samples: the run goes on, and says that its record is not whole", async () => {
    for (const file of ["samples.ndjson", "events.ndjson"]) {
      const ended = await cli([...hundred, "--output", "json"], disk(file, 100)).ended;
      expect([file, ended.code]).toEqual([file, 0]);
      expect((JSON.parse(ended.stdout) as { warnings: string[] }).warnings.join()).toMatch(
        /record is incomplete/,
      );
      rmSync(path.join(home, "runs"), { recursive: true });
    }
  });

  it("the socket is removed: it is made again, and the run is not taken for dead", async () => {
    const { id, pid } = await start();
    const file = JSON.parse(readFileSync(path.join(runFolder(home), "run.json"), "utf8")) as {
      runner: { socket: string };
    };
    rmSync(file.runner.socket);
    const listed = JSON.parse((await cli(["runs", "--json"]).ended).stdout) as {
      id: string;
      state: string;
    }[];
    expect(listed).toMatchObject([{ id, state: "running" }]);
    expect((await cli(["runs", "stop", id]).ended).code).toBe(0);
    await eventually("the runner is gone", () => !alive(pid));
    expect(await left()).toEqual(NOTHING);
  });

  it("the extension host that started it is killed: the run goes on, is found again, and ends well", async () => {
    const script = fileURLToPath(new URL("window.mjs", import.meta.url));
    const args = [script, runsFolder(home), sandbox.url, sandbox.token, path.join(dist, "runner.js")];
    const host = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    const id = await new Promise<string>((resolve) =>
      host.stdout.once("data", (data) => resolve(String(data).trim())),
    );
    await eventually("it is under way", async () => (await left()).workspaces > 5);
    host.kill("SIGKILL");
    const watched = await cli(["runs", "watch", id]).ended;
    expect(watched.code).toBe(0);
    expect(watched.stdout).toMatch(/20 succeeded, 0 failed/);
    expect(await left()).toEqual(NOTHING);
  });
});
