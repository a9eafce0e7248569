import { readdirSync, readFileSync, statSync } from "node:fs";
import { connect } from "node:net";
import path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { PROTOCOL_VERSION } from "../../src/protocol/messages.ts";
import type { Snapshot } from "../../src/protocol/snapshot.ts";
import { viewOf } from "../../src/protocol/steps.ts";
import { connectionOver } from "../../src/runner/client/socket.ts";
import { readRunFile } from "../../src/runs/run-file.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { CommandLine, eventually, newHome, removeFolder, runFolder, runnerPid } from "./product.ts";

/** A Coder token; the ten characters before the dash alone are its id, and no secret. */
const TOKEN = /\b[A-Za-z0-9]{10}-[A-Za-z0-9]{22}\b/;

let sandbox: Sandbox;
let home: string;
beforeEach(async () => {
  sandbox = await startSandbox({ buildTimeMs: [100, 200], deleteTimeMs: [50, 100] });
  home = newHome();
});
afterEach(async () => {
  await sandbox.close();
  removeFolder(home);
});

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => path.join(folder, name))
    .filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile());
}

/** A watcher of the run that is under way; `heard` gets every byte that the runner sends. */
async function attached(at: string, heard: (text: string) => void) {
  await eventually("it is under way", () => {
    try {
      return readFileSync(path.join(runFolder(at), "run.json"), "utf8").includes(".sock");
    } catch {
      return false;
    }
  });
  const file = await readRunFile(runFolder(at));
  const socket = connect(file.runner.socket ?? "");
  socket.on("data", (data) => heard(String(data)));
  const rpc = connectionOver(socket);
  rpc.listen();
  const hello = { token: file.runner.token, protocol: PROTOCOL_VERSION, client: "test" };
  await rpc.sendRequest("core/hello", hello);
  return {
    // Before the run has been started there is no snapshot, which is an error of its own.
    active: () =>
      rpc.sendRequest<Snapshot>("run/snapshot", {}).then(
        (snapshot) => viewOf(snapshot).counts.active,
        () => 0,
      ),
    rows: async () => {
      await rpc.sendRequest("run/workspaces", { offset: 0, limit: 100 });
      await rpc.sendRequest("run/series", {});
    },
    leave: () => socket.destroy(),
  };
}

/** What the deployment has got for the first workspace. */
async function sentParameters(): Promise<Record<string, string>> {
  const get = async (route: string) => {
    const headers = { "Coder-Session-Token": sandbox.token };
    return (await fetch(`${sandbox.url}/api/v2/${route}`, { headers })).json();
  };
  const [workspace] = (await get("workspaces?q=name:scaletest-")).workspaces;
  const values: { name: string; value: string }[] = await get(
    `workspacebuilds/${workspace.latest_build.id}/parameters`,
  );
  return Object.fromEntries(values.map(({ name, value }) => [name, value]));
}

it("a hidden parameter and one of a single build are in no file, message or log of a run", async () => {
  const [password, once] = ["hunter2-very-secret", "only-for-this-build"];
  const seen: string[] = [];
  const line = new CommandLine(
    [
      ...["create-workspaces", "--template", "secret-parameters", "--count", "2", "--concurrency", "0"],
      "--run-log-output",
      // A workspace that has the values may print them, and fail with them.
      ...[
        "--run-command",
        "printf '%s-%s\\n%s-%s\\n' hunter2 very-secret only for-this-build; sleep 3; exit 3",
      ],
      ...["--output", "text", "--output", `json:${home}/exported.json`],
    ],
    {
      CODER_URL: sandbox.url,
      CODER_SESSION_TOKEN: sandbox.token,
      CODER_RICH_PARAMETER: `password=${password},once=${once},home_disk_size=11`,
    },
    home,
  );
  const run = await attached(home, (text) => seen.push(text));
  await eventually("all are in use", async () => (await run.active()) === 2);
  expect(await sentParameters()).toMatchObject({ password, once, home_disk_size: "11" });
  if (process.platform === "linux") {
    const at = `/proc/${runnerPid(home)}`;
    seen.push(readFileSync(`${at}/cmdline`, "utf8"), readFileSync(`${at}/environ`, "utf8"));
  }
  const ended = await line.ended;
  expect(ended.stdout).toContain("exit status 3");
  await run.rows().catch(() => undefined);
  run.leave();
  seen.push(ended.stdout, ended.stderr);
  for (const one of filesUnder(home)) seen.push(readFileSync(one, "utf8"));
  const all = seen.join("\n");
  expect(all).toContain("***");
  expect([all.includes(password), all.includes(once)]).toEqual([false, false]);
  expect(await readRunFile(runFolder(home))).toMatchObject({
    steps: [
      {
        config: { parameters: { home_disk_size: "11" }, template: "secret-parameters" },
        withheld: { parameters: ["password", "once"] },
      },
    ],
  });
});

