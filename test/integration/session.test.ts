import { spawn } from "node:child_process";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Deployed, deploy, dismantle, envOf, leftOn } from "./deployed.ts";
import { CommandLine, dist, type Ended, eventually, runFolder } from "./product.ts";

interface Result {
  total_pass: number;
  total_fail: number;
  standstill_ms?: number;
  elapsed_ms: number;
  ready_ms: { max: number };
  outcome: { verdict: string; summary: string; orphans: number | null };
  phases: Record<string, { count: number; max: number }>;
  warnings: string[];
  traffic?: { total: { connections: { opened: number; dropped: number; reconnected: number } } };
}

let at: Deployed;
beforeEach(async () => {
  at = await deploy({ buildTimeMs: [100, 300], deleteTimeMs: [50, 100] });
});
afterEach(() => dismantle(at));

/** All tokens of the sandbox's owner expire now. */
async function expire(): Promise<void> {
  const body = JSON.stringify({ expireSessions: "admin" });
  const answer = await fetch(`${at.sandbox.url}/sandbox/faults`, { method: "POST", body });
  expect(((await answer.json()) as { expired: number }).expired).toBeGreaterThan(0);
}

async function signInAgain(): Promise<string> {
  const answer = await fetch(`${at.sandbox.url}/api/v2/users/login`, {
    method: "POST",
    body: JSON.stringify(at.sandbox.login),
  });
  const { session_token: token } = (await answer.json()) as { session_token: string };
  at.client = at.client.as({ token });
  return token;
}

/** Terminals are opened with the tokens of the workspaces' own users. */
function callsOfTheSession(): Record<string, number> {
  const { "GET /api/v2/workspaceagents/{workspaceagent}/pty": _own, ...others } = at.sandbox.stats().routes;
  return others;
}

const runId = () => runFolder(at.home).slice(-8);
const made = () => at.sandbox.deployment.workspaces.live().size;

function begin(flags: readonly string[], env: Record<string, string> = {}): CommandLine {
  return new CommandLine(flags, { ...envOf(at.sandbox), ...env }, at.home);
}

const create = (...flags: string[]) => [
  ...["create-workspaces", "--template", "kubernetes", "--count", "12", "--concurrency", "3", "--no-ssh"],
  ...["--output", "json", "--run-command", "echo hello", ...flags],
];

/** Hands a token to the run, by the environment. */
function give(token: string): Promise<Ended> {
  return new CommandLine(["runs", "token", runId()], { CODER_SESSION_TOKEN: token }, at.home).ended;
}

/** A run of which a few workspaces are made, and whose session has just expired. */
async function expired(flags: readonly string[], env?: Record<string, string>): Promise<CommandLine> {
  const line = begin(flags, env);
  await eventually("some are made", () => made() >= 3);
  await expire();
  await line.until(/has expired/);
  return line;
}

/** Everything that the run has written, and what was printed. */
function written(ended: Ended): string {
  const folder = runFolder(at.home);
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
  return [
    ended.stdout,
    ended.stderr,
    ...files.map((one) => readFileSync(path.join(one.parentPath, one.name), "utf8")),
  ].join("\n");
}

