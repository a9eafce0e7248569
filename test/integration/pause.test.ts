import { readFileSync } from "node:fs";
import path from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { StepSecond } from "../../src/measure/seconds.ts";
import { viewOf } from "../../src/protocol/steps.ts";
import { RunnerConnection } from "../../src/runner/client/connection.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { english, say } from "../../src/text/message.ts";
import { envOf } from "./deployed.ts";
import { CommandLine, eventually, newHome, removeFolder, run, runFolder } from "./product.ts";

const WORKSPACES = 6;
/** Ticks of 100 ms. */
const A_SECOND = WORKSPACES * 10;
let sandbox: Sandbox;
const homes: string[] = [];
const lines: CommandLine[] = [];

beforeAll(async () => {
  sandbox = await startSandbox({ buildTimeMs: [50, 100] });
  const make = ["create-workspaces", "--count", String(WORKSPACES), "--template", "all-parameters"];
  const flags = ["--parameter", "region=eu", "--concurrency", "0", "--no-cleanup", "--no-ssh"];
  expect((await run([...make, ...flags], envOf(sandbox))).code).toBe(0);
});
afterEach(async () => {
  // A test that fails leaves its run paused, which would wait for ever.
  const left = lines.splice(0).filter((line) => line.child.exitCode === null);
  for (const { home } of left)
    await RunnerConnection.attach(runFolder(home), "test").then((to) => to.stop(true));
  await Promise.all(left.map((line) => line.ended));
  for (const home of homes.splice(0)) removeFolder(home);
});
afterAll(() => sandbox.close());

interface Second {
  second: number;
  steps: Record<string, StepSecond>;
}

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** A run of traffic that is watched from elsewhere, too. */
async function started(...flags: string[]) {
  const home = newHome();
  homes.push(home);
  const args = ["workspace-traffic", "--output", "json", "--late-limit", "1m", ...flags];
  const line = new CommandLine(args, envOf(sandbox), home);
  lines.push(line);
  await eventually("the run has begun", () => hasRunner(home));
  const watcher = await RunnerConnection.attach(runFolder(home), "test");
  const seconds = (): Second[] =>
    readFileSync(path.join(runFolder(home), "seconds.ndjson"), "utf8")
      .trim()
      .split("\n")
      .filter((text) => text.startsWith('{"second":'))
      .map((text) => JSON.parse(text) as Second);
  return { line, watcher, seconds };
}

/** A figure as the run shows it; undefined before it is known. */
async function shown(watcher: RunnerConnection, key: string): Promise<number | undefined> {
  const snapshot = await watcher.refresh().catch(() => undefined);
  return snapshot && viewOf(snapshot).figures[key]?.value;
}

/** How many are open; undefined before the run has begun. */
const active = (watcher: RunnerConnection) => shown(watcher, 'open_connections{state="active"}.last@second');

function hasRunner(home: string): boolean {
  try {
    return readFileSync(path.join(runFolder(home), "run.json"), "utf8").includes('"socket"');
  } catch {
    return false;
  }
}

describe("a pause of traffic", () => {
  it("sends nothing, holds the connections, stops the clock, and is left out of the figures", async () => {
    const { line, watcher, seconds } = await started("--duration", "3s");
    await line.until(/measured for/);
    await wait(1_000);
    expect(english(await watcher.pause(true))).toMatch(/nothing is sent, connections stay open/);
    // A second is closed a moment after its end.
    await wait(2_200);
    const before = viewOf(await watcher.refresh());
    await wait(2_300);
    const snapshot = viewOf(await watcher.refresh());
    expect(snapshot.paused).toBe(true);
    expect(snapshot.figures["offered_bytes.rate@second"]?.value ?? 0).toBe(0);
    expect(snapshot.figures["ticks.sent"]).toEqual(before.figures["ticks.sent"]);
    expect(snapshot.part?.remainingMs).toBe(before.part?.remainingMs);
    expect(snapshot.figures['open_connections{state="active"}.last@second']?.value).toBe(WORKSPACES);
    expect(await watcher.pause(false)).toEqual(say("resumed"));
    const { code, stdout } = await line.ended;
    watcher.dispose();
    const { traffic, elapsed_ms: elapsed } = JSON.parse(stdout);
    expect(code).toBe(0);
    expect(elapsed).toBeGreaterThan(6_500);
    expect(traffic.measured_ms).toBeGreaterThan(2_990);
    expect(traffic.measured_ms).toBeLessThan(3_010);
    const { due, sent, echoed, missed, lost } = traffic.total.ticks;
    // One tick more or less for each connection, at the edges of the window.
    expect(Math.abs(due - 3 * A_SECOND)).toBeLessThanOrEqual(2 * WORKSPACES);
    expect([sent, echoed, missed, lost]).toEqual([due, due, 0, 0]);
    expect(traffic.total.round_trip_ms.max).toBeLessThan(2_000);
    expect(traffic.total.connections.dropped).toBe(0);
    const paused = seconds().flatMap(({ steps }) => Object.values(steps).filter((one) => one.paused));
    expect(paused.length).toBeGreaterThanOrEqual(3);
    // In the first it was paused on the way, and in the last it went on.
    for (const { values, ms } of paused.slice(1, -1)) {
      expect(ms).toBe(0);
      expect(Object.keys(values.measured ?? {}).filter((key) => key.startsWith("ticks"))).toEqual([]);
    }
  });

  it("holds a ramp where it is, and the ramp goes on from there", async () => {
    const { line, watcher } = await started("--duration", "1s", "--ramp", "12s");
    await eventually("two are open", async () => ((await active(watcher)) ?? 0) >= 2);
    await watcher.pause(true);
    await wait(2_200);
    const held = await shown(watcher, "connections.opened");
    await wait(1_500);
    expect(await shown(watcher, "connections.opened")).toBe(held);
    expect(held).toBeLessThan(WORKSPACES);
    await watcher.pause(false);
    const { code, stdout } = await line.ended;
    watcher.dispose();
    const { traffic, elapsed_ms: elapsed } = JSON.parse(stdout);
    expect(code).toBe(0);
    expect(traffic.total.connections.opened).toBe(WORKSPACES);
    expect(elapsed).toBeGreaterThan(12_000 + 3_700 + 1_000);
  });

  it("counts for no time limit of the run", async () => {
    const { line, watcher } = await started("--duration", "1s", "--timeout", "2s");
    await line.until(/measured for/);
    await watcher.pause(true);
    await wait(2_500);
    await watcher.pause(false);
    expect((await line.ended).code).toBe(0);
    watcher.dispose();
  });
});
