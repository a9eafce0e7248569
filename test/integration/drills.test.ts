import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import type { EnglishDrilled } from "../../src/protocol/drill.ts";
import { runResultSchema } from "../../src/protocol/result.ts";
import { type SandboxOptions, startSandbox } from "../../src/sandbox/server.ts";
import { envOf } from "./deployed.ts";
import { CommandLine, eventually, processesOf, removeFolder } from "./product.ts";

/** Runs a scenario, and says what drills its result and its text have. */
async function drilled(
  options: SandboxOptions,
  of: {
    scenario(drill: (...faults: (object | number)[]) => string): string;
    metrics(url: string): string[];
    staleMs?: number;
  },
) {
  const folder = mkdtempSync(path.join(tmpdir(), "scaletest-drills-"));
  const home = path.join(folder, "home");
  const sandbox = await startSandbox(options);
  sandbox.deployment.faults.set({ daemonStaleMs: of.staleMs ?? 90_000 });
  const file = path.join(folder, "drills.scaletest.yaml");
  writeFileSync(
    file,
    of.scenario((...faults) => programOf(sandbox.url, faults)),
  );
  const result = path.join(folder, "result.json");
  const words = ["run", file, "--allow-run", "--server-metrics-around", "2s"];
  const sources = of
    .metrics(new URL(sandbox.prometheusUrl).origin)
    .flatMap((one) => ["--server-metrics", one]);
  const outputs = ["--output", "text", "--output", `json:${result}`];
  const { stdout } = await new CommandLine([...words, ...sources, ...outputs], envOf(sandbox), home).ended;
  const { causes } = runResultSchema.parse(JSON.parse(readFileSync(result, "utf8")));
  await eventually("no process is left", () => processesOf(home).length === 0, 20_000);
  await sandbox.close();
  removeFolder(folder);
  if (process.env.SHOW) console.log(stdout);
  return { drills: causes?.drills ?? [], stdout };
}

/** A step that does one fault after the other; a number is a pause in milliseconds. */
function programOf(url: string, faults: readonly (object | number)[]): string {
  const parts = faults.map((one) =>
    typeof one === "number"
      ? `await new Promise((go) => setTimeout(go, ${one}));`
      : `await fetch("${url}/sandbox/faults", { method: "POST", body: ${JSON.stringify(JSON.stringify(one))} });`,
  );
  const source = `(async () => { ${parts.join(" ")} })()`;
  return `run: { args: ${JSON.stringify([process.execPath, "-e", source])} }`;
}

function lineOf(drill: EnglishDrilled | undefined, what: string) {
  const line = drill?.lines.find((one) => one.what === what);
  if (!line) throw new Error(`no line "${what}" in ${JSON.stringify(drill)}`);
  return { promised: line.promised.value, seen: line.seen.value };
}

describe.concurrent("drills by a scenario", () => {
  it("say what two of three provisioner daemons were building, and how much longer builds then wait", async () => {
    const { drills, stdout } = await drilled(
      { daemons: 3, buildTimeMs: [900, 1_000], deleteTimeMs: [10, 20] },
      {
        scenario: (drill) => `steps:
  - create: { template: kubernetes, count: 24, concurrency: 9, ssh: false }
  - ${drill({ daemonsLeave: 2 }, 5_000, { daemonsReturn: 2 })}
    at: create + 3s
    name: daemons
`,
        metrics: () => ["api"],
        staleMs: 0,
      },
    );
    expect(drills.map((one) => one.drill)).toEqual(["provisioner_loss"]);
    const [loss] = drills;
    expect(lineOf(loss, "builds at once")).toEqual({ promised: 1, seen: 1 });
    const lost = lineOf(loss, "builds lost");
    expect(lost.promised).toBe(2);
    expect(lost.seen).toBeGreaterThanOrEqual(1);
    expect(lost.seen).toBeLessThanOrEqual(2);
    const queue = lineOf(loss, "wait for a daemon");
    expect(queue.promised).toBe(3);
    expect(queue.seen).toBeGreaterThan(1.2);
    expect(stdout).toMatch(
      /Drill: Provisioner daemons were lost, at 00:\d\d\n {4}builds at once: promised at most 1/,
    );
  });

  it("say that a pause of the database costs no terminal, and a replica its part of them and of users", async () => {
    const { drills, stdout } = await drilled(
      {
        ...{ workspaces: 8, daemons: 4, buildTimeMs: [300, 1_800], deleteTimeMs: [10, 20] },
        model: { replicas: 2, databaseCores: 2 },
      },
      {
        scenario: (drill) => `steps:
  - traffic: { over: terminal, rate: 1KB/s, reconnect: true, connections-per-workspace: 2, late-limit: 1m }
    name: terminals
    hold: 12s
  - create: { template: kubernetes, count: 200, concurrency: 8, ssh: false }
    with: terminals
  - ${drill({ databasePaused: true }, 2_000, { databasePaused: false })}
    at: terminals + 2s
    name: pause
  - ${drill({ replicaLeaves: 1 })}
    at: terminals + 6s
    name: leave
`,
        metrics: (url) => [0, 1].map((replica) => `${url}/replicas/${replica}/metrics`),
      },
    );
    expect(drills.map((one) => one.drill)).toEqual(["database_pause", "replica_loss"]);
    const [pause, loss] = drills;
    expect(lineOf(pause, "connections lost")).toEqual({ promised: 0, seen: 0 });
    expect(lineOf(pause, "slowest API call").promised).toBeGreaterThan(1_900);
    // Whoever asked for something waited: a call, or a build that was to end.
    const waited = ["slowest API call", "builds"].map((what) => lineOf(pause, what).seen ?? 0);
    expect(Math.max(...waited)).toBeGreaterThan(1_000);
    const connections = lineOf(loss, "connections lost");
    expect(connections.promised).toBe(0.5);
    expect(connections.seen).toBeGreaterThan(0);
    expect(lineOf(loss, "users who lost a connection").promised).toBe(0.75);
    const sessions = lineOf(loss, "terminals that found their session again");
    expect(sessions.seen).toBe(sessions.promised);
    expect(stdout).toContain("Drill: The database stood still, at ");
  });
});
