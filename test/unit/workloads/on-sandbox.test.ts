import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { preflight } from "../../../src/app/preflight.ts";
import { CoderClient } from "../../../src/coder/client.ts";
import { allTokens } from "../../../src/coder/tokens.ts";
import { Run } from "../../../src/engine/run.ts";
import type { Outcome } from "../../../src/protocol/snapshot.ts";
import { type Sandbox, type SandboxOptions, startSandbox } from "../../../src/sandbox/server.ts";
import { english } from "../../../src/text/message.ts";
import { workloadNamed } from "../../../src/workloads/index.ts";

/** Every workload in the engine, in this process, against a sandbox that builds at once. */
const root = fileURLToPath(new URL("../../..", import.meta.url));
const folder = mkdtempSync(path.join(tmpdir(), "scaletest-workloads-"));
const shardScript = path.join(folder, "shard.cjs");
const FAST: SandboxOptions = { buildTimeMs: [20, 60], deleteTimeMs: [10, 30], daemons: 20 };
let runs = 0;
/** The newest of each. */
const runOf = new WeakMap<Sandbox, number>();
const idOf = (run: number) => `test${String(run).padStart(4, "0")}`;

beforeAll(async () => {
  await build({
    stdin: {
      contents: `import { serveThread } from "./src/load/thread-entry.ts"; import { probes } from "./src/workloads/probes.ts"; serveThread(probes);`,
      resolveDir: root,
    },
    bundle: true,
    platform: "node",
    external: ["cpu-features", "*.node"],
    outfile: shardScript,
    logLevel: "silent",
  });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Step {
  name?: string;
  workload: string;
  config?: Record<string, unknown>;
}

/** Runs the steps one after the other; resolves with the result, and with what is left of it. */
async function run(
  sandbox: Sandbox,
  steps: readonly Step[],
  input: { allowRun?: boolean } = {},
): Promise<Outcome> {
  const number = ++runs;
  runOf.set(sandbox, number);
  const runFolder = path.join(folder, `run-${number}`);
  mkdirSync(runFolder);
  const deployment = {
    url: sandbox.url,
    host: new URL(sandbox.url).host,
    version: "",
    user: "",
    sandbox: true,
  };
  const one = await Run.open({
    header: {
      id: idOf(number),
      title: "t",
      workload: "test",
      deployment,
      createdAt: 0,
      host: "h",
    },
    folder: runFolder,
    steps: steps.map(({ name, workload, config = {} }) => ({
      name: name ?? workload,
      workload,
      checked: workloadNamed(workload).check(config),
    })),
    target: { url: sandbox.url, token: sandbox.token, network: {} },
    files: { sandboxCoder: [], shardScript, cliFolder: folder, runFolder },
    guard: { tag: "staging", limits: {} },
    signInLimitMs: 0,
    ...input,
  });
  return one.execute();
}

/** What a run came to, in short. */
const cameTo = ({ verdict, succeeded, failed, orphans, kept }: Outcome) => ({
  verdict,
  succeeded,
  failed,
  orphans,
  kept,
});
const passed = (succeeded: number, kept = 0) => ({
  verdict: "passed",
  succeeded,
  failed: 0,
  orphans: 0,
  kept,
});

async function on<T>(options: SandboxOptions, work: (sandbox: Sandbox) => Promise<T>): Promise<T> {
  const sandbox = await startSandbox({ ...FAST, ...options });
  try {
    return await work(sandbox);
  } finally {
    await sandbox.close();
  }
}

const create = (config: Record<string, unknown> = {}): Step => ({
  workload: "create-workspaces",
  config: { template: "kubernetes", count: 3, concurrency: 0, ...config },
});
const traffic = (config: Record<string, unknown> = {}): Step => ({
  workload: "workspace-traffic",
  config: { bytesPerTick: 256, tickIntervalMs: 50, durationMs: 1_000, shards: 1, ...config },
});

describe.concurrent("in the engine, on a sandbox", () => {
  it("creates, connects to, runs a command in, and deletes workspaces", async () => {
    const step = create({ runCommand: "echo hello", runExpectOutput: "hello" });
    expect(cameTo(await on({}, (sandbox) => run(sandbox, [step])))).toEqual(passed(3));
  });

  it("keeps workspaces that are asked to be kept, and a clean-up finds and deletes them", async () => {
    await on({}, async (sandbox) => {
      expect(cameTo(await run(sandbox, [create({ cleanup: false, ssh: false })]))).toEqual({
        ...passed(3, 6),
        orphans: null,
      });
      const cleanup = await run(sandbox, [{ workload: "cleanup" }]);
      expect(cleanup).toMatchObject({ verdict: "passed", orphans: 0 });
      expect(sandbox.deployment.workspaces.live().size).toBe(0);
    });
  });

  it("deletes by its journal what a run has left", async () => {
    await on({}, async (sandbox) => {
      await run(sandbox, [create({ cleanup: false, ssh: false })]);
      const left = path.join(folder, `run-${runOf.get(sandbox)}`);
      const config = { folder: left, run: idOf(runOf.get(sandbox) ?? 0) };
      expect(await run(sandbox, [{ workload: "recover", config }])).toMatchObject({
        verdict: "passed",
        orphans: 0,
      });
      expect(sandbox.deployment.workspaces.live().size).toBe(0);
    });
  });

  it.each([
    ["failing-build", "failed"],
    ["failing-startup", "failed"],
  ])("says that workspaces of %s have failed, and deletes them", async (template) => {
    const outcome = await on({}, (sandbox) => run(sandbox, [create({ template, ssh: false })]));
    expect(outcome).toMatchObject({ verdict: "failed", failed: 3, orphans: 0 });
  });

  it("refuses a template without an agent, for what it is asked to do", async () => {
    const outcome = await on({}, (sandbox) => run(sandbox, [create({ template: "no-agent" })]));
    expect(outcome).toMatchObject({ verdict: "refused", orphans: 0 });
  });

  it.each([
    ["web terminal", {}],
    ["SSH", { ssh: true }],
    ["an app", { app: "echo" }, { template: "all-parameters", parameters: { region: "eu" } }],
    ["web terminal, as the owners", { useHostLogin: false, rampMs: 200, warmUpMs: 200 }],
  ] as [string, Record<string, unknown>, Record<string, unknown>?][])(
    "sends traffic by %s",
    async (_name, config, made = {}) => {
      const outcome = await on({}, (sandbox) =>
        run(sandbox, [create({ ssh: false, ...made }), traffic(config)]),
      );
      expect(outcome).toMatchObject({ failed: 0, orphans: 0 });
      expect(["passed", "invalid"], JSON.stringify(outcome)).toContain(outcome.verdict);
    },
  );

  it("stops and starts workspaces, runs a command in them, and starts a program beside", async () => {
    const steps: Step[] = [
      create({ ssh: false }),
      { workload: "builds", config: { concurrency: 0 } },
      { workload: "command", config: { runCommand: "echo again", concurrency: 0 } },
      { workload: "hold", config: { durationMs: 100 } },
      { workload: "run", config: { shell: "exit 0" } },
    ];
    const outcome = await on({}, (sandbox) => run(sandbox, steps, { allowRun: true }));
    expect(outcome).toMatchObject({ verdict: "passed", failed: 0, orphans: 0 });
  });

  it("makes a pool of users and workspaces, takes them from it, and gives them back", async () => {
    await on({}, async (sandbox) => {
      const users = { workload: "prepare-users", config: { name: "night", count: 3 } };
      expect(await run(sandbox, [users])).toMatchObject({ verdict: "passed", succeeded: 3 });
      const workspaces = {
        workload: "prepare-workspaces",
        config: { name: "places", pool: "night", count: 3, template: "kubernetes" },
      };
      expect(await run(sandbox, [workspaces])).toMatchObject({ verdict: "passed", succeeded: 3 });
      const used = await run(sandbox, [
        traffic({ pool: "places" }),
        { workload: "builds", config: { pool: "places", concurrency: 0 } },
      ]);
      expect(used).toMatchObject({ failed: 0, orphans: 0 });
      expect(sandbox.deployment.workspaces.live().size).toBe(3);
    });
  });

  it("cancels builds that are under way when their job's time is over, and deletes them", async () => {
    // The template is tried first, which takes as long.
    await on({ buildTimeMs: [1_500, 1_500] }, async (sandbox) => {
      const outcome = await run(sandbox, [create({ ssh: false, jobTimeoutMs: 500 })]);
      expect(outcome).toMatchObject({ verdict: "failed", failed: 3, orphans: 0 });
      expect(sandbox.deployment.workspaces.live().size).toBe(0);
    });
  });

  it("tries a deletion again that has failed once", async () => {
    await on({}, async (sandbox) => {
      sandbox.deployment.faults.set({ deleteFailsOnce: 1 });
      expect(cameTo(await run(sandbox, [create({ ssh: false, count: 1 })]))).toEqual(passed(1));
      expect(sandbox.deployment.workspaces.live().size).toBe(0);
    });
  });

  it("keeps the users of another run's workspaces to itself while it uses them, and gives them back", async () => {
    await on({}, async (sandbox) => {
      await run(sandbox, [create({ cleanup: false, ssh: false })]);
      const made = idOf(runOf.get(sandbox) ?? 0);
      const step = traffic({ run: made, prometheusAddress: "127.0.0.1:0", prometheusWaitMs: 0 });
      expect(await run(sandbox, [step])).toMatchObject({ failed: 0, orphans: 0 });
      // It has left neither a lease nor a token, and the workspaces as they were.
      const client = new CoderClient({ url: sandbox.url, token: sandbox.token, network: {} });
      const { tokens } = await allTokens(client, {});
      expect(tokens.filter(({ name }) => name.startsWith("scaletest-"))).toEqual([]);
      expect(sandbox.deployment.workspaces.live().size).toBe(3);
      await client.close();
    });
  });

  it.each([
    ["an organization", { organizations: ["nowhere"] }, /no organization "nowhere"; there is /],
    ["a group", { groups: ["nobody"] }, /no group "nobody"|shows no groups/],
  ])("refuses a pool in %s that is not there, and says so before", async (_what, config, said) => {
    await on({}, async (sandbox) => {
      const users = { name: "night", count: 3, ...config };
      const target = { url: sandbox.url, token: sandbox.token, network: {} };
      const checks = await preflight("prepare-users", users, target);
      const found = checks.find(({ id }) => id === "pool");
      expect(found).toMatchObject({ status: "blocks" });
      expect(found && english(found.figure)).toMatch(said);
      const outcome = await run(sandbox, [{ workload: "prepare-users", config: users }]);
      expect(outcome.verdict).toBe("refused");
      expect(english(outcome.summary)).toMatch(said);
    });
  });
});
