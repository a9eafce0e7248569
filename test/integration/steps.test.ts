import { readFileSync, statSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { readRecord } from "../../src/app/runs/record.ts";
import { runResultSchema } from "../../src/protocol/result.ts";
import type { Snapshot } from "../../src/protocol/snapshot.ts";
import type { StepRequest } from "../../src/protocol/step-request.ts";
import type { RunnerConnection } from "../../src/runner/client/connection.ts";
import { english } from "../../src/text/message.ts";
import { type Deployed, deploy, dismantle, envOf, leftOn } from "./deployed.ts";
import { CommandLine, eventually, runFolder, runnerPid } from "./product.ts";
import { CREATE, ended, startSteps, until } from "./step-runs.ts";

let deployed: Deployed;
let running: RunnerConnection | undefined;

beforeEach(async () => {
  deployed = await deploy({ buildTimeMs: [50, 100] });
});
afterEach(async () => {
  running?.dispose();
  await dismantle(deployed);
});

const traffic = (name: string, durationMs: number, begin?: StepRequest["begin"]): StepRequest => ({
  name,
  workload: "workspace-traffic",
  config: { durationMs, lateLimitMs: 60_000, rampMs: 0, warmUpMs: 0 },
  ...(begin ? { begin } : {}),
});

async function start(steps: StepRequest[]): Promise<RunnerConnection> {
  running = await startSteps(deployed, steps, { guard: { tag: "production", limits: { connections: 100 } } });
  return running;
}

const trafficSchema = z.object({
  total: z.object({ ticks: z.object({ echoed: z.number(), due: z.number() }) }),
});

/** Messages that were due in the last second of the newest step that is at work or was. */
const rate = ({ steps }: Snapshot) => steps.at(-1)?.figures['ticks{outcome="due"}.rate@second']?.value ?? 0;

const left = () => leftOn(deployed.client);
const NOTHING = { workspaces: 0, users: 0 };
const cli = (...args: string[]) => new CommandLine(args, envOf(deployed.sandbox), deployed.home);

describe("a run of several steps on a deployment", () => {
  it("sends traffic to what its first step has made, at the same time in two steps, and leaves nothing", async () => {
    const run = await start([
      CREATE,
      traffic("terminals", 3_000),
      traffic("more", 60_000, { kind: "with", step: "terminals" }),
    ]);
    const { outcome, steps, stages } = await ended(run);
    expect(outcome).toMatchObject({ verdict: "passed", exitCode: 0, succeeded: 12, failed: 0, orphans: 0 });
    expect(steps.map(({ state, verdict }) => [state, verdict])).toEqual([
      ["done", "passed"],
      ["done", "passed"],
      ["done", "passed"],
    ]);
    // Clean-up in reverse: tokens of the traffic, then what was made.
    expect(stages.map(({ label }) => english(label)).slice(-3)).toEqual([
      "Revoke tokens",
      "Revoke tokens",
      "Clean up",
    ]);
    expect(await left()).toEqual(NOTHING);
    const result = runResultSchema.parse(
      JSON.parse(readFileSync(path.join(runFolder(deployed.home), "result.json"), "utf8")),
    );
    const { terminals, more, create } = result.steps ?? {};
    expect(create?.ready_ms.count).toBe(4);
    const echoes = (step: typeof terminals) => trafficSchema.parse(step?.traffic).total.ticks;
    expect(echoes(terminals).echoed).toBe(echoes(terminals).due);
    expect(echoes(terminals).due).toBeGreaterThan(100);
    expect(echoes(more).echoed).toBeGreaterThan(50);
    // It went along with the other, and did not go on for its minute.
    expect((more?.ended_ms ?? 0) - (terminals?.ended_ms ?? 0)).toBeLessThan(2_000);
  });

  it("is recovered after its runner was killed in its third step: nothing is left, and what was measured is there", async () => {
    const run = await start([CREATE, traffic("first", 1_500), traffic("terminals", 60_000)]);
    await until(run, (snapshot) => rate(snapshot) > 30);
    await eventually("the run has kept how it looks", async () => {
      const { snapshot, samples = [] } = (await readRecord(run.folder)) ?? {};
      const isMeasured = samples.some(({ step, outside }) => step === "terminals" && !outside);
      const figure = snapshot?.steps[2]?.figures["round_trip.p95"];
      return snapshot?.steps[0]?.ready !== undefined && (figure?.value ?? 0) > 0 && isMeasured;
    });
    process.kill(runnerPid(deployed.home), "SIGKILL");
    await eventually("the run is known as interrupted", async () => {
      const line = await cli("runs", "--json").ended;
      return line.stdout.includes('"interrupted"');
    });
    expect(await left()).toEqual({ workspaces: 4, users: 4 });
    expect((await cli("runs", "clean", "--all", "--yes").ended).code).toBe(0);
    expect(await left()).toEqual(NOTHING);
    const { snapshot, samples } = (await readRecord(run.folder)) ?? {};
    expect(snapshot).toMatchObject({ state: "crashed", outcome: null });
    expect(snapshot?.steps[0]).toMatchObject({ name: "create", state: "done", ready: { count: 4 } });
    const measured = samples?.filter(({ step, outside }) => step === "terminals" && !outside);
    expect(measured?.length).toBeGreaterThan(0);
    expect(snapshot?.steps.map(({ figures }) => (figures["round_trip.p95"]?.value ?? 0) > 0)).toEqual([
      false,
      true,
      true,
    ]);
    const html = path.join(deployed.home, "report.html");
    const reported = await cli("runs", "report", run.runId, "--output", `html:${html}`).ended;
    expect([reported.code, reported.stderr]).toEqual([0, ""]);
    const shown = await cli("runs", "show", run.runId).ended;
    expect(shown.stdout.split("\n").filter((line) => line.startsWith("Step "))).toEqual([
      expect.stringMatching(/^Step create \(create-workspaces\): passed in /),
      expect.stringMatching(/^Step first \(workspace-traffic\): passed in /),
      "Step terminals (workspace-traffic): not ended",
    ]);
    expect(shown.stdout).toMatch(
      /not ended\n {2}under way when the runner died\n[\s\S]*round trip p95 +[\d.]+m?s\n/,
    );
    expect(statSync(html).size).toBeGreaterThan(10_000);
  });

  it("has its level changed while it runs, from the command line, and no connection is opened again", async () => {
    const run = await start([CREATE, traffic("terminals", 60_000)]);
    await until(run, (snapshot) => rate(snapshot) >= 35 && rate(snapshot) <= 45);
    const id = run.runId;
    const changed = await cli("runs", "level", id, "messages_per_second=120", "--step", "terminals").ended;
    expect([changed.code, changed.stdout]).toEqual([
      0,
      `${id}: step "terminals": 120 messages a second from now on\n`,
    ]);
    await until(run, (snapshot) => rate(snapshot) >= 115 && rate(snapshot) <= 125);
    const wrong = await cli("runs", "level", id, "messages_per_second=fast").ended;
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringMatching(/write it like concurrency=20/)]);
    const none = await cli("runs", "level", id, "concurrency=2").ended;
    expect([none.code, none.stderr]).toEqual([
      3,
      expect.stringMatching(/which step\? the run has create, terminals/),
    ]);
    await run.stop(false);
    const { outcome, steps } = await ended(run);
    expect(outcome).toMatchObject({ verdict: "interrupted", failed: 0, orphans: 0 });
    expect(steps[1]?.figures["connections.opened"]?.value).toBe(4);
  });

  it("does not begin where what its steps do cannot be checked, and says which", async () => {
    await expect(start([CREATE, traffic("t", 1_000, { kind: "after", step: "x" })])).rejects.toThrow(
      /step "t" refers to step "x", which does not exist/,
    );
    await expect(start([CREATE, { name: "x", workload: "nothing", config: {} }])).rejects.toThrow(
      /there is no workload "nothing"/,
    );
  });
});
