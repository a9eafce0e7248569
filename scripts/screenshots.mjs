// Pictures of the real thing: VS Code with tree, status bar and panel in the middle of a run in a sandbox that
// breaks now and then, in each theme: a creation of 500 workspaces, traffic to 100, and every other view while
// 500 are being created. They go to .vscode-test/screenshots. `node scripts/screenshots.mjs traffic dark` takes
// those alone.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { CHROMIUM_ARGS, chromiumPath } from "./host/chromium.ts";
import { startDemoServer, writeQuickstart } from "./host/demo.ts";
import { stopRunners } from "./host/runners.ts";
import { startSandbox } from "./host/sandbox.ts";
import { inScenario } from "./host/scenario-window.ts";
import { QUIET_SETTINGS } from "./host/server.ts";
import { inWindow } from "./host/window.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const out = path.join(root, ".vscode-test", "screenshots");
const THEMES = {
  dark: "Dark Modern",
  light: "Light Modern",
  "high-contrast": "Default High Contrast",
};
const STILL = { animations: "disabled", caret: "hide" };
const KUBERNETES = { template: "kubernetes", concurrency: 0 };

const SCENES = {
  creation: {
    sandbox: [
      ...["--daemons", "60", "--build-time", "5s-9s"],
      ...["--fault", "build-failure-rate=0.03", "--fault", "agent-never-connects=0.015"],
      ...["--fault", "agent-timeout-ms=8000", "--fault", "startup-fails=0.01"],
    ],
    run: {
      ...KUBERNETES,
      count: 500,
      runCommand: "sleep 3 && echo hello",
      thresholds: ["ready.p95<2m", "queue.p99<60s", "failures.rate<1%"],
    },
    take: pictureCreation,
  },
  traffic: {
    sandbox: ["--daemons", "60", "--build-time", "100ms"],
    // What the traffic goes to; it stays.
    run: { ...KUBERNETES, count: 100, runCommand: "", ssh: false, cleanup: false },
    take: pictureTraffic,
  },
  views: {
    sandbox: [
      ...["--daemons", "30", "--build-time", "8s-15s"],
      ...["--fault", "build-failure-rate=0.03", "--fault", "startup-fails=0.02"],
    ],
    // Something to look back at, to compare, and to clean up.
    before: [
      ["--count", "12", "--concurrency", "0", "--no-cleanup"],
      ["--count", "30", "--concurrency", "0"],
    ],
    run: {
      ...KUBERNETES,
      count: 500,
      runCommand: "sleep 3 && echo hello",
      thresholds: ["ready.p95<20s", "failures.rate<20%"],
    },
    take: pictureViews,
  },
  scenario: {
    sandbox: ["--daemons", "30", "--build-time", "500ms"],
    run: { ...KUBERNETES, count: 1, runCommand: "" },
    take: pictureScenario,
  },
};

/** A scenario that breaks at a line, is mended, and passes. */
const SCENARIO = `name: Monday morning
template: kubernetes
steps:
  - create: { count: 4, concurrency: 0 }
  - traffic: { over: terminal, rate: 4KB/s }
    name: terminals
    ramp: 2s
    hold: 10s
thresholds:
  - round_trip{step=terminals}.p95 < 0.1ms over 3s
  - ready.p95 < 1m
  - failures.rate < 1%
`;

const quickInput = (page) => page.locator(".quick-input-widget");

async function palette(page, command) {
  await page.keyboard.press("F1");
  await quickInput(page).locator('input[type="text"]').fill(`>${command}`);
  await quickInput(page).getByRole("option", { name: command }).first().click();
}

