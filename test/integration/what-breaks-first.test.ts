import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { runResultSchema } from "../../src/protocol/result.ts";
import type { StepRequest } from "../../src/protocol/step-request.ts";
import type { RunnerConnection } from "../../src/runner/client/connection.ts";
import { startRun } from "../../src/runner/client/start.ts";
import { runsFolder } from "../../src/runs/home.ts";
import type { FaultSettings } from "../../src/sandbox/faults/settings.ts";
import type { SandboxOptions } from "../../src/sandbox/server.ts";
import { onTime } from "../support/on-time.ts";
import { type Deployed, deploy, dismantle } from "./deployed.ts";
import { dist, runFolder } from "./product.ts";
import { ended, until } from "./step-runs.ts";

interface Staged {
  /** The rule that is to be named first, where the story is not called like it. */
  rule?: string;
  sandbox: SandboxOptions;
  step: StepRequest;
  thresholds?: string[];
  /** What is wrong with it from the start. */
  faults?: Partial<FaultSettings>;
  /** What is done to the deployment once it is under load. */
  meanwhile?(deployed: Deployed, run: RunnerConnection): void | Promise<void>;
  /** Prometheus pages that are read; by default the one of all replicas together. */
  pages?(url: string): string[];
}

function creating(count: number, concurrency = 0): StepRequest {
  const config = { template: "kubernetes", count, concurrency, ssh: false };
  return { name: "create", workload: "create-workspaces", config };
}

/** Ten messages a second on each of so many terminals. */
function typing(tickIntervalMs = 100, ssh = false): StepRequest {
  const config = { bytesPerTick: 64, tickIntervalMs, durationMs: 6_000, ssh, lateLimitMs: 60_000 };
  return { name: "type", workload: "workspace-traffic", config };
}

/** What is healthy here feels to its users as a deployment does that is late, where this process is. */
const LATE_MS = 150;
const QUICK: SandboxOptions = { buildTimeMs: [100, 200], deleteTimeMs: [20, 40] };
/** All connections are open, and what they do is measured. */
const holds = (run: RunnerConnection) => until(run, ({ steps: [step] }) => step?.holdAt !== undefined);

const STAGED: Record<string, Staged> = {
  provisioners: {
    sandbox: { ...QUICK, daemons: 1, buildTimeMs: [700, 800] },
    step: creating(8),
    pages: () => [],
  },
  database_pool: {
    sandbox: { ...QUICK, model: { databaseCores: 8, databasePool: 1, requestDatabaseMs: 15 } },
    step: creating(60),
  },
  database: {
    sandbox: { ...QUICK, model: { databaseCores: 2, requestDatabaseMs: 2 } },
    step: creating(24, 8),
    meanwhile: ({ sandbox }) => sandbox.deployment.faults.set({ databaseSlowdown: 200 }),
  },
  coderd_cpu: {
    sandbox: { ...QUICK, workspaces: 10, model: { coderdCores: 1, messageMs: 16 } },
    step: typing(),
  },
  rate_limit: {
    sandbox: { ...QUICK, rateLimit: 8 },
    step: creating(14),
    // Who waits for the rate limit waits for minutes: it is named while they wait.
    meanwhile: async (_deployed, run) => {
      await until(run, ({ bottlenecks }) => bottlenecks?.named[0]?.rule === "rate_limit");
      await run.stop(true);
    },
  },
  agents: {
    sandbox: QUICK,
    step: creating(4),
    thresholds: ["agent_connect.p95<1s"],
    faults: { agentConnectsAfterMs: 4_000 },
  },
  startup_scripts: {
    sandbox: QUICK,
    step: creating(4),
    thresholds: ["startup_script.p95<1s"],
    faults: { startupTakesMs: 4_000 },
  },
  replica: {
    sandbox: { ...QUICK, workspaces: 8, model: { replicas: 2, coderdCores: 2 } },
    step: typing(),
    pages: (url) => [0, 1].map((replica) => `${url}/replicas/${replica}/metrics`),
    meanwhile: async ({ sandbox }, run) => {
      await holds(run);
      await fault(sandbox.url, { replicaLeaves: 1 });
    },
  },
  "replica, restarted": {
    rule: "replica",
    sandbox: { ...QUICK, workspaces: 6, model: { coderdCores: 2 } },
    step: typing(),
    meanwhile: async ({ sandbox }, run) => {
      await holds(run);
      await fault(sandbox.url, { restart: 1_500 });
    },
  },
};

const HEALTHY: Record<string, Staged> = {
  "a creation": { sandbox: { ...QUICK, model: { coderdCores: 2, databaseCores: 1 } }, step: creating(8) },
  "terminals on a server that is busy": {
    sandbox: { ...QUICK, workspaces: 8, model: { coderdCores: 1, messageMs: 7, databaseCores: 1 } },
    step: typing(),
  },
  "SSH, by the API alone": {
    sandbox: { ...QUICK, workspaces: 3 },
    step: typing(200, true),
    pages: () => [],
  },
};

async function fault(url: string, body: object): Promise<void> {
  await fetch(`${url}/sandbox/faults`, { method: "POST", body: JSON.stringify(body) });
}

async function causesOf({ sandbox: options, step, thresholds = [], faults = {}, meanwhile, pages }: Staged) {
  const deployed = await deploy(options);
  const { sandbox, client, home } = deployed;
  sandbox.deployment.faults.set(faults);
  const urls = pages?.(new URL(sandbox.prometheusUrl).origin) ?? [sandbox.prometheusUrl];
  const run = await startRun({
    ...{ runs: runsFolder(home), runnerPath: path.join(dist, "runner.js"), title: "what breaks first" },
    ...{ steps: [step], thresholds, target: client.transport.target, endWithClient: true },
    ...{ guard: { tag: "production", limits: {} }, client: "test", product: "0" },
    serverMetrics: {
      sources: urls.map((url) => ({ kind: "prometheus", url, network: {} })),
      aroundMs: 2_200,
    },
  });
  await until(run, ({ state, steps: [first] }) => state === "finished" || first?.state === "active");
  await meanwhile?.(deployed, run);
  const { bottlenecks, outcome } = await ended(run);
  const file = path.join(runFolder(home), "result.json");
  const { causes } = runResultSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  run.dispose();
  await dismantle(deployed);
  return { bottlenecks, causes, outcome };
}

describe.concurrent("what breaks first", () => {
  for (const [story, staged] of Object.entries(STAGED))
    it(`is ${story} where the sandbox stages that`, async () => {
      const { rule = story } = staged;
      const { causes, bottlenecks } = await causesOf(staged);
      if (process.env.SHOW) console.log(rule, JSON.stringify(causes, null, 1));
      expect({ named: causes?.named.map((one) => one.rule), felt: causes?.felt }).toMatchObject({
        named: expect.arrayContaining([rule]),
      });
      const [first] = causes?.named ?? [];
      expect(first?.rule).toBe(rule);
      expect(first?.because.length).toBeGreaterThan(1);
      expect(first?.since).toEqual(expect.any(Number));
      expect(bottlenecks?.named[0]?.rule).toBe(rule);
    });

  for (const [name, staged] of Object.entries(HEALTHY))
    it(`is nothing in ${name}`, async () => {
      const { causes, outcome } = await onTime(
        LATE_MS,
        () => causesOf(staged),
        (tried) => tried.outcome?.verdict !== "invalid",
      );
      if (process.env.SHOW) console.log(name, outcome?.verdict, JSON.stringify(causes, null, 1));
      expect(causes?.named).toEqual([]);
    });
});
