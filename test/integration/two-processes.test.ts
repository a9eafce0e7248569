import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import path from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Deployed, deploy, dismantle, envOf } from "./deployed.ts";
import { alive, CommandLine, dist, eventually, runFolder, runnerPid } from "./product.ts";

/** What may be added to a Node.js that does nothing, by who follows a run. */
const MOST_MB = 15;
const LOOKS = 5;
const create = ["create-workspaces", "--template", "kubernetes", "--count", "6", "--concurrency", "0"];

let at: Deployed;
beforeEach(async () => {
  at = await deploy({ buildTimeMs: [50, 100] });
});
afterEach(() => dismantle(at));

/** Memory that the system holds for a process, in MB. */
function residentMb(pid: number): number {
  const [, kb] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kb) / 1_024;
}

function childrenOf(pid: number): number[] {
  const pids = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8");
  return pids.split(" ").filter(Boolean).map(Number);
}

/** Empty before there is a run. */
function journalOf(home: string): string {
  try {
    return readFileSync(path.join(runFolder(home), "journal.ndjson"), "utf8");
  } catch {
    return "";
  }
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

describe.skipIf(process.platform !== "linux")("the command line while a runner works", () => {
  it(`is one process beside the runner, with at most ${MOST_MB} MB more than an empty Node.js`, async () => {
    const empty = spawn(process.execPath, ["-e", "setInterval(() => undefined, 1_000)"]);
    try {
      const flags = ["--run-command", "sleep 4", "--output", "json"];
      const line = new CommandLine([...create, ...flags], envOf(at.sandbox), at.home);
      await eventually("all are made", () => at.sandbox.deployment.workspaces.live().size === 6);
      const pid = line.child.pid ?? 0;
      const more: number[] = [];
      for (let look = 0; look < LOOKS; look++) {
        await delay(400);
        more.push(residentMb(pid) - residentMb(empty.pid ?? 0));
      }
      expect(childrenOf(pid)).toEqual([runnerPid(at.home)]);
      expect(median(more)).toBeLessThanOrEqual(MOST_MB);
      const { code, stdout } = await line.ended;
      expect(JSON.parse(stdout)).toMatchObject({ total_pass: 6, outcome: { verdict: "passed" } });
      expect(code).toBe(0);
    } finally {
      empty.kill();
    }
  });

  it("takes its worker with it when it is killed", async () => {
    const silent = createServer((socket) => socket.on("error", () => undefined)).listen(0, "127.0.0.1");
    await once(silent, "listening");
    const { port } = silent.address() as AddressInfo;
    const env = { ...envOf(at.sandbox), CODER_URL: `http://127.0.0.1:${port}` };
    const asked = once(silent, "connection");
    const line = new CommandLine(create, env, at.home);
    await asked;
    const [worker = 0] = childrenOf(line.child.pid ?? 0);
    expect(alive(worker)).toBe(true);
    line.child.kill("SIGKILL");
    await eventually("the worker is gone", () => !alive(worker));
    silent.close();
  });
});

describe.skipIf(process.platform === "win32")(
  "Ctrl-C in a terminal, which reaches all of its processes",
  () => {
    it("is one interruption: the run is cleaned up, on the sandbox of the command line itself", async () => {
      const args = [...create, "--sandbox", "--run-command", "sleep 60", "--output", "json"];
      const child = spawn(process.execPath, [path.join(dist, "cli.js"), ...args], {
        detached: true,
        stdio: ["ignore", "pipe", "pipe"],
        env: { ...process.env, CODER_SCALETEST_HOME: at.home },
      });
      const [stdout, stderr, ended] = [text(child.stdout), text(child.stderr), once(child, "close")];
      await eventually("some are made", () => journalOf(at.home).includes('"workspace"'));
      process.kill(-(child.pid ?? 0), "SIGINT");
      const [code] = await ended;
      expect((await stderr).match(/stopping and cleaning up/g)).toHaveLength(1);
      expect(JSON.parse(await stdout)).toMatchObject({
        outcome: { verdict: "interrupted", orphans: 0, left: { users: 0, workspaces: 0, tokens: 0 } },
      });
      expect(code).toBe(130);
      const runner = runnerPid(at.home);
      await eventually("the runner is gone", () => !alive(runner));
    });
  },
);
