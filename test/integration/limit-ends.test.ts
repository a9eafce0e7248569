import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RunResult, runResultSchema } from "../../src/protocol/result.ts";
import { NO_LOAD_MODEL } from "../../src/sandbox/model/load-model.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { onTime } from "../support/on-time.ts";
import { CommandLine, eventually, processesOf, removeFolder, run } from "./product.ts";

/** A deployment that carries 120 messages a second. */
const CARRIES = 120;
const WORKSPACES = 4;
const PER_SECOND = 10;
let limited: Sandbox;
let free: Sandbox;
/** Searches at the same time do not share workspaces. */
let other: Sandbox;
let folder: string;
const envOf = (sandbox: Sandbox) => ({ CODER_URL: sandbox.url, CODER_SESSION_TOKEN: sandbox.token });

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "scaletest-limits-"));
  const model = { ...NO_LOAD_MODEL, coderdCores: 1, requestMs: 0, requestDatabaseMs: 0, buildCpuSeconds: 0 };
  const buildTimeMs: [number, number] = [50, 100];
  [limited, free, other] = await Promise.all([
    startSandbox({ buildTimeMs, model: { ...model, messageMs: 1_000 / CARRIES } }),
    startSandbox({ buildTimeMs }),
    startSandbox({ buildTimeMs }),
  ]);
  const create = ["create-workspaces", "--count", String(WORKSPACES), "--template", "kubernetes"];
  const make = async (sandbox: Sandbox) => {
    const made = await run([...create, "--concurrency", "0", "--no-cleanup", "--no-ssh"], envOf(sandbox));
    expect(made.code, made.stderr).toBe(0);
  };
  await Promise.all([limited, free, other].map(make));
});
afterAll(async () => {
  await Promise.all([limited, free, other].map((sandbox) => sandbox.close()));
  removeFolder(folder);
});

function scenario(name: string, ...lines: string[]): string {
  const file = path.join(folder, `${name}.scaletest.yaml`);
  writeFileSync(file, `${lines.join("\n")}\n`);
  return file;
}

async function resultOf(line: CommandLine): Promise<RunResult & { code: number | null; stderr: string }> {
  const { code, stdout, stderr } = await line.ended;
  expect(stdout, stderr).not.toBe("");
  return { ...runResultSchema.parse(JSON.parse(stdout)), code, stderr };
}

const TRAFFIC = "bytesPerTick: 40, tickInterval: 100ms, lateLimit: 1m";
/** A deployment that is later than that breaks the objectives by itself. */
const LATE_MS = 150;
const QUICK = ["--pace", "quick", "--output", "json"];

describe.concurrent("the ends of a search", () => {
  it("by the users of a mixed scenario is what the deployment's own model says", async () => {
    const asked = `of=answer&limit_ms=200&messages_per_second=${PER_SECOND}`;
    const { largestLoad } = (await (await fetch(`${limited.url}/sandbox/model?${asked}`)).json()) as {
      largestLoad: number;
    };
    expect(largestLoad).toBe(CARRIES / PER_SECOND);
    const file = scenario(
      "mixed",
      "steps:",
      `  - traffic: { ${TRAFFIC}, share: 50% }`,
      "    name: terminals",
      "    hold: 1m",
      `  - traffic: { ${TRAFFIC}, share: 50% }`,
      "    name: more",
      "    with: terminals",
      'thresholds: ["round_trip{step=terminals}.p95 < 200ms", "round_trip{step=more}.p95 < 200ms"]',
      "search: { vary: users, from: 8, to: 64, precision: 100% }",
    );
    const { limit, outcome, code, stderr } = await onTime(
      LATE_MS,
      () => resultOf(new CommandLine(["run", file, ...QUICK], envOf(limited))),
      ({ code: exit }) => exit === 0,
    );
    expect(code, stderr).toBe(0);
    expect(outcome).toMatchObject({ verdict: "passed", orphans: 0 });
    expect(limit?.parts).toMatchObject([
      { step: "terminals", share: 0.5 },
      { step: "more", share: 0.5 },
    ]);
    const end = limit?.end;
    if (end?.kind !== "found") throw new Error(JSON.stringify(end));
    expect(end.passing.level).toBeLessThanOrEqual(largestLoad);
    expect(end.failing.level).toBeGreaterThan(largestLoad);
  }, 300_000);

  it("says that a deployment without a limit passed the ceiling; left to itself, it ends all the same", async () => {
    const detached = new CommandLine(
      [
        ...["limit", "workspace-traffic", "--vary", "connections", "--from", "4", "--to", "8", "--detach"],
        ...["--bytes-per-tick", "40", "--tick-interval", "100ms", "--late-limit", "1m", "--pace", "quick"],
        ...["--threshold", "round_trip.p95<2s"],
      ],
      envOf(free),
    );
    const { code, stdout, stderr } = await detached.ended;
    expect(code, stderr).toBe(0);
    const id = stdout.trim();
    const env = { ...envOf(free), CODER_SCALETEST_HOME: detached.home };
    const watched = await new CommandLine(["runs", "watch", id], env, detached.home).ended;
    expect(watched.code, watched.stderr).toBe(0);
    const shown = await new CommandLine(["runs", "show", id, "--json"], env, detached.home).ended;
    const result = runResultSchema.parse(JSON.parse(shown.stdout));
    expect(result.limit?.end).toMatchObject({ kind: "not_reached", ceiling: { level: 8 } });
    expect(result.outcome).toMatchObject({ verdict: "passed", orphans: 0 });
    await eventually("nothing runs any more", () => processesOf(detached.home).length === 0);
    removeFolder(detached.home);
  });

  it("is no number where the generator is too slow", async () => {
    const line = new CommandLine(
      [
        ...["limit", "workspace-traffic", "--vary", "connections", "--from", "4", "--to", "8"],
        ...["--bytes-per-tick", "40", "--tick-interval", "100ms", "--inject-lateness", "150ms"],
        ...["--threshold", "round_trip.p95<2s", ...QUICK],
      ],
      envOf(other),
    );
    const { limit, outcome, code } = await resultOf(line);
    expect(code).toBe(4);
    expect(outcome).toMatchObject({ verdict: "invalid", orphans: 0 });
    expect(limit?.end).toMatchObject({ kind: "invalid", level: 4 });
    expect(JSON.stringify(limit?.end)).not.toMatch(/passing|failing/);
  });

  it("of a file with a mistake is one line at its place, and nothing is run", async () => {
    const file = scenario(
      "wrong",
      "steps:",
      "  - traffic: {}",
      'thresholds: ["round_trip.p95<1s"]',
      "search: { vary: builds, from: 1, to: 2 }",
    );
    const { code, stderr } = await new CommandLine(["limit", file], envOf(free)).ended;
    expect(code).toBe(2);
    expect(stderr).toContain(`${file}:4:17: error: no step has builds that could be varied`);
  });
});
