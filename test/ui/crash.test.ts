import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { CHROMIUM_ARGS, chromiumPath } from "../../scripts/host/chromium.ts";
import { startDemoServer, writeQuickstart } from "../../scripts/host/demo.ts";
import { stopRunners } from "../../scripts/host/runners.ts";
import { type Sandbox, startSandbox } from "../../scripts/host/sandbox.ts";
import { QUIET_SETTINGS } from "../../scripts/host/server.ts";
import { inWindow } from "../../scripts/host/window.ts";

/** The editor is killed in the middle of a run: window, extension host and all, without a word. */
const SLOW = 60_000;
const COUNT = 12;
const root = path.resolve(".");
let folder: string;
let sandbox: Sandbox;
let server: Awaited<ReturnType<typeof startDemoServer>>;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), "scaletest-crash-"));
  sandbox = await startSandbox(root);
  browser = await chromium.launch({ executablePath: chromiumPath(), args: CHROMIUM_ARGS });
  const run = {
    template: "kubernetes",
    count: COUNT,
    concurrency: 0,
    runCommand: "sleep 200",
    runTimeoutMs: 300_000,
  };
  await openWindow({ CODER_SCALETEST_QUICKSTART: writeQuickstart(folder, sandbox, run) });
}, SLOW);

afterEach(async ({ task }) => {
  if (task.result?.state === "fail")
    await page.screenshot({ path: `.vscode-test/crash-failure-${task.name.slice(0, 12)}.png` });
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
  await stopRunners(path.join(folder, "home"));
  sandbox?.stop();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}, SLOW);

/** A browser without memory: no token, no state of a window before it. */
async function openWindow(env: NodeJS.ProcessEnv): Promise<void> {
  server = await startDemoServer({
    root,
    folder,
    settings: { ...QUIET_SETTINGS, "workbench.reduceMotion": "on" },
    env: { ...process.env, CODER_SCALETEST_HOME: path.join(folder, "home"), ...env },
  });
  const context = await browser.newContext({
    viewport: { width: 1500, height: 950 },
    reducedMotion: "reduce",
  });
  page = await context.newPage();
  page.setDefaultTimeout(30_000);
  await page.goto(server.address);
  await inWindow.ready(page);
}

async function workspacesLeft(): Promise<number> {
  const answer = await fetch(`${sandbox.url}/api/v2/workspaces?q=`, {
    headers: { "Coder-Session-Token": sandbox.token },
  });
  return ((await answer.json()) as { count: number }).count;
}

describe("an editor that is killed in the middle of a run", () => {
  const line = () => inWindow.treeItem(page, /^create 12 × kubernetes, /).first();

  it(
    "does not take the run with it: the next window finds it, with no token of the deployment",
    async () => {
      await expect
        .poll(() => inWindow.statusItem(page).textContent(), { timeout: SLOW })
        .toContain(`${COUNT}/${COUNT}`);
      await server.crash();
      await page.context().close();
      expect(await workspacesLeft()).toBe(COUNT);
      await openWindow({});
      await page
        .getByRole("tab", { name: /^Scale Test/ })
        .first()
        .click();
      await line().waitFor({ timeout: SLOW });
      await expect
        .poll(() => inWindow.statusItem(page).textContent(), { timeout: SLOW })
        .toContain(`${COUNT}/${COUNT}`);
      // Nobody is signed in to anything here.
      await page.getByRole("button", { name: "Sign In to a Deployment" }).first().waitFor();
    },
    SLOW * 2,
  );

  it(
    "and can stop it, so that nothing is left",
    async () => {
      await line().hover();
      await line().getByRole("button", { name: "Stop", exact: true }).click();
      await inWindow
        .treeItem(page, /^create 12 × kubernetes, .*canceled|^create 12 × kubernetes, interrupted/)
        .first()
        .waitFor({ timeout: SLOW });
      await expect.poll(workspacesLeft, { timeout: SLOW }).toBe(0);
    },
    SLOW,
  );
});
