import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { parse } from "jsonc-parser";
import { type Browser, chromium } from "playwright-core";
import { afterAll, it } from "vitest";
import { CHROMIUM_ARGS, chromiumPath } from "../../scripts/host/chromium.ts";
import { installVscodeHost } from "../../scripts/host/install.ts";
import { QUIET_SETTINGS, type Server, startServer } from "../../scripts/host/server.ts";
import { inWindow } from "../../scripts/host/window.ts";
import { SLOW } from "./stage.ts";

/** F5 as VS Code does it: the task that comes before, then a window by the configuration's own arguments. */
const root = path.resolve(".");
const folder = mkdtempSync(path.join(os.tmpdir(), "scaletest-launch-"));
let task: ChildProcess | undefined;
let server: Server | undefined;
let browser: Browser | undefined;

/** A file of `.vscode`, with the folder where it has a place for it. */
function settingsOf(name: string) {
  const text = readFileSync(path.join(root, ".vscode", name), "utf8");
  return parse(text.replaceAll(/\$\{workspaceFolder\}/g, root));
}

/** Resolves when a task in the background says that it is ready. */
function begun(command: string, ready: RegExp): Promise<void> {
  task = spawn(command, { cwd: root, shell: true, detached: true, stdio: ["ignore", "pipe", "inherit"] });
  return new Promise((resolve, reject) => {
    task?.once("exit", (code) => reject(new Error(`${command} ended (exit status ${code})`)));
    if (task?.stdout) createInterface(task.stdout).on("line", (line) => ready.test(line) && resolve());
  });
}

afterAll(async () => {
  await browser?.close();
  await server?.stop();
  if (task?.pid) process.kill(-task.pid, "SIGTERM");
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

it(
  "F5 opens the extension in a window that is signed in to a sandbox",
  async () => {
    const { configurations } = settingsOf("launch.json");
    const launch = configurations.find((one: { type: string }) => one.type === "extensionHost");
    const { tasks } = settingsOf("tasks.json");
    const named = (label: string) => tasks.find((one: { label: string }) => one.label === label);
    // Everything is built already, and other tests are at work with it.
    const [, last] = named(launch.preLaunchTask).dependsOn;
    const before = named(last);
    await begun(before.command, new RegExp(before.problemMatcher.background.endsPattern));
    const host = await installVscodeHost();
    server = await startServer({
      host,
      userData: path.join(folder, "user"),
      extensions: path.join(folder, "extensions"),
      env: launch.env,
      settings: QUIET_SETTINGS,
      // The server's window takes an extension under development only then.
      testDriver: true,
    });
    const { authority, origin } = server;
    const [development, opened] = launch.args;
    const extension = development.replace("--extensionDevelopmentPath=", `vscode-remote://${authority}`);
    const payload = JSON.stringify([["extensionDevelopmentPath", extension]]);
    browser = await chromium.launch({ executablePath: chromiumPath(), args: CHROMIUM_ARGS });
    const page = await browser.newPage({ viewport: { width: 1500, height: 950 } });
    await page.goto(`${origin}/?${new URLSearchParams({ folder: opened, payload })}`);
    await inWindow.ready(page);
    await inWindow.treeItem(page, /^127\.0\.0\.1:\d+, sandbox · admin/).waitFor({ timeout: SLOW });
  },
  2 * SLOW,
);