async function pictureViews({ page, panel, shoot }) {
  await panel
    .getByRole("row", { name: /succeeded/ })
    .first()
    .waitFor({ timeout: 120_000 });
  await inWindow.treeItem(page, /^127.*sandbox/).click();
  await inWindow.treeItem(page, /^Provisioner daemons, /).waitFor();
  await shoot("-wide");
  await inWindow.statusItem(page).hover();
  await page.locator(".monaco-hover").getByText("Show panel").filter({ visible: true }).waitFor();
  await shoot("-status");
  await page.mouse.move(0, 0);
  await pictureSteps(page, shoot);
  await inWindow.treeItem(page, /^Leftovers, /).click();
  const left = inWindow.treeItem(page, /^Run \w{8}, 12 workspaces/);
  await left.locator(".monaco-tl-twistie").click();
  await inWindow
    .treeItem(page, /^scaletest-\w{8}-\d+, 1 workspace/)
    .first()
    .getByRole("checkbox")
    .click();
  await shoot("-leftovers");
  await pictureComparison(page, shoot);
  await pictureNarrow(page, panel, shoot);
}

/** Each step of both inputs, until the last one, which starts nothing. */
async function pictureSteps(page, shoot) {
  const next = (value) => async () => {
    if (value !== undefined) await quickInput(page).locator("input").first().fill(value);
    await page.keyboard.press("Enter");
  };
  const flows = {
    create: [
      "Scale Test: Create Workspaces…",
      [next(), next("20"), next("50"), next("echo hello"), next("0")],
    ],
    traffic: [
      "Scale Test: Workspace Traffic…",
      [next(), next(), next("2"), next(), next("30s"), next("30s"), next("10m")],
    ],
  };
  for (const [name, [command, steps]] of Object.entries(flows)) {
    await palette(page, command);
    for (const [index, step] of [...steps, undefined].entries()) {
      await quickInput(page)
        .getByText(`(${index + 1}/`)
        .or(quickInput(page).locator(".quick-input-title"))
        .first()
        .waitFor();
      await page.waitForTimeout(1_500);
      await shoot(`-${name}-${index + 1}`);
      await step?.();
    }
    await shoot(`-${name}-confirm`, quickInput(page));
    await page.keyboard.press("Escape");
  }
}

async function pictureComparison(page, shoot) {
  // One webview at a time: there is no other way to tell them apart.
  await palette(page, "View: Close All Editor Groups");
  await palette(page, "Scale Test: Compare Runs…");
  for (const name of [/^create 30 × kubernetes/, /^create 12 × kubernetes/])
    await quickInput(page).getByRole("checkbox", { name }).first().click();
  await shoot("-compare-pick");
  await quickInput(page).getByRole("button", { name: "OK" }).click();
  await inWindow
    .panel(page)
    .getByRole("heading", { name: /compared/ })
    .waitFor();
  await shoot("-compare");
  await palette(page, "View: Close All Editor Groups");
}

