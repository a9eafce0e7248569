import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CoderClient } from "../../src/coder/client.ts";
import { isFailure } from "../../src/coder/errors.ts";
import type { Workspace } from "../../src/coder/schemas.ts";
import { WorkspaceWatch } from "../../src/coder/watch.ts";
import { waysOf } from "../../src/coder/watch-ways.ts";
import type { RunResult } from "../../src/protocol/result.ts";
import type { Sandbox } from "../../src/sandbox/server.ts";
import { deploy, dismantle, leftOn } from "./deployed.ts";
import { type Front, type FrontOptions, startFront } from "./front.ts";
import { CommandLine } from "./product.ts";

/** A deployment behind something that does not pass WebSockets on. */

let sandbox: Sandbox;
let direct: CoderClient;
let home: string;
const fronts: Front[] = [];
const clients: CoderClient[] = [];
async function begin(workspaces: number): Promise<void> {
  const deployed = await deploy({ buildTimeMs: [100, 200], deleteTimeMs: [50, 100], workspaces });
  ({ sandbox, client: direct, home } = deployed);
}
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  await Promise.all(fronts.splice(0).map((front) => front.close()));
  await dismantle({ sandbox, client: direct, home });
});

async function behind(options: FrontOptions): Promise<{ url: string; client: CoderClient }> {
  const front = await startFront(sandbox.url, options);
  const client = new CoderClient({ url: front.url, token: sandbox.token, network: {} });
  fronts.push(front);
  clients.push(client);
  return { url: front.url, client };
}

async function someWorkspace(): Promise<Workspace> {
  const [workspace] = await direct.findWorkspaces('name:"scaletest-"');
  if (!workspace) throw new Error("no workspace");
  return workspace;
}

const deletedBy = (watch: WorkspaceWatch, ms = 9_000) =>
  watch.until(
    ({ latest_build: { transition, job } }) =>
      transition === "delete" && job.status === "succeeded" ? true : undefined,
    AbortSignal.timeout(ms),
  );
const isWatch = (url: string | undefined) => /\/watch$/.test(url ?? "");
const isUpgrade = (headers: Record<string, unknown>) => headers.upgrade !== undefined;

describe("a watch whose WebSocket is refused", () => {
  beforeEach(() => begin(150));
  const answers: [string, FrontOptions][] = [
    ["as a plain request by the deployment", { strip: true }],
    ...[200, 302, 400, 403, 404, 405, 501].map((status): [string, FrontOptions] => [
      `with ${status} and a page`,
      {
        refuse: ({ headers }) => (isUpgrade(headers) ? status : undefined),
        page: "<html><title>no</title></html>",
      },
    ]),
  ];
  it.each(answers)("%s, goes on by server-sent events", async (_, options) => {
    const { client } = await behind(options);
    const workspace = await someWorkspace();
    const watch = new WorkspaceWatch(client, workspace);
    // Deleted sooner, it would be found so by the plain request after the refusal.
    await expect.poll(() => waysOf(client.transport).best, { timeout: 5_000 }).toBe("events");
    await direct.createBuild(workspace.id, "delete");
    expect(await deletedBy(watch)).toBe(true);
    expect(waysOf(client.transport).best).toBe("events");
    watch.close();
  });

  it("with 502 each time, goes on by server-sent events", async () => {
    const { client } = await behind({ refuse: ({ headers }) => (isUpgrade(headers) ? 502 : undefined) });
    const workspace = await someWorkspace();
    const watch = new WorkspaceWatch(client, workspace);
    await expect.poll(() => waysOf(client.transport).best, { timeout: 5_000 }).toBe("events");
    await direct.createBuild(workspace.id, "delete");
    expect(await deletedBy(watch)).toBe(true);
    watch.close();
  });

  it("and whose events are refused too, goes on by asking: one list for many", async () => {
    const { client } = await behind({ strip: true, refuse: ({ url }) => (isWatch(url) ? 404 : undefined) });
    const workspaces = (await direct.findWorkspaces('name:"scaletest-"')).slice(0, 20);
    const watches = workspaces.map((one) => new WorkspaceWatch(client, one));
    await Promise.all(workspaces.slice(0, 5).map(({ id }) => direct.createBuild(id, "stop")));
    await Promise.all(workspaces.slice(5).map(({ id }) => direct.createBuild(id, "delete")));
    const lists = () =>
      sandbox.deployment.stats.read(sandbox.deployment.workspaces).routes["GET /api/v2/workspaces"] ?? 0;
    const before = lists();
    await Promise.all(
      watches.map((watch, at) =>
        at >= 5
          ? deletedBy(watch)
          : watch.until(
              ({ latest_build: { transition, job } }) =>
                transition === "stop" && job.status === "succeeded" ? true : undefined,
              AbortSignal.timeout(9_000),
            ),
      ),
    );
    await expect.poll(() => waysOf(client.transport).best).toBe("poll");
    // Two pages a round: not one request for each workspace.
    expect(lists() - before).toBeLessThanOrEqual(8);
    for (const watch of watches) watch.close();
  });

  it("leaves connections for requests, however many there are", async () => {
    const { client } = await behind({ strip: true });
    const workspaces = await direct.findWorkspaces('name:"scaletest-"');
    expect(workspaces.length).toBeGreaterThan(128);
    const watches = workspaces.map((one) => new WorkspaceWatch(client, one));
    const heard = watches.map(
      (watch) =>
        new Promise<void>((resolve) => {
          watch.onUpdate = () => resolve();
        }),
    );
    await Promise.all(heard);
    expect((await client.me({ timeoutMs: 30_000, retries: 0 })).username).toBe("admin");
    for (const watch of watches) watch.close();
  });
});

