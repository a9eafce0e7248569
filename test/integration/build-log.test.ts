import { afterEach, beforeEach, expect, it } from "vitest";
import { viewOf } from "../../src/protocol/steps.ts";
import { RunnerConnection } from "../../src/runner/client/connection.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { english } from "../../src/text/message.ts";
import { CommandLine, eventually, removeFolder, runFolder } from "./product.ts";

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await startSandbox({ buildTimeMs: [100, 300], deleteTimeMs: [50, 100] });
});
afterEach(() => sandbox.close());

function start(...flags: string[]): CommandLine {
  return new CommandLine(
    [
      "create-workspaces",
      "--template",
      "kubernetes",
      "--count",
      "2",
      "--concurrency",
      "0",
      "--no-ssh",
      ...flags,
    ],
    { CODER_URL: sandbox.url, CODER_SESSION_TOKEN: sandbox.token },
  );
}

async function attached(line: CommandLine): Promise<RunnerConnection> {
  let found: RunnerConnection | undefined;
  await eventually("the runner answers", async () => {
    found ??= await Promise.resolve()
      .then(() => RunnerConnection.attach(runFolder(line.home), "test"))
      .catch(() => undefined);
    return (await found?.refresh().catch(() => undefined)) !== undefined;
  });
  if (!found) throw new Error("no runner");
  return found;
}

it("comes whole from the deployment while the run goes on, and there is none of a workspace that is none", async () => {
  const line = start("--run-command", "sleep 60");
  const runner = await attached(line);
  try {
    await eventually("both are in use", async () => viewOf(await runner.refresh()).counts.active === 2);
    const { head, text } = await runner.buildLog("create-workspaces", 1);
    expect(english(head)).toMatch(/^scaletest-\w+-1, build 1: succeeded$/);
    expect(text).toContain("\nPlanning infrastructure\n  ");
    await expect(runner.buildLog("create-workspaces", 7)).rejects.toThrow(
      /^the workspace has not been made$/,
    );
  } finally {
    await runner.stop(false);
    await line.ended;
    runner.dispose();
    removeFolder(line.home);
  }
});

it("a workspace's phases follow one another in time, the deletion after all of them", async () => {
  const line = start("--run-command", "sleep 2");
  const runner = await attached(line);
  try {
    await eventually("it has ended", async () => (await runner.refresh()).outcome !== null);
    const [row] = (await runner.workspaces({ offset: 0, limit: 1 })).rows;
    const order = [
      "api",
      "queue",
      "provision",
      "agent_connect",
      "startup_script",
      "first_byte",
      "command",
      "delete",
    ];
    const begins = order.map((name) => row?.begins?.[name] ?? Number.NaN);
    expect(begins).toEqual([...begins].sort((a, b) => a - b));
    expect(begins[0]).toBeGreaterThanOrEqual(row?.startedAt ?? Number.NaN);
  } finally {
    runner.dispose();
    await line.ended;
    removeFolder(line.home);
  }
});