describe("a session that expires in the middle of a run", () => {
  it("is told in one line; with a new token the run goes on, and nothing has failed", async () => {
    const line = await expired(create("--job-timeout", "3s"));
    const before = callsOfTheSession();
    const stoodFrom = Date.now();
    // Longer than a workspace may take: no time limit counts what is waited for a sign-in.
    await eventually("a while", () => Date.now() - stoodFrom > 4_000);
    expect(callsOfTheSession(), "nothing is asked meanwhile").toEqual(before);
    const token = await signInAgain();
    expect(await give(token)).toMatchObject({
      code: 0,
      stdout: `${runId()}: signed in again as "admin"; the run goes on\n`,
    });
    const ended = await line.ended;
    expect({ code: ended.code, stderr: ended.code === 0 ? "" : ended.stderr }).toEqual({
      code: 0,
      stderr: "",
    });
    const result = JSON.parse(ended.stdout) as Result;
    expect(result).toMatchObject({
      total_pass: 12,
      total_fail: 0,
      outcome: { verdict: "passed", orphans: 0 },
    });
    expect(await leftOn(at.client)).toEqual({ workspaces: 0, users: 0 });
    expect(ended.stderr.match(/.*has expired.*runs token.*/g)).toHaveLength(1);
    expect(ended.stderr).toContain(`or: coder-scaletest runs token ${runId()}`);
    // Times are without it, and the whole says how long it was.
    expect(result.standstill_ms).toBeGreaterThan(4_000);
    expect(result.warnings.join()).toMatch(
      /what needed the session waited ([4-9]|\d\d)(\.\d+)?s for a sign-in/,
    );
    expect(result.ready_ms.max).toBeLessThan(3_500);
    for (const [name, { max }] of Object.entries(result.phases))
      expect([name, max < 3_500]).toEqual([name, true]);
    for (const secret of [at.sandbox.token, token])
      expect(written(ended), "no token is written").not.toContain(secret.slice(11));
  });

  it("takes the token by standard input, too, and only a good one", async () => {
    const line = await expired(create());
    const member = await memberToken();
    expect(await give(at.sandbox.token)).toMatchObject({
      code: 3,
      stderr: expect.stringContaining("has expired; make a new one"),
    });
    expect(await give("abcdefghij-abcdefghijabcdefghijab")).toMatchObject({
      code: 3,
      stderr: expect.stringContaining("is not accepted by"),
    });
    expect(await give(member)).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('"m" is not an owner of'),
    });
    const other = await ownerToken();
    const child = spawn(process.execPath, [path.join(dist, "cli.js"), "runs", "token", runId()], {
      env: { PATH: process.env.PATH, CODER_SCALETEST_HOME: at.home },
    });
    child.stdin.end(`${other}\n`);
    await new Promise((resolve) => child.once("close", resolve));
    const ended = await line.ended;
    expect(ended.code).toBe(0);
    expect(ended.stderr).toContain('signed in as "second"; the run was started by "admin"');
    expect(JSON.parse(ended.stdout)).toMatchObject({ total_pass: 12, outcome: { orphans: 0 } });
  });

  it("a new token is taken before it is needed", async () => {
    const line = begin(create());
    await eventually("some are made", () => made() >= 3);
    const token = await signInAgain();
    expect(await give(token)).toMatchObject({ code: 0 });
    const [id = ""] = at.sandbox.token.split("-");
    const key = at.sandbox.deployment.users.key(id);
    if (key) at.sandbox.deployment.users.deleteKey(key);
    const ended = await line.ended;
    expect(ended.stderr).not.toContain("has expired");
    expect(JSON.parse(ended.stdout)).toMatchObject({
      total_pass: 12,
      total_fail: 0,
      outcome: { orphans: 0 },
    });
  });

  it("ends after the time limit; workspaces are deleted by their owners, and the rest is named", async () => {
    const line = await expired(create(), { CODER_SCALETEST_SIGN_IN_LIMIT: "1s" });
    const ended = await line.ended;
    expect(ended.code).toBe(130);
    const { outcome, total_fail: failed } = JSON.parse(ended.stdout) as Result;
    expect(outcome.verdict).toBe("interrupted");
    expect(outcome.summary).toMatch(
      /^the session has expired, and nobody has signed in again within 1s; \d+ succeeded, \d+ stopped; up to \d+ users?(?: and \d+ workspaces?)? left; delete them with: coder-scaletest runs clean [a-z0-9]{8}$/,
    );
    expect(failed).toBeGreaterThan(0);
    await signInAgain();
    const left = await leftOn(at.client);
    expect(left.workspaces).toBe(0);
    // A user who was asked for at that very moment may never have been made.
    expect(left.users).toBeGreaterThanOrEqual(3);
    expect(left.users).toBeLessThanOrEqual(outcome.orphans ?? 0);
    const env = envOf({ url: at.sandbox.url, token: at.client.token });
    const cleaned = await new CommandLine(["runs", "clean", runId(), "--yes"], env, at.home).ended;
    expect(cleaned.code).toBe(0);
    expect(await leftOn(at.client)).toEqual({ workspaces: 0, users: 0 });
  });

  it("a stop is heard meanwhile: clean-up waits for the sign-in", async () => {
    const line = await expired(create());
    line.child.kill("SIGINT");
    await line.until(/clean-up waits for a sign-in/);
    await give(await signInAgain());
    const ended = await line.ended;
    expect(ended.code).toBe(130);
    expect(JSON.parse(ended.stdout)).toMatchObject({ outcome: { verdict: "interrupted", orphans: 0 } });
    expect(await leftOn(at.client)).toEqual({ workspaces: 0, users: 0 });
  });

  it("stop and keep ends it at once", async () => {
    const line = await expired(create());
    const stop = await new CommandLine(["runs", "stop", runId(), "--keep"], {}, at.home).ended;
    expect(stop.code).toBe(0);
    const ended = await line.ended;
    expect(JSON.parse(ended.stdout)).toMatchObject({ outcome: { verdict: "interrupted", orphans: null } });
  });
});

