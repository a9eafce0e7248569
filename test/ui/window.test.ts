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

/** What takes a window, from its outside: a reload would end a test that runs inside. */
const SLOW = 60_000;
const root = path.resolve(".");
let folder: string;
let sandbox: Sandbox;
let server: Awaited<ReturnType<typeof startDemoServer>>;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), "scaletest-ui-"));
  sandbox = await startSandbox(root);
  const run = {
    template: "kubernetes",
    count: 30,
    concurrency: 0,
    runCommand: "sleep 100",
    runTimeoutMs: 300_000,
  };
  server = await startDemoServer({
    root,
    folder,
    settings: { ...QUIET_SETTINGS, "workbench.reduceMotion": "on" },
    env: {
      ...process.env,
      CODER_SCALETEST_HOME: path.join(folder, "home"),
      CODER_SCALETEST_QUICKSTART: writeQuickstart(folder, sandbox, run),
    },
  });
  browser = await chromium.launch({ executablePath: chromiumPath(), args: CHROMIUM_ARGS });
  page = await browser.newPage({ viewport: { width: 1500, height: 950 }, reducedMotion: "reduce" });
  page.setDefaultTimeout(20_000);
  await page.goto(server.address);
  await inWindow.ready(page);
}, SLOW);

afterEach(async ({ task }) => {
  if (task.result?.state === "fail")
    await page.screenshot({ path: `.vscode-test/ui-failure-${task.name.slice(0, 12)}.png` });
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
  await stopRunners(path.join(folder, "home"));
  sandbox?.stop();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}, SLOW);

const title = () => inWindow.panel(page).getByRole("heading", { level: 1 });
const runItem = (name: RegExp) => inWindow.treeItem(page, name).first();

/** Workspaces and users that the sandbox has, besides its owner. */
async function workspacesLeft(): Promise<number> {
  const answer = await fetch(`${sandbox.url}/api/v2/workspaces?q=`, {
    headers: { "Coder-Session-Token": sandbox.token },
  });
  return ((await answer.json()) as { count: number }).count;
}

async function palette(command: string): Promise<void> {
  await page.keyboard.press("F1");
  const input = page.locator('.quick-input-widget input[type="text"]');
  await input.fill(`>${command}`);
  // Enter would race the list's filter.
  await page.locator(".quick-input-list").getByRole("option", { name: command }).first().click();
}

/** Answers the input box of this prompt. */
async function answer(prompt: RegExp, value: string): Promise<void> {
  await page.locator(".quick-input-widget").getByText(prompt).waitFor();
  await page
    .locator('.quick-input-widget input[type="text"], .quick-input-widget input[type="password"]')
    .first()
    .fill(value);
  await page.keyboard.press("Enter");
}

describe("a window with a run", () => {
  it(
    "shows it in tree, status bar and panel",
    async () => {
      await title().waitFor({ timeout: SLOW });
      expect(await title().textContent()).toBe("create 30 × kubernetes");
      await runItem(/^create 30 × kubernetes, /).waitFor();
      await expect.poll(() => inWindow.statusItem(page).textContent(), { timeout: SLOW }).toMatch(/30\/30/);
    },
    SLOW,
  );

  it(
    "asks for another one, step by step, and runs it beside",
    async () => {
      await palette("Scale Test: Create Workspaces…");
      await page
        .locator(".quick-input-list")
        .getByRole("option", { name: /^kubernetes/ })
        .click();
      await answer(/home_disk_size|Home disk/i, "20");
      await answer(/Workspaces to create/, "2");
      await answer(/Command to run/, "echo hello");
      await answer(/Workspaces at the same time/, "0");
      await page.locator(".quick-input-list").getByRole("option", { name: /^play/ }).click();
      await inWindow
        .treeItem(page, /^create 2 × kubernetes, 2 succeeded, 0 failed/)
        .waitFor({ timeout: SLOW });
    },
    SLOW,
  );

  it(
    "finds the run again after a reload, with its panel, and without the deployment's token",
    async () => {
      await palette("View: Close All Editor Groups");
      await runItem(/^create 30/).click();
      await title().waitFor();
      // The server's window keeps its state for us only after a while; the panel's own is kept with it.
      await page.waitForTimeout(6_000);
      await page.reload();
      await inWindow.ready(page);
      await expect
        .poll(() => title().textContent({ timeout: SLOW }), { timeout: SLOW })
        .toBe("create 30 × kubernetes");
      await expect.poll(() => inWindow.statusItem(page).textContent(), { timeout: SLOW }).toMatch(/30\/30/);
      const chart = inWindow.panel(page).getByRole("img", { name: /^Workspaces, at 00:/ });
      await chart.waitFor({ timeout: SLOW });
    },
    SLOW,
  );

  it(
    "opens a workspace's build log beside the panel, which comes back as it was left",
    async () => {
      const panel = inWindow.panel(page);
      await panel.getByRole("button", { name: "Last minute" }).click();
      await panel.getByRole("grid", { name: "Workspaces" }).getByRole("row").nth(3).click();
      const details = panel.getByRole("complementary", { name: "Workspace" });
      await details.getByRole("button", { name: "Open build log" }).click();
      await page.getByRole("tab", { name: /\.build\.log/ }).waitFor();
      await page
        .locator(".view-lines")
        .getByText(/build.1:.succeeded/)
        .waitFor();
      await page.getByRole("tab", { name: /^create 30/ }).click();
      const shown = inWindow.panel(page).getByRole("button", { name: "Last minute" });
      await expect
        .poll(() => shown.getAttribute("aria-pressed", { timeout: SLOW }), { timeout: SLOW })
        .toBe("true");
      await details.getByRole("button", { name: "Open build log" }).waitFor();
    },
    SLOW,
  );

  it(
    "stops it from the panel, and nothing is left",
    async () => {
      expect(await workspacesLeft()).toBe(30);
      await inWindow.panel(page).getByRole("button", { name: "Stop", exact: true }).click();
      const banner = inWindow
        .panel(page)
        .getByRole("status")
        .filter({ hasText: "nothing left on the server" });
      await banner.waitFor({ timeout: SLOW });
      expect(await banner.textContent()).toMatch(/^Interrupted/);
      expect(await workspacesLeft()).toBe(0);
    },
    SLOW,
  );
});
