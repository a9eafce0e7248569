// Pictures of the real thing: VS Code with tree, status bar and panel in the middle of a run of 500
// workspaces in a sandbox that breaks now and then, in each theme. They go to .vscode-test/screenshots.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { CHROMIUM_ARGS, chromiumPath } from "./host/chromium.ts";
import { startDemoServer, writeQuickstart } from "./host/demo.ts";
import { stopRunners } from "./host/runners.ts";
import { startSandbox } from "./host/sandbox.ts";
import { QUIET_SETTINGS } from "./host/server.ts";
import { inWindow } from "./host/window.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const out = path.join(root, ".vscode-test", "screenshots");
const THEMES = {
  dark: "Dark Modern",
  light: "Light Modern",
  "high-contrast": "Default High Contrast",
};
const RUN = { template: "kubernetes", count: 500, concurrency: 0, runCommand: "sleep 3 && echo hello" };
const FLAGS = ["--daemons", "60", "--fault", "build-failure-rate=0.02", "--fault", "startup-fails=0.02"];

async function picture(browser, name, theme) {
  const folder = mkdtempSync(path.join(os.tmpdir(), "scaletest-shot-"));
  const sandbox = await startSandbox(root, FLAGS);
  const env = {
    ...process.env,
    CODER_SCALETEST_HOME: path.join(folder, "home"),
    CODER_SCALETEST_QUICKSTART: writeQuickstart(folder, sandbox, RUN),
  };
  const settings = { ...QUIET_SETTINGS, "workbench.colorTheme": theme, "workbench.reduceMotion": "on" };
  const server = await startDemoServer({ root, folder, env, settings });
  const page = await browser.newPage({ viewport: { width: 1600, height: 1000 }, reducedMotion: "reduce" });
  try {
    await page.goto(server.address);
    await inWindow.ready(page);
    const panel = inWindow.panel(page);
    await panel.getByRole("heading", { level: 1 }).waitFor({ timeout: 60_000 });
    // The middle of the run: a good part is ready, much is still to come.
    await panel
      .getByRole("row", { name: /succeeded/ })
      .first()
      .waitFor({ timeout: 60_000 });
    await page.waitForTimeout(10_000);
    await page.screenshot({ path: path.join(out, `${name}.png`), animations: "disabled", caret: "hide" });
    await panel.getByRole("grid", { name: "Workspaces" }).scrollIntoViewIfNeeded();
    await panel.getByRole("combobox", { name: "Show workspaces in state" }).selectOption("failed");
    await panel
      .getByRole("row", { name: /build failed/ })
      .first()
      .click();
    await page.screenshot({
      path: path.join(out, `${name}-table.png`),
      animations: "disabled",
      caret: "hide",
    });
    console.log(path.join(out, `${name}.png`), "|", await inWindow.statusItem(page).textContent());
  } finally {
    await page.close();
    await server.stop();
    await stopRunners(path.join(folder, "home"));
    sandbox.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

mkdirSync(out, { recursive: true });
const browser = await chromium.launch({ executablePath: chromiumPath(), args: CHROMIUM_ARGS });
try {
  const wanted = process.argv.slice(2);
  for (const [name, theme] of Object.entries(THEMES)) {
    if (wanted.length === 0 || wanted.includes(name)) await picture(browser, name, theme);
  }
} finally {
  await browser.close();
}
process.exit(0);
