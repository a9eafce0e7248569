import { readFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CoderClient } from "../../src/coder/client.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import {
  alive,
  CommandLine,
  eventually,
  newHome,
  removeFolder,
  run,
  runFolder,
  runnerPid,
} from "./product.ts";

interface Result {
  total_runs: number;
  total_pass: number;
  total_fail: number;
  outcome: { summary: string; orphans: number | null; kept: number; verdict: string };
  phases: Record<string, { count: number; p50: number; max: number }>;
  errors_by_cause: {
    id: string;
    cause: string;
    count: number;
    example: { workspace: string; message: string };
  }[];
  api_calls: { max_per_workspace: number };
  runs: Record<
    string,
    {
      error: string | null;
      workspace: string;
      api_calls: number;
      logs: string;
      phases: Record<string, number>;
    }
  >;
}

let sandbox: Sandbox;
let client: CoderClient;
beforeEach(async () => {
  sandbox = await startSandbox({ buildTimeMs: [100, 300], deleteTimeMs: [50, 100] });
  client = new CoderClient({ url: sandbox.url, token: sandbox.token, network: {} });
});
afterEach(async () => {
  await client.close();
  await sandbox.close();
});

const args = (...flags: string[]) => [
  "create-workspaces",
  "--template",
  "kubernetes",
  "--concurrency",
  "0",
  ...flags,
];
const env = () => ({ CODER_URL: sandbox.url, CODER_SESSION_TOKEN: sandbox.token });

async function passed(...flags: string[]): Promise<Result> {
  const ended = await run(args("--output", "json", ...flags), env());
  expect(ended.stderr).not.toContain("internal error");
  expect({ code: ended.code, stderr: ended.code === 0 ? "" : ended.stderr }).toEqual({ code: 0, stderr: "" });
  return JSON.parse(ended.stdout) as Result;
}

async function failed(...flags: string[]): Promise<Result> {
  const ended = await run(args("--output", "json", ...flags), env());
  expect(ended.code).toBe(1);
  return JSON.parse(ended.stdout) as Result;
}

async function left(): Promise<string[]> {
  const workspaces = (await client.findWorkspaces('name:"scaletest-"')).map((workspace) => workspace.name);
  return [...workspaces, ...(await client.findUsers("scaletest-")).map((user) => user.username)];
}

