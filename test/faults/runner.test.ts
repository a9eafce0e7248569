import { spawn } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { runsFolder } from "../../src/runs/home.ts";
import { alive, dist, eventually, runFolder } from "../integration/product.ts";
import { hundredInSandbox, killedAt, MOMENTS, NOTHING } from "./hundred.ts";

describe("a runner that is killed at any moment", () => {
  // The others: test/long/killed.test.ts.
  killedAt(MOMENTS.slice(0, 5));
});

describe("other things that break in the middle of a run", () => {
  const { cli, hundred, start, clean, left, home, sandbox } = hundredInSandbox();

  it("the deployment restarts, and then the runner is killed", async () => {
    const { pid } = await start();
    await eventually("it is under way", async () => (await left()).workspaces > 20);
    sandbox().deployment.restart(1_000);
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
    for (const file of ["seconds.ndjson", "events.ndjson"]) {
      const ended = await cli([...hundred, "--output", "json"], disk(file, 100)).ended;
      expect([file, ended.code]).toEqual([file, 0]);
      expect((JSON.parse(ended.stdout) as { warnings: string[] }).warnings.join()).toMatch(
        /record is incomplete/,
      );
      rmSync(path.join(home(), "runs"), { recursive: true });
    }
  });

  it("the socket is removed: it is made again, and the run is not taken for dead", async () => {
    const { id, pid } = await start();
    const file = JSON.parse(readFileSync(path.join(runFolder(home()), "run.json"), "utf8")) as {
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
    const args = [script, runsFolder(home()), sandbox().url, sandbox().token, path.join(dist, "runner.js")];
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