describe("a watch of a workspace that is refused itself", () => {
  beforeEach(() => begin(1));
  it("ends with the deployment's word, and what the deployment lets through is not blamed", async () => {
    const { client } = await behind({});
    const workspace = { ...(await someWorkspace()), id: "00000000-0000-4000-8000-000000000000" };
    const watch = new WorkspaceWatch(client, workspace);
    const error = await deletedBy(watch).catch((reason: unknown) => reason);
    expect(isFailure(error, "not_found")).toBe(true);
    expect(waysOf(client.transport).best).toBe("socket");
  });

  it("ends where the token is not accepted", async () => {
    const { client } = await behind({ strip: true });
    const watch = new WorkspaceWatch(
      client.as({ token: `${"x".repeat(10)}-${"y".repeat(22)}` }),
      await someWorkspace(),
    );
    const error = await deletedBy(watch).catch((reason: unknown) => reason);
    expect(isFailure(error, "unauthorized")).toBe(true);
  });
});

describe("behind a proxy without WebSocket upgrades", () => {
  const cli = async (url: string, ...args: string[]) =>
    new CommandLine(args, { CODER_URL: url, CODER_SESSION_TOKEN: sandbox.token }, home).ended;
  const create = ["create-workspaces", "--template", "kubernetes", "--count", "3", "--concurrency", "0"];
  const STRIPPED = "WebSocket upgrades are stripped on the way to the deployment";

  beforeEach(() => begin(0));

  it("preflight says so in one line", async () => {
    const { url } = await behind({ strip: true });
    const { stdout } = await cli(url, "preflight", "--template", "kubernetes");
    expect(stdout.match(/WebSocket upgrades are stripped on the way/g)).toHaveLength(1);
    expect((await cli(sandbox.url, "preflight", "--template", "kubernetes")).stdout).toMatch(
      /ok {5,}WebSockets +get through/,
    );
  });

  it.each([
    ["SSH", ["--run-command", "echo hi"]],
    ["the web terminal", ["--no-ssh", "--run-command", "echo hi"]],
  ])("%s fails for one clear cause, and nothing is left", async (_, flags) => {
    const { url } = await behind({ strip: true });
    const ended = await cli(url, ...create, ...flags, "--output", "json");
    const result = JSON.parse(ended.stdout) as RunResult;
    expect(result.errors_by_cause).toMatchObject([{ id: "upgrades_stripped", cause: STRIPPED, count: 3 }]);
    expect(result.outcome).toMatchObject({ orphans: 0, kept: 0 });
    expect(await leftOn(direct)).toEqual({ workspaces: 0, users: 0 });
  });

  it("workspaces are created, kept, and cleaned up, without a single WebSocket or event", async () => {
    const { url } = await behind({
      strip: true,
      refuse: ({ url: path }) => (isWatch(path) ? 403 : undefined),
    });
    expect(await cli(url, ...create, "--no-ssh", "--no-cleanup")).toMatchObject({ code: 0 });
    expect(await leftOn(direct)).toEqual({ workspaces: 3, users: 3 });
    const cleaned = await cli(url, "cleanup", "--yes", "--cleanup-concurrency", "0");
    expect(cleaned).toMatchObject({ code: 0, stdout: expect.stringContaining("Left behind: 0") });
    expect(await leftOn(direct)).toEqual({ workspaces: 0, users: 0 });
  });

  it("traffic fails for the same cause", async () => {
    const { url } = await behind({ strip: true });
    await cli(sandbox.url, ...create, "--no-ssh", "--no-cleanup");
    const ended = await cli(url, "workspace-traffic", "--duration", "1s", "--output", "json");
    const result = JSON.parse(ended.stdout) as RunResult;
    expect(result.errors_by_cause).toMatchObject([{ id: "upgrades_stripped", cause: STRIPPED, count: 3 }]);
  });
});
