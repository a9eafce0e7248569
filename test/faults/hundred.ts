import { readFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { CoderClient } from "../../src/coder/client.ts";
import { createRandom } from "../../src/sandbox/random.ts";
import type { Sandbox, SandboxOptions } from "../../src/sandbox/server.ts";
import { deploy, dismantle, envOf, leftOn } from "../integration/deployed.ts";
import { alive, CommandLine, eventually, runFolder, runnerPid } from "../integration/product.ts";

/** The same moments in every run of the suite. */
const SEED = Number(process.env.SEED ?? 1);
export const NOTHING = { workspaces: 0, users: 0 };

const HUNDRED = [
  ...["create-workspaces", "--template", "kubernetes", "--count", "100", "--concurrency", "0"],
  ...["--no-ssh", "--run-command", "sleep 1"],
];

/** A sandbox for each test, and runs of a hundred workspaces in it. */
export function hundredInSandbox() {
  let deployed: { sandbox: Sandbox; client: CoderClient; home: string };
  beforeEach(async () => {
    const times = { buildTimeMs: [200, 600], deleteTimeMs: [50, 150] } satisfies SandboxOptions;
    deployed = await deploy({ ...times, daemons: 30, seed: SEED });
  });
  afterEach(() => dismantle(deployed));
  const cli = (args: string[], more: Record<string, string> = {}) =>
    new CommandLine(args, { ...envOf(deployed.sandbox), ...more }, deployed.home);
  return {
    cli,
    hundred: HUNDRED,
    sandbox: () => deployed.sandbox,
    home: () => deployed.home,
    left: () => leftOn(deployed.client),
    async start(more: Record<string, string> = {}): Promise<{ id: string; pid: number }> {
      const ended = await cli([...HUNDRED, "--detach"], more).ended;
      if (ended.code !== 0) throw new Error(ended.stderr);
      return { id: ended.stdout.trim(), pid: runnerPid(deployed.home) };
    },
    async clean(): Promise<void> {
      const { code, stderr } = await cli(["runs", "clean", "--all", "--yes"]).ended;
      expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
    },
  };
}

/** Twenty moments within the first five seconds of a run. */
export const MOMENTS = (() => {
  const random = createRandom(SEED);
  return Array.from({ length: 20 }, () => Math.round(random.between([0, 5_000])));
})();

/** Kills the runner at each of these moments, and recovers. */
export function killedAt(moments: readonly number[]): void {
  const { start, clean, left, home } = hundredInSandbox();
  it.each(moments)(
    "after %i ms: recovery leaves nothing, and its record goes up to its end",
    async (moment) => {
      const { pid } = await start();
      const began = Date.now();
      await new Promise((resolve) => setTimeout(resolve, moment));
      const lived = alive(pid);
      if (lived) process.kill(pid, "SIGKILL");
      const killedAfter = Date.now() - began;
      await eventually("the runner is gone", () => !alive(pid));
      const folder = runFolder(home());
      await clean();
      expect(await left()).toEqual(NOTHING);
      const lines = readFileSync(path.join(folder, "seconds.ndjson"), "utf8").split("\n");
      // The last line may be torn; every one before it is whole.
      const whole = lines.slice(0, -1).map((line) => JSON.parse(line) as { second: number });
      // A second is closed when all threads have had the time to tell of it.
      const until = ((whole.at(-1)?.second ?? -1) + 1) * 1_000;
      if (lived && killedAfter > 2_500) expect(until).toBeGreaterThan(killedAfter - 2_500);
    },
  );
}
