// Pictures of the real thing: VS Code with tree, status bar, questions, panel and pages over a sandbox, in each
// theme. They go to .vscode-test/screenshots. `node scripts/screenshots.mjs traffic dark` takes those alone.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
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
import { creation } from "./screenshots/creation.mjs";
import { pages } from "./screenshots/pages.mjs";
import { startProduction } from "./screenshots/production.mjs";
import { questions } from "./screenshots/questions.mjs";
import { scenario } from "./screenshots/scenario.mjs";
import { traffic } from "./screenshots/traffic.mjs";
import { views } from "./screenshots/views.mjs";
import { welcome } from "./screenshots/welcome.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const out = path.join(root, ".vscode-test", "screenshots");
const THEMES = {
  dark: "Dark Modern",
  light: "Light Modern",
  "high-contrast": "Default High Contrast",
};
const STILL = { animations: "disabled", caret: "hide" };
const SCENES = { welcome, questions, views, pages, creation, traffic, scenario };

/** What a scene plays on: a sandbox, files, and runs that have ended. All of it ends with `stop`. */
async function stageOf({ sandbox: flags, files = {}, before = [] }) {
  const folder = mkdtempSync(path.join(os.tmpdir(), "scaletest-shot-"));
  const workspace = path.join(folder, "workspace");
  mkdirSync(workspace);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(workspace, name)), { recursive: true });
    writeFileSync(path.join(workspace, name), text);
  }
  const home = path.join(folder, "home");
  const env = { ...process.env, CODER_SCALETEST_HOME: home, CODER_SCALETEST_LATE_LIMIT: "1m" };
  const sandbox = await startSandbox(root, flags);
  const production = await startProduction(sandbox);
  const { url: CODER_URL, token: CODER_SESSION_TOKEN } = sandbox;
  const commandLine = (args) =>
    spawn(process.execPath, [path.join(root, "dist", "cli.js"), ...args], {
      ...{ stdio: "ignore", cwd: workspace, env: { ...env, CODER_URL, CODER_SESSION_TOKEN } },
    });
  for (const args of before) await once(commandLine(args), "exit");
  const stop = () => {
    production.stop();
    sandbox.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  };
  return { folder, home, env, sandbox, production, commandLine, stop };
}

/** As a person does it, with the address and the token. */
async function signIn(page, { url, token }) {
  await inWindow.palette(page, "Scale Test: Sign In…");
  await inWindow.answer(page, /Address of the deployment/, url);
  await inWindow.answer(page, /Session token of/, token);
  await inWindow.treeItem(page, /^localhost:\d+, production/).waitFor();
}

/** The scene in a new window of this theme. */
async function picture(browser, name, theme, stage) {
  const { run, isSignedOut, take } = SCENES[name];
  const { folder, home, sandbox, production } = stage;
  const user = path.join(folder, theme);
  cpSync(path.join(folder, "workspace"), path.join(user, "workspace"), { recursive: true });
  const start = isSignedOut ? {} : { CODER_SCALETEST_QUICKSTART: writeQuickstart(folder, sandbox, run) };
  const server = await startDemoServer({
    ...{ root, folder: user, env: { ...stage.env, ...start } },
    settings: {
      ...QUIET_SETTINGS,
      ...{ "workbench.colorTheme": THEMES[theme], "workbench.reduceMotion": "on" },
    },
  });
  const page = await browser.newPage({ viewport: { width: 1600, height: 1000 }, reducedMotion: "reduce" });
  // Pictures have time: the machine may be busy.
  page.setDefaultTimeout(90_000);
  const shoot = async (part, of = page) => {
    const file = path.join(out, `${name}-${theme}${part}.png`);
    await of.screenshot({ path: file, ...STILL });
    console.log(file);
  };
  try {
    await page.goto(server.address);
    await inWindow.ready(page);
    const panel = inWindow.panel(page);
    if (run) await panel.getByRole("heading", { level: 1 }).waitFor({ timeout: 60_000 });
    await take({ ...stage, folder: user, page, panel, shoot, toProduction: () => signIn(page, production) });
  } catch (error) {
    await shoot("-failure");
    console.log(await page.getByRole("treeitem").evaluateAll((all) => all.map((one) => one.ariaLabel)));
    throw error;
  } finally {
    await page.close();
    await server.stop();
    await stopRunners(home);
  }
}

mkdirSync(out, { recursive: true });
const browser = await chromium.launch({ executablePath: chromiumPath(), args: CHROMIUM_ARGS });
try {
  const wanted = process.argv.slice(2);
  const chosen = (names) => {
    const named = names.filter((name) => wanted.includes(name));
    return named.length > 0 ? named : names;
  };
  for (const name of chosen(Object.keys(SCENES))) {
    const stage = await stageOf(SCENES[name]);
    try {
      for (const theme of chosen(Object.keys(THEMES))) await picture(browser, name, theme, stage);
    } finally {
      stage.stop();
    }
  }
} finally {
  await browser.close();
}
process.exit(0);