it("no token is in any file, message, process list, log or export of a run", async () => {
  const seen: string[] = [];
  const line = new CommandLine(
    [
      "create-workspaces",
      "--template",
      "kubernetes",
      "--count",
      "5",
      "--concurrency",
      "0",
      "--ssh-via",
      "cli",
      "--run-command",
      "sleep 20; echo hello",
      "--run-timeout",
      "2m",
      "--run-log-output",
      "--output",
      "text",
      "--output",
      `json:${home}/exported.json`,
    ],
    { CODER_URL: sandbox.url, CODER_SESSION_TOKEN: sandbox.token },
    home,
  );
  const run = await attached(home, (text) => seen.push(text));
  await eventually("all are in use", async () => (await run.active()) === 5);
  await run.rows();
  if (process.platform === "linux") {
    for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
      // Those that are gone in between have nothing to tell.
      try {
        seen.push(readFileSync(`/proc/${pid}/cmdline`, "utf8"));
      } catch {}
    }
    seen.push(readFileSync(`/proc/${runnerPid(home)}/environ`, "utf8"));
  }
  const ended = await line.ended;
  expect(ended.code).toBe(0);
  run.leave();
  seen.push(ended.stdout, ended.stderr);
  const files = filesUnder(home);
  expect(files.map((one) => path.basename(one))).toEqual(
    expect.arrayContaining([
      "run.json",
      "journal.ndjson",
      "events.ndjson",
      "seconds.ndjson",
      "result.json",
      "runner.log",
      "exported.json",
    ]),
  );
  for (const one of files) seen.push(readFileSync(one, "utf8"));
  for (const text of seen) {
    expect(text).not.toContain(sandbox.token);
    expect(TOKEN.exec(text)?.[0]).toBeUndefined();
  }
  // The journal names tokens by their ids, so that they can be revoked.
  expect(seen.join("")).toMatch(/"kind":"token","op":"exists"/);
});

it("the connection string of a database is in no file, message, log, argument or environment of a run", async () => {
  const seen: string[] = [];
  const url = "postgres://a-database-user:p%40ss-of-the-database@127.0.0.1:9/coder";
  const line = new CommandLine(
    [
      ...["create-workspaces", "--template", "kubernetes", "--count", "1", "--no-ssh"],
      // A workspace that knows the password may print it, and fail with it.
      ...["--run-command", "echo p@ss-of-the-database; sleep 1; exit 3", "--run-log-output"],
      ...["--server-metrics", "postgres", "--server-metrics-around", "1s"],
      ...["--output", "text", "--output", `json:${home}/exported.json`],
    ],
    { CODER_URL: sandbox.url, CODER_SESSION_TOKEN: sandbox.token, CODER_SCALETEST_PG_URL: url },
    home,
  );
  const run = await attached(home, (text) => seen.push(text));
  if (process.platform === "linux") {
    const at = `/proc/${runnerPid(home)}`;
    seen.push(readFileSync(`${at}/cmdline`, "utf8"), readFileSync(`${at}/environ`, "utf8"));
  }
  await line.until(/PostgreSQL: nothing answers at this address/);
  const ended = await line.ended;
  run.leave();
  seen.push(ended.stdout, ended.stderr);
  // The command is the person's own argument, and is kept as it was given.
  for (const one of filesUnder(home))
    seen.push(readFileSync(one, "utf8").replaceAll("echo p@ss-of-the-database", ""));
  const all = seen.join("\n").replaceAll("echo p@ss-of-the-database", "");
  expect(all).not.toContain("a-database-user");
  expect(all).not.toMatch(/p(%40|@)ss-of-the-database/);
});
