#!/usr/bin/env node
// Takes the arguments of desktop VS Code's `code --extensionTestsPath=…` and runs those tests in the VS Code
// server with a headless Chromium as its window, so that @vscode/test-electron works where the desktop cannot
// be downloaded or shown. Exit status: that of the tests; 124 where they took too long; 70 and up where the
// server or the browser failed.
import { mkdtempSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { format } from "node:util";
import { chromium } from "playwright-core";
import { CHROMIUM_ARGS, chromiumPath } from "./host/chromium.ts";
import { installVscodeHost } from "./host/install.ts";
import { startServer } from "./host/server.ts";

/** What the workbench itself says while it starts. */
const WORKBENCH_NOISE = [
  /^\s*at .*\/static\/out\//m,
  /ECONNREFUSED 127\.0\.0\.1:9/,
  /^(Resolv|Creating a socket|Updating additional builtin|\[(reconnection-grace|AgentHost|AccountPolicy|Service Worker))/,
];
const TIMEOUT_MS = Number(process.env.VSCODE_HOST_TIMEOUT_MS ?? 300_000);

const args = process.argv.slice(2);
const valuesOf = (name) =>
  args.filter((arg) => arg.startsWith(`--${name}=`)).map((arg) => arg.slice(name.length + 3));
const temporary = () => mkdtempSync(path.join(os.tmpdir(), "vscode-"));

const folder = path.resolve(args.find((arg) => !arg.startsWith("-")) ?? temporary());
const userData = valuesOf("user-data-dir")[0] ?? temporary();
const extensions = valuesOf("extensions-dir")[0] ?? path.join(userData, "extensions");
const [tests] = valuesOf("extensionTestsPath");
if (!tests) {
  console.error("--extensionTestsPath is missing: this stand-in for VS Code only runs tests");
  process.exit(2);
}

let server;
let browser;
let over = false;
/** Ends everything that was started, and this process. */
async function quit(status, reason) {
  if (over) return;
  over = true;
  if (reason) console.error(reason);
  await browser?.close().catch(() => undefined);
  await server?.stop();
  process.exit(status);
}

/** The console of the extension host, without the workbench's own noise. */
function printLog(type, values) {
  const text = format(...[values].flat());
  if (WORKBENCH_NOISE.some((noise) => noise.test(text))) return;
  (type === "error" || type === "warn" ? process.stderr : process.stdout).write(`${text}\n`);
}

function workbenchUrl() {
  const remote = (file) =>
    `vscode-remote://${server.authority}${path.resolve(file).split(path.sep).join("/")}`;
  const payload = [
    ...valuesOf("extensionDevelopmentPath").map((file) => ["extensionDevelopmentPath", remote(file)]),
    ["extensionTestsPath", remote(tests)],
    ["skipWelcome", "true"],
    ["skipReleaseNotes", "true"],
  ];
  const query = new URLSearchParams({ folder, payload: JSON.stringify(payload) });
  return `${server.origin}/?${query}`;
}

for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(name, () => void quit(130));
setTimeout(() => void quit(124, `no result within ${TIMEOUT_MS / 1_000} s`), TIMEOUT_MS).unref();

try {
  const host = await installVscodeHost();
  server = await startServer({ host, userData, extensions, testDriver: true });
  void server.exited.then((code) => quit(70, `the VS Code server ended (exit status ${code})`));
  browser = await chromium.launch({ executablePath: chromiumPath(), args: CHROMIUM_ARGS });
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  page.on("crash", () => void quit(72, "the browser's page crashed"));
  await page.exposeFunction("codeAutomationLog", printLog);
  await page.exposeFunction("codeAutomationExit", (code) => void quit(Number(code) || 0));
  await page.goto(workbenchUrl(), { waitUntil: "commit" });
} catch (error) {
  await quit(71, error instanceof Error ? error.message : String(error));
}