describe("a run that goes well", () => {
  it("creates, connects, runs the command, deletes all; calls counted as the server counts them", async () => {
    const result = await passed(
      "--count",
      "20",
      "--run-command",
      "sleep 0.2 && echo hello",
      "--run-expect-output",
      "hello",
    );
    expect(result).toMatchObject({
      total_runs: 20,
      total_pass: 20,
      total_fail: 0,
      outcome: { orphans: 0, verdict: "passed" },
    });
    expect(await left()).toEqual([]);
    const told = Object.fromEntries(Object.values(result.runs).map((one) => [one.workspace, one.api_calls]));
    const counted = Object.fromEntries(
      Object.entries(sandbox.stats().workspaces).filter(([name]) => name in told),
    );
    expect(counted).toEqual(told);
    expect(result.api_calls.max_per_workspace).toBeLessThanOrEqual(8);
    for (const phase of [
      "api",
      "queue",
      "provision",
      "agent_connect",
      "startup_script",
      "wait_for_ssh",
      "ssh",
      "first_byte",
      "command",
      "delete",
    ]) {
      expect([phase, result.phases[phase]?.count]).toEqual([phase, 20]);
    }
    // How late the first byte is seen is this machine's affair; that both together take the command's time is not.
    for (const { phases } of Object.values(result.runs))
      expect((phases.first_byte ?? 0) + (phases.command ?? 0)).toBeGreaterThanOrEqual(190);
    expect(Object.values(result.runs).every((one) => one.error === null)).toBe(true);
  });

  it("the names carry the run's id, and e-mails end in @scaletest.local", async () => {
    const line = new CommandLine(args("--count", "2", "--no-cleanup", "--no-ssh", "--output", "json"), env());
    const result = JSON.parse((await line.ended).stdout) as Result & { run_id: string };
    expect(result.outcome.kept).toBe(4);
    const users = await client.findUsers("scaletest-");
    expect(users.map((user) => user.username).sort()).toEqual([
      `scaletest-${result.run_id}-0`,
      `scaletest-${result.run_id}-1`,
    ]);
    expect(users.every((user) => user.email.endsWith("@scaletest.local"))).toBe(true);
    removeFolder(line.home);
    const cleaned = await run(["cleanup", "--run", result.run_id, "--yes"], env());
    expect([cleaned.code, cleaned.code === 0 ? "" : cleaned.stdout + cleaned.stderr]).toEqual([0, ""]);
    expect(await left()).toEqual([]);
  });

  it("--connect-url is asked through the SSH connection for as long as it is held", async () => {
    const result = await passed(
      "--count",
      "2",
      "--connect-url",
      "http://localhost:8080/",
      "--connect-hold",
      "300ms",
      "--connect-interval",
      "50ms",
    );
    expect(result.total_pass).toBe(2);
  });

  it("--use-host-login creates no user", async () => {
    await passed("--count", "2", "--use-host-login", "--run-command", "true");
    expect(sandbox.stats().routes["POST /api/v2/users"] ?? 0).toBe(0);
    expect(await left()).toEqual([]);
  });

  it("a template with two agents: both are waited for, the named one is used", async () => {
    const result = await passed(
      "--template",
      "two-agents",
      "--count",
      "1",
      "--run-command",
      "hostname",
      "--run-log-output",
    );
    expect(result.total_pass).toBe(1);
  });

  it("a template of another organization: its users belong there", async () => {
    const result = await passed("--template", "shared", "--org", "research", "--count", "1", "--no-ssh");
    expect(result.total_pass).toBe(1);
  });

  it("a template without agents can be created without SSH", async () => {
    const result = await passed("--template", "no-agent", "--no-ssh");
    expect(result.total_pass).toBe(1);
  });

  it("the run's folder has its record, and no secret in it", async () => {
    const line = new CommandLine(args("--count", "3", "--run-command", "echo hello"), env());
    expect((await line.ended).code).toBe(0);
    const folder = runFolder(line.home);
    const files = [
      "run.json",
      "journal.ndjson",
      "events.ndjson",
      "seconds.ndjson",
      "result.json",
      "runner.log",
      "descriptions.ndjson",
    ];
    const texts = files.map((file) => readFileSync(path.join(folder, file), "utf8"));
    expect(texts.join("")).not.toContain(sandbox.token);
    // A token's secret half has 22 characters after the dash; the journal has the ten before it only.
    expect(texts[1]).toMatch(/"kind":"token","op":"exists"/);
    expect(texts[1]).not.toMatch(/"[A-Za-z0-9]{10}-[A-Za-z0-9]{22}"/);
    const linesOf = (text = "") =>
      text
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line));
    const seconds = linesOf(texts[3]);
    const [description] = linesOf(texts[6]);
    expect(description).toHaveProperty("description.metrics");
    expect(seconds.map(({ second }) => second)).toEqual(seconds.map((_, at) => at));
    removeFolder(line.home);
  });
});

