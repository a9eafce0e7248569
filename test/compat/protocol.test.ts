import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { CoderClient } from "../../src/coder/client.ts";
import { PROTOCOL_VERSION } from "../../src/protocol/messages.ts";
import { oneStep } from "../../src/protocol/step-request.ts";
import { RunnerConnection } from "../../src/runner/client/connection.ts";
import { ask } from "../../src/runner/client/rpc.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import {
  buildRunner,
  killRunners,
  recorded,
  type StartedRunner,
  startRunner,
  unpackVersion1,
} from "./runners.ts";
import { type Message, Wire } from "./wire.ts";

let home: string;
let scripts: { version1: string; version2: string };
let sandbox: Sandbox;
let client: CoderClient;
let runner: StartedRunner;
let sockets: number;

beforeAll(async () => {
  home = mkdtempSync(path.join(tmpdir(), "protocol-"));
  scripts = { version1: unpackVersion1(home), version2: await buildRunner(home) };
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

beforeEach(async () => {
  sandbox = await startSandbox({ buildTimeMs: [20, 30], deleteTimeMs: [10, 20] });
  client = new CoderClient({ url: sandbox.url, token: sandbox.token, network: {} });
  sockets = openSockets();
});
afterEach(async () => {
  // Nothing is left where a test goes well: this is for those that do not.
  killRunners();
  await client.close();
  await sandbox.close();
});

/** Local sockets of this process. */
const openSockets = () => process.getActiveResourcesInfo().filter((name) => name === "PipeWrap").length;

const workspaces = async () => (await client.findWorkspaces('name:"scaletest-"')).length;

async function until(what: string, check: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + 20_000;
  while (!(await check())) {
    if (Date.now() > end) throw new Error(`did not come true: ${what}`);
    await delay(20);
  }
}

/** The run is over, and its runner and our sockets to it are gone: nobody holds on to the other. */
async function allGone(): Promise<void> {
  expect(await runner.ended).toBe(0);
  // The runner's output is one of ours, and goes with it.
  await until("no socket is left", () => openSockets() <= sockets);
}

/** What one version says to the other instead of doing it. */
const only = (protocol: number) =>
  `this run speaks protocol ${protocol}; with another version it can only be stopped`;

describe("a client of this version and a runner of version 1", () => {
  let starter: Wire;
  let connection: RunnerConnection;
  beforeEach(async () => {
    runner = await startRunner(scripts.version1, home, 1, sandbox.url);
    starter = await Wire.open(runner.socket);
    for (const { from, message } of await recorded("stop", runner.file.runner.token, sandbox))
      if (from === "client" && (message.method === "core/hello" || message.method === "run/start"))
        expect(await starter.ask({ id: 0, ...message })).toHaveProperty("result");
    await until("all are made", async () => (await workspaces()) === 3);
    await starter.close();
    connection = await RunnerConnection.attach(runner.folder, "test");
  });

  const status = () => ask(connection.rpc(), "core/status", {});
  async function finished(): Promise<void> {
    await until("the run is over", async () => (await status()).state === "finished");
    connection.dispose();
    await allGone();
  }

  it("see its status, and stop it with all cleaned up", async () => {
    expect(connection.compatible).toBe(false);
    expect(await status()).toEqual({ state: "running", summary: "" });
    await connection.stop(false);
    await finished();
    expect(await workspaces()).toBe(0);
  });

  it("stop it, and keep what it has made", async () => {
    await connection.stop(true);
    await finished();
    expect(await workspaces()).toBe(3);
  });

  it("do nothing else, and say why", async () => {
    const target = { url: sandbox.url, token: sandbox.token, network: {} };
    const steps = oneStep("create-workspaces", {});
    const asked = [
      () => connection.refresh(),
      () => connection.pause(true),
      () => connection.pause(false),
      () => connection.renew(sandbox.token),
      () => connection.workspaces({ offset: 0, limit: 50, sort: "values.bytesRead" }),
      () => connection.series(),
      () => connection.buildLog("create-workspaces", 0),
      () => ask(connection.rpc(), "run/start", { steps, target, endWithClient: true }),
    ];
    for (const one of asked) await expect(one()).rejects.toThrow(only(1));
    expect(await status()).toEqual({ state: "running", summary: "" });
    await connection.stop(false);
    await finished();
  });
});

describe("a client of version 1 and a runner of this version", () => {
  beforeEach(async () => {
    runner = await startRunner(scripts.version2, home, 2, sandbox.url);
    const connection = await RunnerConnection.attach(runner.folder, "test");
    const target = { url: sandbox.url, token: sandbox.token, network: {} };
    await ask(connection.rpc(), "run/start", { target, endWithClient: false });
    await until("all are made", async () => (await workspaces()) === 3);
    connection.dispose();
  });

  it.each([
    ["stop", 0],
    ["stop-and-keep", 3],
  ])("as recorded, until the last word of %s: the core as ever, all else refused", async (name, left) => {
    const frames = await recorded(name, runner.file.runner.token, sandbox);
    const answers = new Map(
      frames.flatMap(({ from, message }) => (from === "runner" ? [[message.id, message]] : [])),
    );
    const wire = await Wire.open(runner.socket);
    const hello = {
      protocol: PROTOCOL_VERSION,
      runId: runner.file.id,
      compatible: false,
      message: only(PROTOCOL_VERSION),
    };
    let stopped = false;
    for (const { from, message } of frames) {
      if (from !== "client") continue;
      const answer = await wire.ask({ id: 0, ...message });
      if (message.method === "core/hello") expect(answer.result).toEqual(hello);
      else if (message.method === "core/status" && stopped)
        await until("the run is over", async () => isOver(await wire.ask({ ...message, id: 1_000 })));
      else if (message.method === "core/status")
        expect(answer.result).toEqual({ state: "running", summary: "" });
      else if (message.method?.startsWith("core/")) {
        expect(answer.result).toEqual(answers.get(message.id)?.result);
        stopped = true;
      } else expect(answer.error).toMatchObject({ code: 1, message: only(PROTOCOL_VERSION) });
    }
    expect(wire.notices).toEqual([]);
    await wire.close();
    await allGone();
    expect(await workspaces()).toBe(left);
  });
});

/** Every version of a client takes a state and a summary for people, and nothing else. */
function isOver({ result }: Message): boolean {
  const { state, summary, ...more } = result as { state: string; summary: string };
  if (state !== "finished") return false;
  expect(summary).toMatch(/3 stopped/);
  expect(more).toEqual({});
  return true;
}
