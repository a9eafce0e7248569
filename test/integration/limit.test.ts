import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runResultSchema } from "../../src/protocol/result.ts";
import { NO_LOAD_MODEL } from "../../src/sandbox/model/load-model.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { onTime } from "../support/on-time.ts";
import { CommandLine, eventually, processesOf, run, runnerPid } from "./product.ts";

/** A deployment that carries 250 messages a second: 25 connections that send ten a second each. */
const CARRIES = 250;
const CAPACITY = 25;
const WORKSPACES = 3;
/** A deployment that is later than that breaks the objective by itself. */
const LATE_MS = 200;
let sandbox: Sandbox;
let folder: string;
const env = () => ({ CODER_URL: sandbox.url, CODER_SESSION_TOKEN: sandbox.token });

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "scaletest-limit-"));
  const model = { ...NO_LOAD_MODEL, coderdCores: 1, requestMs: 0, requestDatabaseMs: 0, buildCpuSeconds: 0 };
  sandbox = await startSandbox({ buildTimeMs: [50, 100], model: { ...model, messageMs: 1_000 / CARRIES } });
  const create = ["create-workspaces", "--count", String(WORKSPACES), "--template", "kubernetes"];
  const made = await run([...create, "--concurrency", "0", "--no-cleanup", "--no-ssh"], env());
  expect(made.code, made.stderr).toBe(0);
});
afterAll(async () => {
  await sandbox.close();
  rmSync(folder, { recursive: true, force: true });
});

const search = (from: number, to: number, ...more: string[]) =>
  new CommandLine(
    [
      ...["limit", "workspace-traffic", "--vary", "connections", "--from", String(from), "--to", String(to)],
      ...["--bytes-per-tick", "40", "--tick-interval", "100ms", "--late-limit", "1m", "--pace", "quick"],
      ...["--threshold", "round_trip.p95<300ms", "--output", "json", ...more],
    ],
    env(),
  );

describe("a search for the largest load", () => {
  it("finds what the deployment carries, opens what its levels use and none twice, and leaves nothing", async () => {
    const asked = `of=answer&limit_ms=300&messages_per_second=10`;
    const model = await fetch(`${sandbox.url}/sandbox/model?${asked}`);
    const right = (await model.json()) as { largestLoad: number; bottleneck: string };
    expect(right).toMatchObject({ largestLoad: CAPACITY, bottleneck: "coderd_cpu" });

    const text = path.join(folder, "limit.txt");
    const watched = ["--server-metrics", sandbox.prometheusUrl, "--server-metrics-around", "2500ms"];
    const found = () => search(20, 400, "--precision", "50%", ...watched, "--output", `text:${text}`).ended;
    const ended = await onTime(LATE_MS, found, ({ code }) => code === 0);
    expect(ended.code, ended.stderr).toBe(0);
    const { limit, outcome, traffic } = runResultSchema.parse(JSON.parse(ended.stdout));
    expect(limit?.end, ended.stderr).toMatchObject({
      ...{ kind: "found", passing: { level: 20 }, failing: { level: 28 } },
      first_broken: "round_trip.p95<300ms",
    });
    // Of the level that breaks, not of those below it: what is named there is the right answer.
    expect(limit?.bottleneck).toMatchObject({ level: 28, rule: right.bottleneck });
    expect(readFileSync(text, "utf8")).toMatch(
      /At 28, what breaks first: coderd has no CPU left \(round trips take /,
    );
    expect(outcome).toMatchObject({ verdict: "passed", orphans: 0 });
    expect(limit?.levels.map(({ level, verdict }) => [level, verdict])).toEqual([
      [20, "passes"],
      [28, "breaks"],
      [40, "breaks"],
    ]);
    expect(traffic).toMatchObject({ total: { connections: { opened: 40, dropped: 0 } } });
  }, 300_000);

  it("stopped by hand, it tells the levels so far, and leaves nothing", async () => {
    const line = search(5, 100);
    await line.until(/search: 5 passes/);
    line.child.kill("SIGINT");
    const { code, stdout } = await line.ended;
    const { limit, outcome } = runResultSchema.parse(JSON.parse(stdout));
    expect(code).toBe(outcome.exitCode);
    expect(outcome).toMatchObject({ verdict: "interrupted", orphans: 0 });
    expect(limit?.end).toMatchObject({ kind: "so_far", why: "stopped", passing: { level: 5 } });
  });

  it("its runner killed in the second of two, it has the first, and what it left is gone by its journal", async () => {
    const line = search(20, 36, "--precision", "100%", "--and", "rate=10,12");
    // What was said last may not have been written down yet; what came before it was.
    await line.until(/search: 12 messages a second of each connection from now on[\s\S]*search: 20 passes/);
    process.kill(runnerPid(line.home), "SIGKILL");
    const { stdout } = await line.ended;
    const { limit } = runResultSchema.parse(JSON.parse(stdout));
    expect(limit?.grid).toMatchObject({
      vary: "messages_per_connection",
      rows: [
        { value: 10, end: { kind: "found", passing: { level: 20 }, failing: { level: 36 } } },
        { value: 12, end: { kind: "so_far", why: "running" } },
      ],
    });
    const listed = async () => {
      const { stdout: list } = await new CommandLine(["runs", "--json"], env(), line.home).ended;
      return JSON.parse(list) as { id: string; left: number }[];
    };
    const [killed] = await listed();
    expect(killed).toMatchObject({ state: "interrupted" });
    expect(killed?.left).toBeGreaterThan(0);
    const cleaned = await new CommandLine(["runs", "clean", killed?.id ?? "", "--yes"], env(), line.home)
      .ended;
    expect(cleaned.code, cleaned.stderr).toBe(0);
    expect((await listed()).find(({ id }) => id === killed?.id)).toMatchObject({ left: 0 });
    await eventually("nothing runs any more", () => processesOf(line.home).length === 0);
  });
});