async function pictureScenario({ page, panel, folder, shoot }) {
  writeFileSync(path.join(folder, "workspace", "monday.scaletest.yaml"), SCENARIO);
  await panel
    .getByRole("status")
    .filter({ hasText: /succeeded/ })
    .first()
    .waitFor({ timeout: 60_000 });
  await palette(page, "View: Close All Editor Groups");
  await inScenario.open(page, "monday.scaletest.yaml");
  await inScenario
    .lens(page, /Run only this step/)
    .first()
    .waitFor();
  await shoot("-file");
  await inScenario.lens(page, /^Preflight/).click();
  await quickInput(page)
    .getByText(/Sign-in/)
    .first()
    .waitFor();
  await shoot("-preflight");
  await page.keyboard.press("Escape");
  await inScenario.lens(page, /Run$/).first().click();
  await panel.getByRole("list", { name: "Steps" }).waitFor({ timeout: 60_000 });
  await panel
    .getByRole("status")
    .filter({ hasText: /threshold broken/ })
    .first()
    .waitFor({ timeout: 60_000 });
  await page.getByRole("tab", { name: /^monday/ }).click();
  await inScenario.explorer(page);
  await inScenario.test(page, /^Monday morning \(Failed\)/).waitFor({ timeout: 60_000 });
  await page.waitForTimeout(2_000);
  await shoot("-failed");
  await palette(page, "Test Results: Focus on Test Results View");
  await page.waitForTimeout(2_000);
  await shoot("-output");
  await palette(page, "View: Hide Panel");
  await inScenario.peek(page, /^Monday morning/, /^round_trip/);
  await page.waitForTimeout(2_000);
  await shoot("-peek");
  await page
    .getByText(/^Open the panel at/)
    .first()
    .click();
  await panel.getByRole("heading", { level: 1 }).waitFor();
  await page.waitForTimeout(2_000);
  await shoot("-second");
  await page.getByRole("tab", { name: /^monday/ }).click();
  await page.keyboard.press("Escape");
  await inScenario.mend(page, 10, "0.1ms over 3s".length, "2s over 3s");
  await inWindow.act(inScenario.test(page, /^Monday morning/), /^Run Test/);
  await inScenario.test(page, /^Monday morning \(Running\)/).waitFor({ timeout: 60_000 });
  await inScenario.test(page, /^Monday morning \(Passed\)/).waitFor({ timeout: 60_000 });
  await page.getByRole("tab", { name: /^monday/ }).click();
  await page.waitForTimeout(2_000);
  await shoot("-passed");
  await palette(page, "Scale Test: New Scenario from a Preset…");
  await page.waitForTimeout(1_000);
  await shoot("-presets");
  await page.keyboard.press("Escape");
  await palette(page, "Scale Test: Create Workspaces…");
  for (const value of [undefined, "20", "2", "", "0"]) {
    await page.waitForTimeout(1_000);
    if (value !== undefined) await quickInput(page).locator("input").first().fill(value);
    await page.keyboard.press("Enter");
  }
  await quickInput(page).getByText("Save as Scenario…").waitFor();
  await shoot("-save");
  await page.keyboard.press("Escape");
}

async function pictureNarrow(page, panel, shoot) {
  await inWindow.treeItem(page, /^create 500 /).click();
  await panel.getByRole("heading", { level: 1 }).waitFor();
  await palette(page, "View: Toggle Primary Side Bar Visibility");
  await page.setViewportSize({ width: 414, height: 1000 });
  await panel
    .getByRole("row", { name: /succeeded/ })
    .first()
    .waitFor();
  await shoot("-narrow");
  await panel
    .getByRole("grid", { name: "Workspaces" })
    .evaluate((node) => node.scrollIntoView({ block: "end" }));
  await shoot("-narrow-table");
}

function commandLine(args, sandbox, home) {
  const { url: CODER_URL, token: CODER_SESSION_TOKEN } = sandbox;
  return spawn(process.execPath, [path.join(root, "dist", "cli.js"), ...args], {
    stdio: "ignore",
    env: { ...process.env, CODER_URL, CODER_SESSION_TOKEN, CODER_SCALETEST_HOME: home },
  });
}

/** Runs of the command line before the window opens, to their ends. */
async function runBefore(runs, sandbox, home) {
  for (const flags of runs) {
    const create = ["create-workspaces", "--template", "kubernetes", "--no-ssh"];
    const run = commandLine([...create, ...flags], sandbox, home);
    await once(run, "exit");
  }
}

async function pictureCreation({ page, panel, shoot }) {
  // The middle of the run: a good part is ready, much is still to come.
  await panel
    .getByRole("row", { name: /succeeded/ })
    .first()
    .waitFor({ timeout: 120_000 });
  await panel.getByRole("img", { name: /^Workspaces, at .* [1-9]\d* failed/ }).waitFor({ timeout: 60_000 });
  await page.waitForTimeout(20_000);
  await shoot("");
  await panel.getByRole("listbox", { name: /^Waterfall/ }).scrollIntoViewIfNeeded();
  await panel
    .getByRole("grid", { name: "Workspaces" })
    .evaluate((node) => node.scrollIntoView({ block: "end" }));
  await shoot("-waterfall");
  await panel.getByRole("combobox", { name: "Show workspaces in state" }).selectOption("failed");
  const failed = panel.getByRole("grid", { name: "Workspaces" }).getByRole("row", { name: /build failed/ });
  await failed.first().click();
  await panel
    .getByRole("region", { name: "Workspaces", exact: true })
    .last()
    .evaluate((node) => node.scrollIntoView({ block: "end" }));
  await panel.getByRole("complementary", { name: "Workspace" }).waitFor();
  await shoot("-failed");
}