describe("failures have a cause of their own", () => {
  it.each([
    ["a build", ["--template", "failing-build"], "build_failed", /^build failed: /],
    [
      "a startup script",
      ["--template", "failing-startup"],
      "startup_script_failed",
      /^startup script failed/,
    ],
    ["a command", ["--run-command", "exit 3"], "command_failed", /^command failed with exit status 3$/],
    [
      "a command that is too slow",
      ["--run-command", "sleep 5", "--run-timeout", "200ms"],
      "command_timed_out",
      /did not end within 200ms/,
    ],
    [
      "a command that says something else",
      ["--run-command", "echo bye", "--run-expect-output", "hello"],
      "output_missing",
      /did not print/,
    ],
    [
      "a command that was to be slow",
      ["--run-command", "true", "--run-expect-timeout"],
      "command_ended",
      /expected to run into/,
    ],
  ])("%s", async (_what, flags, id, cause) => {
    const result = await failed("--count", "2", "--no-ssh", ...flags);
    expect(result.errors_by_cause).toHaveLength(1);
    expect(result.errors_by_cause[0]).toMatchObject({ id, count: 2 });
    expect(result.errors_by_cause[0]?.cause).toMatch(cause);
    expect(result.outcome.summary).toContain("0 succeeded, 2 failed: 2 ");
    expect(result.outcome.orphans).toBe(0);
    expect(await left()).toEqual([]);
  });

  it("a job's time limit says what was waited for, and ends builds that are under way", async () => {
    await sandbox.close();
    sandbox = await startSandbox({ buildTimeMs: [2_500, 2_500], deleteTimeMs: [50, 50], daemons: 1 });
    const result = await failed("--count", "3", "--job-timeout", "1500ms", "--no-ssh");
    const causes = result.errors_by_cause.map(({ id, count }) => [id, count]);
    expect(causes).toEqual([
      ["build_queued", 2],
      ["build_unfinished", 1],
    ]);
    expect(result.outcome.orphans).toBe(0);
  });
});

describe("refusals come before anything is made", () => {
  it.each([
    ["no such template", ["--template", "nope"], 3, /no template "nope"; there is .*kubernetes/],
    [
      "no such parameter",
      ["--parameter", "nope=1"],
      3,
      /has no parameter "nope" with these values; it has home_disk_size/,
    ],
    ["a bad parameter", ["--parameter", "home_disk_size=500"], 3, /must be from 1 to 100, not 500/],
    [
      "a name in two organizations",
      ["--template", "shared"],
      3,
      /several organizations have .*coder, research; choose one with --org/,
    ],
    [
      "no provisioner daemon for it",
      ["--template", "no-provisioner", "--dry-run-timeout", "2s"],
      3,
      /no provisioner daemon with the template's tags is free/,
    ],
    [
      "an account that users would need",
      ["--template", "external-auth"],
      3,
      /requires each user to sign in to GitHub/,
    ],
    ["a required parameter", ["--template", "all-parameters"], 3, /parameter "\w+" needs a value/],
    ["tracing to Coder, the company", ["--trace-coder"], 2, /--trace-coder is not supported: /],
    ["no agent to connect to", ["--template", "no-agent"], 3, /has no agent for SSH/],
    ["no such agent", ["--agent", "nope"], 3, /has no agent "nope"/],
    [
      "a command that is no command",
      ["--ssh-via", "cli", "--coder-cli", "/no/such/coder"],
      3,
      /cannot be run/,
    ],
    [
      "native SSH past the relay",
      ["--ssh-via", "native", "--connect-mode", "direct"],
      3,
      /for --connect-mode direct pass --ssh-via cli/,
    ],
    ["count 0", ["--count", "0"], 2, /--count must be 1 or more/],
    ["a bad duration", ["--timeout", "5x"], 2, /--timeout must be a duration/],
    ["an unknown flag", ["--cont", "5"], 2, /Did you mean --count/],
    ["an output that cannot be written", ["--output", "json:/no/such/folder/x.json"], 2, /cannot be written/],
  ])("%s", async (_what, flags, code, message) => {
    const ended = await run(args(...flags), env());
    expect(ended.code).toBe(code);
    expect(ended.stdout).toBe("");
    expect(ended.stderr.trim().split("\n").at(-1)).toMatch(message);
    expect(sandbox.stats().routes["POST /api/v2/users"] ?? 0).toBe(0);
  });

  it.each([
    [
      "a token that is wrong",
      { CODER_SESSION_TOKEN: "aaaaaaaaaa-bbbbbbbbbbbbbbbbbbbbbb" },
      /token is not accepted/,
    ],
    ["a server that is down", { CODER_URL: "http://127.0.0.1:1" }, /connection refused/],
  ])("%s", async (_what, change, message) => {
    const ended = await run(args(), { ...env(), ...change });
    expect(ended.code).toBe(3);
    expect(ended.stderr).toMatch(message);
  });

  it("a token that is not an owner's", async () => {
    const [org] = await client.organizations();
    const user = await client.createUser({
      username: "plain",
      email: "plain@example.com",
      organizationIds: [org?.id ?? ""],
    });
    const token = await client.createToken(user.id, 3_600_000, "t");
    const ended = await run(args(), { ...env(), CODER_SESSION_TOKEN: token });
    expect(ended.code).toBe(3);
    expect(ended.stderr).toMatch(/"plain" is not an owner/);
  });

  it("an unknown command is answered with the nearest one", async () => {
    const ended = await run(["create-workspace"]);
    expect(ended).toMatchObject({ code: 2, stdout: "" });
    expect(ended.stderr).toMatch(/Did you mean create-workspaces/);
  });
});

