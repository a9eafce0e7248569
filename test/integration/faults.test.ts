import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { CoderClient } from "../../src/coder/client.ts";
import { type FaultSettings, NO_FAULTS } from "../../src/sandbox/faults/settings.ts";
import type { Sandbox, SandboxOptions } from "../../src/sandbox/server.ts";
import { deploy, dismantle, envOf, leftOn } from "./deployed.ts";
import { startFront } from "./front.ts";
import { CommandLine, eventually, removeFolder, run } from "./product.ts";

interface Result {
  total_pass: number;
  outcome: { orphans: number | null; summary: string };
  errors_by_cause: { id: string; cause: string; count: number }[];
  phases: Record<string, { p50: number; max: number; count: number }>;
  api_calls: { rate_limited: number };
  warnings: string[];
}

let sandbox: Sandbox;
let client: CoderClient;
let home: string;
beforeEach(async () => {
  const times = { buildTimeMs: [100, 300], deleteTimeMs: [50, 100] } satisfies SandboxOptions;
  ({ sandbox, client, home } = await deploy({ ...times, daemons: 20 }));
});
afterEach(() => dismantle({ sandbox, client, home }));

const env = () => envOf(sandbox);
const args = (...flags: string[]) => [
  "create-workspaces",
  "--template",
  "kubernetes",
  "--concurrency",
  "0",
  "--output",
  "json",
  ...flags,
];
const faults = (settings: Partial<FaultSettings>) => sandbox.deployment.faults.set(settings);

async function result(...flags: string[]): Promise<Result> {
  const ended = await run(args(...flags), env());
  if (ended.stdout === "") throw new Error(ended.stderr);
  return JSON.parse(ended.stdout) as Result;
}
const causes = (of: Result) => Object.fromEntries(of.errors_by_cause.map(({ id, count }) => [id, count]));

async function left(): Promise<number> {
  const { workspaces, users } = await leftOn(client);
  return workspaces + users;
}

