import { readFileSync } from "node:fs";
import path from "node:path";
import { afterEach, expect, it } from "vitest";
import type { RunResult } from "../../src/protocol/result.ts";
import { readLeft } from "../../src/runs/left.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { envOf } from "./deployed.ts";
import { CommandLine, eventually, newHome, removeFolder, runFolder } from "./product.ts";

/** A deployment on which no token lives as long as the run. */

/** As far as it is looked at. */
interface Connections {
  connections: Record<string, number>;
}

const LIFETIME_MS = 1_500;
let sandbox: Sandbox;
let home: string;
afterEach(async () => {
  await sandbox.close();
  removeFolder(home);
});

async function begin(options: { workspaces?: number; buildTimeMs?: [number, number] }): Promise<void> {
  sandbox = await startSandbox({ maxTokenLifetimeMs: LIFETIME_MS, deleteTimeMs: [20, 50], ...options });
  home = newHome();
}

const start = (...args: string[]) => new CommandLine(args, envOf(sandbox), home);
const made = () => sandbox.stats().routes["POST /api/v2/users/{user}/keys/tokens"] ?? 0;
const journalOf = () => readFileSync(path.join(runFolder(home), "journal.ndjson"), "utf8");
/** The end of the folder's name. */
const idOf = (folder: string) => folder.slice(-8);
const scaletestKeys = () =>
  [...sandbox.deployment.users.all()].flatMap((user) =>
    sandbox.deployment.users.keysOf(user).filter(({ tokenName }) => tokenName.startsWith("scaletest-")),
  );

it("is created on: users' tokens are cut to what is allowed and renewed, and nothing is left", async () => {
  await begin({ buildTimeMs: [2_500, 2_500] });
  const args = ["create-workspaces", "--template", "kubernetes", "--count", "2", "--concurrency", "0"];
  const line = start(...args, "--run-command", "echo hello", "--no-cleanup", "--output", "json");
  const { code, stdout, stderr } = await line.ended;
  expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
  expect(stderr).toContain("Lifetime of tokens: at most 1.5s; the run may take 30m0s");
  const result = JSON.parse(stdout) as RunResult;
  // SSH and the command come after the first token's end.
  expect(result.phases.command?.count).toBe(2);
  expect(made()).toBeGreaterThanOrEqual(4);
  expect(journalOf()).toMatch(/"op":"asking","name":"scaletest-\w+-0-r1"/);
  // What is renewed goes with its user, and is nothing of its own.
  const folder = runFolder(home);
  expect(await readLeft(folder)).toEqual({ users: 2, workspaces: 2, tokens: 0 });
  const cleaned = await start("runs", "clean", idOf(folder), "--yes").ended;
  expect(cleaned).toMatchObject({ code: 0, stdout: expect.stringContaining("Left behind: 0") });
  expect(scaletestKeys()).toEqual([]);
  expect(await readLeft(folder)).toEqual({ users: 0, workspaces: 0, tokens: 0 });
});

it("is sent traffic to: a connection that comes back has a token that is good, and all are revoked", async () => {
  await begin({ workspaces: 2 });
  const line = start(
    ...["workspace-traffic", "--reconnect", "--duration", "5s", "--late-limit", "1m", "--output", "json"],
  );
  await line.until(/measured for/);
  const first = scaletestKeys();
  await eventually("the first tokens have ended", () =>
    first.every(({ expiresAt }) => expiresAt < sandbox.deployment.clock.now()),
  );
  sandbox.deployment.connections.drop(1);
  const { stdout, stderr } = await line.ended;
  const { traffic, outcome } = JSON.parse(stdout) as RunResult & { traffic: { total: Connections } };
  expect({ connections: traffic.total.connections, stderr }).toMatchObject({
    connections: { opened: 2, failed: 0, dropped: 2, reconnected: 2 },
  });
  expect(outcome.orphans).toBe(0);
  expect(made()).toBeGreaterThanOrEqual(4);
  expect(scaletestKeys()).toEqual([]);
});
