import { afterEach, beforeEach, expect, it } from "vitest";
import { alive, CommandLine, eventually, newHome, removeFolder, runnerPid } from "../integration/product.ts";

let home: string;
let sandbox: CommandLine;
let target: { url: string; token: string };
beforeEach(async () => {
  home = newHome();
  // A process of its own: what is measured is how soon the other side sees the end.
  sandbox = new CommandLine(["sandbox", "--json", "--workspaces", "250"], {}, home);
  let line = "";
  sandbox.child.stdout?.on("data", (data) => {
    line += data;
  });
  await sandbox.until(/\n/);
  target = JSON.parse(line) as typeof target;
});
afterEach(async () => {
  sandbox.child.kill("SIGTERM");
  await sandbox.ended;
  removeFolder(home);
});

async function connections(): Promise<number> {
  return ((await (await fetch(`${target.url}/sandbox/faults`)).json()) as { connections: number })
    .connections;
}

it("a stop at 1,000 connections in full traffic closes all of them within two seconds", async () => {
  const line = new CommandLine(
    [
      "workspace-traffic",
      "--connections-per-workspace",
      "4",
      "--bytes-per-tick",
      "1000",
      "--tick-interval",
      "250ms",
      "--duration",
      "5m",
      "--output",
      "json",
    ],
    { CODER_URL: target.url, CODER_SESSION_TOKEN: target.token },
    home,
  );
  await line.until(/1000 of 1000 connections/);
  expect(await connections()).toBeGreaterThanOrEqual(1_000);
  const pid = runnerPid(home);
  const asked = Date.now();
  line.child.kill("SIGINT");
  // When the look began that found none: on a busy machine its answer takes a while.
  let looked = asked;
  await eventually(
    "the server counts none",
    async () => {
      looked = Date.now();
      return (await connections()) === 0;
    },
    10_000,
  );
  expect(looked - asked).toBeLessThan(2_000);
  const ended = await line.ended;
  expect(ended.code).toBe(130);
  // Connections that we ended are not drops.
  const { traffic } = JSON.parse(ended.stdout) as {
    traffic: { total: { connections: { dropped: number } } };
  };
  expect(traffic.total.connections.dropped).toBe(0);
  await eventually("the runner is gone", () => !alive(pid));
}, 120_000);