describe("a run that is ended early", () => {
  const slow = () => args("--count", "10", "--run-command", "sleep 60", "--run-timeout", "2m");

  it.each(["SIGINT", "SIGTERM"] as const)("%s cleans up and keeps the partial result", async (signal) => {
    const line = new CommandLine(slow(), env());
    await line.until(/10 in use/);
    line.child.kill(signal);
    const ended = await line.ended;
    expect(ended.code).toBe(130);
    expect(ended.stdout).toMatch(/0 succeeded, 10 stopped/);
    expect(await left()).toEqual([]);
    removeFolder(line.home);
  });

  it("a second Ctrl-C leaves at once, and says how to clean up later", async () => {
    const line = new CommandLine(slow(), env());
    await line.until(/10 in use/);
    line.child.kill("SIGINT");
    await line.until(/stopping and cleaning up/);
    line.child.kill("SIGINT");
    const ended = await line.ended;
    expect(ended.code).toBe(130);
    expect(ended.stderr).toMatch(/coder-scaletest runs clean [a-z0-9]{8} --url/);
    const pid = runnerPid(line.home);
    await eventually("the runner is gone", () => !alive(pid));
    removeFolder(line.home);
  });

  it("a command line that is killed takes its run with it: cleaned up, and no process left", async () => {
    const line = new CommandLine(slow(), env());
    await line.until(/10 in use/);
    const pid = runnerPid(line.home);
    line.child.kill("SIGKILL");
    await line.ended;
    await eventually("nothing is left on the deployment", async () => (await left()).length === 0);
    await eventually("the runner is gone", () => !alive(pid));
    removeFolder(line.home);
  });
});

describe("the sandbox", () => {
  it("--sandbox needs no deployment, and goes with the run", async () => {
    const ended = await run([
      "create-workspaces",
      "--sandbox",
      "--template",
      "kubernetes",
      "--count",
      "2",
      "--concurrency",
      "0",
      "--run-command",
      "echo hi",
    ]);
    expect(ended.code).toBe(0);
    expect(ended.stdout).toMatch(/2 succeeded, 0 failed/);
  });

  it("sandbox --json prints one line, and ends at SIGTERM", async () => {
    const home = newHome();
    const again = new CommandLine(["sandbox", "--json", "--workspaces", "5"], {}, home);
    await again.until(/\n/);
    again.child.kill("SIGTERM");
    const { stdout, code } = await again.ended;
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      url: expect.stringMatching(/^http:\/\/127/),
      token: expect.stringMatching(/^\w{10}-\w{22}$/),
    });
    removeFolder(home);
  });
});