describe("traffic as the session's user", () => {
  let meanwhile: () => Promise<void>;
  beforeEach(() => {
    meanwhile = async () => undefined;
  });

  /** Connections to the user's own workspaces, of which a share drops when the session expires. */
  async function disturbed(share: number, ...flags: string[]): Promise<{ result: Result; stderr: string }> {
    const owned = await begin([
      ...["create-workspaces", "--template", "all-parameters", "--count", "4", "--concurrency", "0"],
      ...["--parameter", "region=eu", "--use-host-login", "--no-cleanup", "--no-ssh"],
    ]).ended;
    expect(owned.code).toBe(0);
    rmSync(runFolder(at.home), { recursive: true });
    const line = begin([
      ...[
        "workspace-traffic",
        "--use-host-login",
        "--duration",
        "12s",
        "--late-limit",
        "1m",
        "--output",
        "json",
      ],
      ...["--reconnect", "--shards", "2", ...flags],
    ]);
    await line.until(/measured for/);
    await expire();
    at.sandbox.deployment.connections.drop(share);
    await line.until(/has expired/);
    await meanwhile();
    await give(await signInAgain());
    const { stdout, stderr } = await line.ended;
    return { result: JSON.parse(stdout) as Result, stderr };
  }

  it.each([[[]], [["--app", "echo"]], [["--ssh", "--ssh-via", "cli"]]])(
    "%j: connections that are open go on; those that drop come back with the new token",
    async (flags) => {
      const { result } = await disturbed(0.5, ...flags);
      expect(result.traffic?.total.connections).toMatchObject({ opened: 4, dropped: 2, reconnected: 2 });
    },
  );

  it("SSH by our own node goes on without its coordinator, which it finds again by the new token", async () => {
    meanwhile = async () => {
      const other = await give(await ownerToken());
      expect(other).toMatchObject({ code: 3, stderr: expect.stringContaining('cannot go on as "second"') });
    };
    const { result, stderr } = await disturbed(1, "--ssh");
    expect(result).toMatchObject({ total_pass: 4, total_fail: 0 });
    expect(result.traffic?.total.connections).toMatchObject({ opened: 4, dropped: 0 });
    expect(stderr).toContain("the coordinator is back");
  });
});

async function memberToken(): Promise<string> {
  const { users } = at.sandbox.deployment;
  const user = users.create({
    username: "m",
    email: "m@example.com",
    loginType: "none",
    organizationIds: [],
  });
  return users.addKey(user, {});
}

async function ownerToken(): Promise<string> {
  const { users } = at.sandbox.deployment;
  const given = { username: "second", email: "second@example.com", loginType: "none", roles: ["owner"] };
  const token = users.addKey(users.create({ ...given, organizationIds: [] }), {});
  at.client = at.client.as({ token });
  return token;
}