async function pictureTraffic({ page, panel, sandbox, home, shoot }) {
  await panel
    .getByRole("status")
    .filter({ hasText: /succeeded/ })
    .waitFor({ timeout: 120_000 });
  const load = ["--rate", "10KB/s", "--tick-interval", "1s", "--ramp", "8s", "--warm-up", "4s"];
  const end = ["--duration", "5m", "--reconnect", "--threshold", "round_trip.p95<500ms"];
  const thresholds = ["--threshold", "achieved.rate>=95%", "--threshold", "connections.dropped<1"];
  const traffic = commandLine(["workspace-traffic", ...load, ...end, ...thresholds], sandbox, home);
  try {
    await inWindow
      .treeItem(page, /traffic/)
      .first()
      .click();
    await panel.getByText("Measuring").waitFor({ timeout: 60_000 });
    await page.waitForTimeout(20_000);
    const dropped = await fetch(`${sandbox.url}/sandbox/faults`, { method: "POST", body: '{"drop": 0.12}' });
    if (!dropped.ok) throw new Error(`the sandbox did not drop: ${dropped.status}`);
    await panel
      .getByRole("region", { name: "Dropped connections" })
      .getByRole("table")
      .waitFor({ timeout: 30_000 });
    await page.waitForTimeout(15_000);
    await shoot("");
    await panel.getByRole("region", { name: "Dropped connections" }).scrollIntoViewIfNeeded();
    await panel
      .getByRole("region", { name: "Events" })
      .evaluate((node) => node.scrollIntoView({ block: "end" }));
    await shoot("-drops");
  } finally {
    traffic.kill("SIGTERM");
  }
}

async function picture(browser, scene, name, theme) {
  const { sandbox: flags, before = [], run, take } = SCENES[scene];
  const folder = mkdtempSync(path.join(os.tmpdir(), "scaletest-shot-"));
  const home = path.join(folder, "home");
  const sandbox = await startSandbox(root, flags);
  await runBefore(before, sandbox, home);
  const env = {
    ...process.env,
    CODER_SCALETEST_HOME: home,
    CODER_SCALETEST_LATE_LIMIT: "1m",
    CODER_SCALETEST_QUICKSTART: writeQuickstart(folder, sandbox, run),
  };
  const settings = { ...QUIET_SETTINGS, "workbench.colorTheme": theme, "workbench.reduceMotion": "on" };
  const server = await startDemoServer({ root, folder, env, settings });
  const page = await browser.newPage({ viewport: { width: 1600, height: 1000 }, reducedMotion: "reduce" });
  const shoot = async (part, of = page) => {
    const file = path.join(out, `${scene}-${name}${part}.png`);
    await of.screenshot({ path: file, ...STILL });
    console.log(file, "|", await inWindow.statusItem(page).textContent());
  };
  try {
    await page.goto(server.address);
    await inWindow.ready(page);
    const panel = inWindow.panel(page);
    await panel.getByRole("heading", { level: 1 }).waitFor({ timeout: 60_000 });
    await take({ page, panel, sandbox, home, folder, shoot });
  } catch (error) {
    await shoot("-failure");
    console.log(await page.getByRole("treeitem").evaluateAll((all) => all.map((one) => one.ariaLabel)));
    throw error;
  } finally {
    await page.close();
    await server.stop();
    await stopRunners(home);
    sandbox.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
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
  for (const scene of chosen(Object.keys(SCENES))) {
    for (const name of chosen(Object.keys(THEMES))) await picture(browser, scene, name, THEMES[name]);
  }
} finally {
  await browser.close();
}
process.exit(0);