describe("what goes wrong is named", () => {
  it("builds that fail, in the share that was asked for", async () => {
    faults({ buildFailureRate: 0.5 });
    const got = await result("--count", "20", "--no-ssh");
    const failed = causes(got).build_failed ?? 0;
    expect(failed).toBeGreaterThan(3);
    expect(got.total_pass).toBe(20 - failed);
    expect(got.errors_by_cause).toHaveLength(1);
    expect(got.outcome.orphans).toBe(0);
  });

  it("agents that never connect, when our time limit ends, not when their connection timeout does", async () => {
    faults({ agentNeverConnects: 1, agentTimeoutMs: 300 });
    const got = await result("--count", "3", "--no-ssh", "--job-timeout", "2s");
    expect(causes(got)).toEqual({ agent_never_connected: 3 });
    expect(got.outcome.summary).toMatch(/3 agent never connected/);
    expect(got.warnings.join("\n")).toMatch(/^\d × agent not connected within its connection_timeout/m);
  });

  it("agents that connect after their connection timeout are waited for, and counted", async () => {
    faults({ agentConnectsAfterMs: 1_200, agentTimeoutMs: 300 });
    const got = await result("--count", "3", "--no-ssh");
    expect(got.total_pass).toBe(3);
    expect(got.phases.agent_connect?.p50).toBeGreaterThan(1_000);
    expect(got.warnings.join("\n")).toMatch(/^3 × agent not connected within its connection_timeout/m);
    faults({ agentConnectsAfterMs: 0 });
  });

  it("startup scripts that fail, and those that hang, are two causes", async () => {
    faults({ startupFails: 1 });
    expect(causes(await result("--count", "2", "--no-ssh"))).toEqual({ startup_script_failed: 2 });
    faults({ startupFails: 0, startupHangs: 1 });
    const hung = await result("--count", "2", "--no-ssh", "--job-timeout", "3s");
    expect(causes(hung)).toEqual({ startup_script_unfinished: 2 });
  });

  it("a deployment that does not say what is left: no pass, and how to look", async () => {
    const front = await startFront(sandbox.url, {
      refuse: ({ url }) => (/\/workspaces\?.*limit=1&/.test(url ?? "") ? 403 : undefined),
    });
    const line = new CommandLine(args("--count", "1", "--no-ssh"), { ...env(), CODER_URL: front.url }, home);
    const { code, stdout } = await line.ended;
    const { outcome } = JSON.parse(stdout) as Result;
    expect(code).toBe(1);
    expect(outcome).toMatchObject({ verdict: "failed", orphans: null, succeeded: 1 });
    expect(outcome.summary).toMatch(
      /^1 succeeded, 0 failed; what is left behind is unknown; look with: coder-scaletest cleanup --run \w{8} --dry-run$/,
    );
    await front.close();
  });

  it("a slow API shows in the API's phase and nowhere else", async () => {
    faults({ apiLatencyP50Ms: 1_000, apiLatencyP99Ms: 1_500 });
    const slow = await result("--count", "3", "--no-ssh");
    expect(slow.total_pass).toBe(3);
    // Three requests, one after the other; the server's own times have none of it.
    expect(slow.phases.api?.p50).toBeGreaterThan(2_000);
    expect(slow.phases.provision?.p50).toBeLessThan(1_000);
  });

  it("an API that is slow now and then: the median and the tail are told apart", async () => {
    faults({ apiLatencyP50Ms: 50, apiLatencyP99Ms: 2_000 });
    const { api } = (await result("--count", "60", "--no-ssh", "--no-wait-for-agents")).phases;
    // Three requests each: the sum's median is near three medians, its tail near the longest of them.
    expect(api?.p50).toBeGreaterThan(100);
    expect(api?.p50).toBeLessThan(900);
    expect(api?.max).toBeGreaterThan(1_000);
    expect(api?.max ?? 0).toBeGreaterThan(2 * (api?.p50 ?? 0));
  });

  it.each([-3_600_000, 3_600_000])("a server's clock that is %i ms ahead changes no duration", async (ms) => {
    faults({ clockSkewMs: ms });
    const got = await result("--count", "5", "--no-ssh");
    expect(got.total_pass).toBe(5);
    for (const phase of ["queue", "provision", "agent_connect", "startup_script"]) {
      const { max = Number.NaN, min = 0 } = (got.phases[phase] ?? {}) as { max?: number; min?: number };
      expect([phase, max < 2_000, max >= 0, min >= 0]).toEqual([phase, true, true, true]);
    }
    expect(got.outcome.orphans).toBe(0);
  });

  it("provisioners that take no job any more, once the run is on its way", async () => {
    faults({ apiLatencyP50Ms: 300, apiLatencyP99Ms: 300 });
    const line = new CommandLine(args("--count", "3", "--no-ssh", "--job-timeout", "4s"), env());
    await eventually("users are made", () => (sandbox.stats().routes["POST /api/v2/users"] ?? 0) > 0);
    faults({ provisionersPaused: true, apiLatencyP50Ms: 0 });
    await line.until(/build never left the queue/);
    faults({ provisionersPaused: false });
    const got = JSON.parse((await line.ended).stdout) as Result;
    removeFolder(line.home);
    expect(causes(got)).toEqual({ build_queued: 3 });
    expect(got.outcome.orphans).toBe(0);
  });

  it("provisioners that take no job: refused by the trial, before anything is made", async () => {
    faults({ provisionersPaused: true });
    const ended = await run(args("--count", "3", "--no-ssh", "--dry-run-timeout", "1s"), env());
    expect(ended.code).toBe(3);
    expect(ended.stderr).toMatch(/still queued: no provisioner daemon with the template's tags is free/);
    expect(sandbox.stats().routes["POST /api/v2/users"] ?? 0).toBe(0);
  });

  it("terminals that are dropped in the middle of a command", async () => {
    const line = new CommandLine(
      args("--count", "5", "--no-ssh", "--run-command", "sleep 30", "--run-timeout", "1m"),
      env(),
    );
    await line.until(/5 in use/);
    sandbox.deployment.connections.drop(1);
    const got = JSON.parse((await line.ended).stdout) as Result;
    removeFolder(line.home);
    expect(causes(got)).toEqual({ terminal_lost: 5 });
    expect(got.outcome.orphans).toBe(0);
  });

  it("an echo that is damaged: the command's text is missed", async () => {
    faults({ echoCorrupted: 1 });
    const got = await result(
      "--count",
      "3",
      "--no-ssh",
      "--run-command",
      "echo hello",
      "--run-expect-output",
      "hello",
      "--run-timeout",
      "2s",
    );
    expect(got.total_pass).toBe(0);
    expect(Object.values(causes(got)).reduce((sum, count) => sum + count, 0)).toBe(3);
    expect(Object.keys(causes(got)).join()).toMatch(/^(command|terminal)_/);
    expect(got.outcome.orphans).toBe(0);
  });

  it("an echo that is cut: the command's end is missed", async () => {
    faults({ echoTruncated: 1 });
    const got = await result(
      ...["--count", "3", "--no-ssh", "--run-command", "echo hello", "--run-timeout", "2s"],
    );
    expect(got.total_pass).toBe(0);
    expect(Object.values(causes(got)).reduce((sum, count) => sum + count, 0)).toBe(3);
    expect(Object.keys(causes(got)).join()).toMatch(/^(command|terminal)_/);
    expect(got.outcome.orphans).toBe(0);
  });

  it.each([500, 502, 503] as const)(
    "an API that answers nothing but %i from some moment on",
    async (status) => {
      const users = sandbox.deployment.users;
      const create = users.create.bind(users);
      users.create = (given) => {
        faults({ errorRate: 1, errorStatus: status });
        return create(given);
      };
      const line = new CommandLine(args("--count", "3", "--no-ssh", "--job-timeout", "3s"), env());
      await line.until(/3 failed/);
      users.create = create;
      faults({ errorRate: 0 });
      const got = JSON.parse((await line.ended).stdout) as Result;
      removeFolder(line.home);
      // The same for each request that was the first to be answered so.
      const sum = got.errors_by_cause.reduce((total, { count }) => total + count, 0);
      expect([got.total_pass, sum, new Set(got.errors_by_cause.map(({ id }) => id))]).toEqual([
        0,
        3,
        new Set(["api_server"]),
      ]);
      for (const { cause } of got.errors_by_cause)
        expect(cause).toMatch(new RegExp(`^POST .*server ${status}$`));
      expect(got.outcome.orphans).toBe(0);
    },
  );

  it("a server that says nothing, with its connections open", async () => {
    const line = new CommandLine(
      args("--count", "3", "--no-ssh", "--run-command", "sleep 60", "--run-timeout", "8s"),
      env(),
    );
    await line.until(/3 in use/);
    faults({ frozen: true });
    await line.until(/did not end within 8s/);
    faults({ frozen: false });
    const got = JSON.parse((await line.ended).stdout) as Result;
    removeFolder(line.home);
    expect(causes(got)).toEqual({ command_timed_out: 3 });
    expect(got.outcome.orphans).toBe(0);
  });
});

describe("what a deployment recovers from, the run survives", () => {
  it("errors of something in front of coderd, on a tenth of all requests", async () => {
    for (const errorStatus of [500, 502, 503] as const) {
      faults({ errorRate: 0.1, errorStatus });
      const got = await result("--count", "10", "--no-ssh", "--run-command", "echo hello");
      const failed = got.errors_by_cause.reduce((sum, { count }) => sum + count, 0);
      expect([got.total_pass + failed, causes(got).internal]).toEqual([10, undefined]);
      // A 500 is coderd's own word: what creates something is not asked for again, as it is with the others.
      // A terminal's opening is what a user does: it is not tried twice.
      const lost = errorStatus === 500 ? /^(POST .*|GET .*pty): server 500$/ : /pty: server 50[23]$/;
      for (const { cause } of got.errors_by_cause) expect(cause).toMatch(lost);
      expect(got.total_pass).toBeGreaterThan(0);
    }
    faults(NO_FAULTS);
    expect(await left()).toBe(0);
  });

  it("a burst of nothing but 503 for two seconds", async () => {
    const line = new CommandLine(args("--count", "20", "--no-ssh"), env());
    await eventually("some are made", () => sandbox.deployment.workspaces.live().size > 3);
    faults({ errorRate: 1, errorStatus: 503 });
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    faults({ errorRate: 0 });
    const got = JSON.parse((await line.ended).stdout) as Result;
    removeFolder(line.home);
    expect(got.total_pass + (causes(got).api_server ?? 0)).toBe(20);
    expect(got.outcome.orphans).toBe(0);
    expect(await left()).toBe(0);
  });

  it("watches that are dropped again and again", async () => {
    faults({ dropShare: 1, dropEveryMs: 200 });
    const got = await result("--count", "10", "--no-ssh");
    expect(got.total_pass).toBe(10);
    expect(got.outcome.orphans).toBe(0);
  });

  it("an answer that comes after the news of what it started", async () => {
    // A build's end is told by the watch long before the request that made the build is answered.
    sandbox.deployment.claims.transactionMs = 1_500;
    const got = await result("--count", "5", "--no-ssh", "--cleanup-job-timeout", "15s");
    expect([got.total_pass, got.outcome.orphans]).toEqual([5, 0]);
  });

  it("a delete that fails once is tried again", async () => {
    faults({ deleteFailsOnce: 1 });
    const got = await result("--count", "5", "--no-ssh");
    expect(got.total_pass).toBe(5);
    expect(got.outcome.orphans).toBe(0);
  });

  it("a whole server that restarts in the middle: nothing is made twice, nothing is left", async () => {
    const line = new CommandLine(args("--count", "20", "--no-ssh", "--cleanup-concurrency", "0"), env());
    await line.until(/building|starting|creating/);
    sandbox.deployment.restart(1_500);
    const got = JSON.parse((await line.ended).stdout) as Result;
    removeFolder(line.home);
    expect(got.total_pass).toBe(20);
    expect(got.outcome.orphans).toBe(0);
    expect(await left()).toBe(0);
  });
});

describe("POST /sandbox/faults", () => {
  const post = (body: unknown) =>
    fetch(`${sandbox.url}/sandbox/faults`, { method: "POST", body: JSON.stringify(body) });

  it("changes what is named, keeps the rest, and tells the whole", async () => {
    await post({ buildFailureRate: 0.25 });
    const answer = (await (await post({ clockSkewMs: 5_000 })).json()) as FaultSettings;
    expect(answer).toMatchObject({ buildFailureRate: 0.25, clockSkewMs: 5_000, frozen: false });
    expect(await (await post({ reset: true })).json()).toMatchObject(NO_FAULTS);
  });

  it("a quarter of all connections leave at once, and it says how many", async () => {
    const [org] = await client.organizations();
    expect(org).toBeDefined();
    const line = new CommandLine(
      args("--count", "8", "--no-ssh", "--run-command", "sleep 30", "--run-timeout", "1m"),
      env(),
    );
    await line.until(/8 in use/);
    const before = sandbox.deployment.connections.count;
    const answer = (await (await post({ drop: 0.25 })).json()) as { dropped: number };
    expect(answer.dropped).toBe(Math.round(before / 4));
    line.child.kill("SIGINT");
    await line.ended;
    removeFolder(line.home);
  });

  it("refuses what is no fault, in one line", async () => {
    const answer = await post({ buildFailureRate: 2 });
    expect(answer.status).toBe(400);
    expect(((await answer.json()) as { message: string }).message).toMatch(/buildFailureRate/);
    expect((await post({ unknown: 1 })).status).toBe(400);
  });

  it("--fault sets them from the start; a name that is none is told with the nearest", async () => {
    const home = await run(["sandbox", "--fault", "build-failure=1"]);
    expect(home).toMatchObject({ code: 2 });
    expect(home.stderr).toMatch(/"build-failure" is unknown; did you mean build-failure-rate\?/);
  });
});
