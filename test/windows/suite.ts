import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import os from "node:os";
import path from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { Journal, readJournal } from "../../src/runs/journal.ts";
import { makeFolder } from "../../src/runs/make-folder.ts";
import { createRunFolder } from "../../src/runs/run-file.ts";
import { listRuns } from "../../src/runs/run-list.ts";
import { writeAtomic } from "../../src/runs/write-atomic.ts";
import { configFolder } from "../../src/system/config-folder.ts";
import { endGroup, OWN_GROUP } from "../../src/system/process-group.ts";
import { findOnPath } from "../../src/system/programs.ts";
import { socketPath } from "../../src/system/socket-path.ts";

/** Runs by Node.js for Windows: `npm run test:windows`. DIST: the built command line. */
const folder = mkdtempSync(path.join(os.tmpdir(), "scaletest windows "));
const { DIST = "" } = process.env;
const execute = promisify(execFile);

test("this is Windows", () => assert.equal(process.platform, "win32"));

test("a runner listens at a named pipe, and answers", async () => {
  const pipe = socketPath("abcdefgh");
  assert.match(pipe, /^\\\\\.\\pipe\\/);
  const server = createServer((socket) => socket.end("ready\n"));
  await new Promise<void>((resolve) => server.listen(pipe, resolve));
  const said = await new Promise<string>((resolve, reject) => {
    connect(pipe)
      .on("error", reject)
      .on("data", (data) => resolve(String(data)));
  });
  server.close();
  assert.equal(said, "ready\n");
});

test("folders are made, in paths with spaces and drive letters", () => {
  const deep = path.join(folder, "a", "b c", "d");
  makeFolder(deep);
  makeFolder(deep);
  assert.ok(existsSync(deep));
});

test("a file is replaced in one step", async () => {
  const file = path.join(folder, "result.json");
  await writeAtomic(file, "1");
  await writeAtomic(file, "2");
  assert.equal(readFileSync(file, "utf8"), "2");
});

test("a run has a folder and a journal, and is listed", async () => {
  const runs = path.join(folder, "runs");
  makeFolder(runs);
  const asked = {
    title: "a test",
    workload: "create-workspaces",
    url: "http://127.0.0.1:1",
    product: "0.0.0",
  };
  const { folder: made } = await createRunFolder(runs, asked);
  const journal = await Journal.open(made);
  await journal.write({ op: "asking", kind: "user", name: "scaletest-a-0" });
  await journal.close();
  const left = (await readJournal(made)).left();
  assert.deepEqual(
    left.map(({ name }) => name),
    ["scaletest-a-0"],
  );
  const listed = await listRuns(runs);
  assert.equal(listed.length, 1);
});

test("a program is found by its ending", async () => {
  assert.match((await findOnPath("cmd")) ?? "", /cmd\.exe$/i);
  assert.equal(await findOnPath("no-such-program-here"), undefined);
});

test("Coder's settings are in the roaming folder", () => {
  assert.match(configFolder(process.env), /AppData\\Roaming$/i);
});

test("a process ends with what it has started", { timeout: 60_000 }, async () => {
  const file = path.join(folder, "child.cjs");
  writeFileSync(
    file,
    "const c = require('node:child_process').spawn(process.execPath, ['-e', 'setTimeout(() => {}, 3e4)'], { stdio: 'ignore' }); console.log(c.pid); setInterval(() => {}, 1e3);",
  );
  const child = spawn(process.execPath, [file], { ...OWN_GROUP, stdio: ["ignore", "pipe", "ignore"] });
  const pid = await new Promise<number>((resolve) =>
    child.stdout.once("data", (data) => resolve(Number(data))),
  );
  const ended = new Promise((resolve) => child.once("exit", resolve));
  await endGroup(child);
  await ended;
  // Wine's taskkill knows no /T.
  if (process.env.WINEPREFIX) return;
  await new Promise((resolve) => setTimeout(resolve, 500));
  assert.throws(() => process.kill(pid, 0));
});

test("the command line says its version, and lists what is there", async () => {
  const run = (...args: string[]) =>
    execute(process.execPath, [path.join(DIST, "cli.js"), ...args], {
      env: { ...process.env, CODER_SCALETEST_HOME: path.join(folder, "home") },
    });
  assert.match((await run("--version")).stdout, /^\d+\.\d+\.\d+\r?\n$/);
  assert.match((await run("presets")).stdout, /^200-users /);
  assert.match((await run("plan", "--users", "1000")).stdout, /coderd/);
});

test("a command that can begin a run has its work done by another process, whose words and exit status are its own", async () => {
  const command = execute(process.execPath, [path.join(DIST, "cli.js"), "create-workspaces", "--no-such"], {
    env: { ...process.env, CODER_SCALETEST_HOME: path.join(folder, "home") },
  });
  await assert.rejects(command, ({ code, stderr }: { code: number; stderr: string }) => {
    assert.match(stderr, /unknown option '--no-such'/);
    assert.equal(code, 2);
    return true;
  });
});
