import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll } from "vitest";
import { CHROMIUM_ARGS, chromiumPath } from "../../scripts/host/chromium.ts";
import { startDemoServer } from "../../scripts/host/demo.ts";
import { stopRunners } from "../../scripts/host/runners.ts";
import { type Sandbox, startSandbox } from "../../scripts/host/sandbox.ts";
import { QUIET_SETTINGS } from "../../scripts/host/server.ts";
import { inWindow } from "../../scripts/host/window.ts";

export const SLOW = 60_000;
const root = path.resolve(".");

/** What a test of this folder plays on. */
export interface Stage {
  folder: string;
  sandbox: Sandbox;
  server: Awaited<ReturnType<typeof startDemoServer>>;
  page: Page;
  /** VS Code, and a browser without memory that looks at it: no token, no state of a window before it. */
  openWindow(
    env?: NodeJS.ProcessEnv,
    /** Done before the window is there, with the browser and the folder of extensions. */
    before?: (context: BrowserContext, extensions: string) => Promise<void>,
  ): Promise<void>;
  /** Workspaces that the sandbox has. */
  workspacesLeft(): Promise<number>;
}

/**
 * A sandbox, a real VS Code and a browser for the tests of one file; all of it ends with them. `begin` opens the
 * window; `slowest` is the longest that one step in it may take.
 */
export function stageFor(name: string, slowest: number, begin: (stage: Stage) => Promise<void>): Stage {
  let browser: Browser | undefined;
  const stage = {
    async openWindow(
      env: NodeJS.ProcessEnv = {},
      before?: (context: BrowserContext, extensions: string) => Promise<void>,
    ) {
      stage.server = await startDemoServer({
        root,
        folder: stage.folder,
        settings: { ...QUIET_SETTINGS, "workbench.reduceMotion": "on" },
        env: {
          ...process.env,
          CODER_SCALETEST_HOME: path.join(stage.folder, "home"),
          CODER_SCALETEST_LATE_LIMIT: "1m",
          ...env,
        },
      });
      browser ??= await chromium.launch({ executablePath: chromiumPath(), args: CHROMIUM_ARGS });
      const viewport = { width: 1500, height: 950 };
      const context = await browser.newContext({ viewport, reducedMotion: "reduce" });
      await before?.(context, path.join(stage.folder, "extensions"));
      stage.page = await context.newPage();
      stage.page.setDefaultTimeout(slowest);
      await stage.page.goto(stage.server.address);
      await inWindow.ready(stage.page);
    },
    async workspacesLeft() {
      const answer = await fetch(`${stage.sandbox.url}/api/v2/workspaces?q=`, {
        headers: { "Coder-Session-Token": stage.sandbox.token },
      });
      return ((await answer.json()) as { count: number }).count;
    },
  } as Stage;

  beforeAll(async () => {
    stage.folder = mkdtempSync(path.join(os.tmpdir(), `scaletest-${name}-`));
    stage.sandbox = await startSandbox(root);
    await begin(stage);
  }, SLOW);

  afterEach(async ({ task }) => {
    if (task.result?.state === "fail")
      await stage.page.screenshot({ path: `.vscode-test/${name}-failure-${task.name.slice(0, 12)}.png` });
  });

  afterAll(async () => {
    await browser?.close();
    await stage.server?.stop();
    await stopRunners(path.join(stage.folder, "home"));
    stage.sandbox?.stop();
    rmSync(stage.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }, SLOW);
  return stage;
}
