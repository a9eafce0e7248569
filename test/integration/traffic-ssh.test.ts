import { afterEach, describe, expect, it, test } from "vitest";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { CommandLine, removeFolder, run } from "./product.ts";

/** By SSH a connection has a token and a tailnet node: the caller's own, or those of the workspace's owner. */
const WORKSPACES = 4;
let sandbox: Sandbox;
afterEach(() => sandbox.close());

async function prepared(options: Parameters<typeof startSandbox>[0]): Promise<void> {
  sandbox = await startSandbox({ buildTimeMs: [50, 100], ...options });
  const flags = ["--count", String(WORKSPACES), "--template", "kubernetes", "--concurrency", "0"];
  const made = await product("create-workspaces", ...flags, "--no-cleanup", "--no-ssh");
  expect(made).toMatchObject({ code: 0 });
}

const product = (...args: string[]) =>
  run(args, { CODER_URL: sandbox.url, CODER_SESSION_TOKEN: sandbox.token });

const asked = (route: string) =>
  sandbox.deployment.stats.read(sandbox.deployment.workspaces).routes[route] ?? 0;
const nodes = () => asked("GET /api/v2/tailnet");
const tokens = () => asked("POST /api/v2/users/{user}/keys/tokens");

/** Nodes and tokens that traffic to all workspaces needed; every echo has come back. */
async function needed(...flags: string[]): Promise<{ nodes: number; tokens: number }> {
  const before = { nodes: nodes(), tokens: tokens() };
  const load = ["--ssh", "--duration", "2s", "--shards", "1", "--late-limit", "1m", "--output", "json"];
  const ended = await product("workspace-traffic", ...load, ...flags);
  expect({ code: ended.code, said: ended.code === 0 ? "" : ended.stderr }).toEqual({ code: 0, said: "" });
  const { ticks } = JSON.parse(ended.stdout).traffic.ssh;
  expect(ticks.due).toBeGreaterThan(0);
  expect(ticks.echoed).toBe(ticks.due);
  // Whatever it works with, it leases each owner by a token.
  return { nodes: nodes() - before.nodes, tokens: tokens() - before.tokens - WORKSPACES };
}

test("an agent that is killed under traffic is named, and others go on", async () => {
  await prepared({});
  const load = ["--ssh", "--duration", "16s", "--shards", "1", "--late-limit", "1m", "--output", "json"];
  const env = { CODER_URL: sandbox.url, CODER_SESSION_TOKEN: sandbox.token };
  const line = new CommandLine(["workspace-traffic", ...load], env);
  await line.until(/measured for/);
  const [workspace] = sandbox.deployment.workspaces.live();
  const agent = workspace?.builds.at(-1)?.resources.flatMap((resource) => resource.agents)[0];
  if (!agent) throw new Error("no agent");
  sandbox.deployment.life.kill(agent);
  const { code, stdout } = await line.ended;
  removeFolder(line.home);
  const result = JSON.parse(stdout);
  expect(code).toBe(1);
  expect(result).toMatchObject({ total_pass: WORKSPACES - 1, total_fail: 1 });
  expect(result.errors_by_cause).toMatchObject([
    {
      count: 1,
      example: { workspace: workspace?.name, message: expect.stringContaining("the agent is gone") },
    },
  ]);
});

describe("SSH traffic to others' workspaces", () => {
  it("shares one node under the caller's own token", async () => {
    await prepared({});
    expect(await needed()).toEqual({ nodes: 1, tokens: 0 });
    expect(await needed("--connections-per-node", "2")).toEqual({ nodes: WORKSPACES / 2, tokens: 0 });
  });

  it("has each owner's token and node where a user's shape is asked for", async () => {
    await prepared({});
    expect(await needed("--connections-per-node", "1")).toEqual({ nodes: WORKSPACES, tokens: WORKSPACES });
  });

  it("has each owner's token and node where the deployment keeps owners out", async () => {
    await prepared({ ownerExecDisabled: true });
    expect(await needed()).toEqual({ nodes: WORKSPACES, tokens: WORKSPACES });
  });
});
