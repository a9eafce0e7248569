// `npm test`: everything that has to hold before a change lands. Ends on a line "N passed, N failed".
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { node22 } from "./node22.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const reports = mkdtempSync(path.join(tmpdir(), "scaletest-reports-"));
/** The tests start a thousand processes of the product: each finds there what the first of its kind has compiled. */
const compiled = path.join(reports, "compiled");
const total = { passed: 0, failed: 0 };
/** What failed, to be said once more at the end: the output before it is long. */
const failures = [];

/** Shows what a command prints as it comes; `later`: in one piece when it has ended, for it runs beside another. */
async function step(name, command, args, env = {}, later = false) {
  if (!later) console.log(`\n── ${name}`);
  const began = Date.now();
  const child = spawn(command, args, {
    cwd: root,
    stdio: later ? ["ignore", "pipe", "pipe"] : "inherit",
    env: { ...process.env, NODE_COMPILE_CACHE: compiled, ...env },
    shell: process.platform === "win32",
  });
  const output = [];
  child.stdout?.on("data", (data) => output.push(data));
  child.stderr?.on("data", (data) => output.push(data));
  const [status] = await once(child, "close");
  if (later) console.log(`\n── ${name}\n${Buffer.concat(output)}`);
  const how = status === 0 ? "ok" : `failed (exit status ${status})`;
  console.log(`── ${name}: ${how} after ${Math.round((Date.now() - began) / 1000)} s`);
  return status === 0;
}

/** A step that counts as one test. */
async function check(name, command, args, later) {
  const ok = await step(name, command, args, {}, later);
  total[ok ? "passed" : "failed"]++;
  if (!ok) failures.push(name);
}

/** A step whose tests are counted by its own report. */
async function tests(name, command, args, env = {}, later = false) {
  const report = path.join(reports, `${name.replaceAll(/\W+/g, "-")}.json`);
  const ok = await step(name, command, args(report), { ...env, TEST_REPORT: report }, later);
  let counted = false;
  try {
    const { numPassedTests, numFailedTests, testResults = [] } = JSON.parse(readFileSync(report, "utf8"));
    total.passed += numPassedTests;
    total.failed += numFailedTests;
    counted = numFailedTests > 0;
    failures.push(...testResults.flatMap(failuresOf));
  } catch {
    console.log(`── ${name}: no report`);
  }
  if (!ok && !counted) {
    total.failed++;
    failures.push(name);
  }
}

/** Of one file in a report. */
function failuresOf({ name, assertionResults }) {
  return assertionResults
    .filter(({ status }) => status === "failed")
    .map(({ fullName, failureMessages: [message = ""] }) => {
      const lines = message.split("\n").slice(0, 30);
      return `${path.relative(root, name)}: ${fullName}\n    ${lines.join("\n    ")}`;
    });
}

function vitest(name, executable, args, env, later) {
  const runner = path.join(root, "node_modules", "vitest", "vitest.mjs");
  const reporters = (report) => ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const all = (report) => [runner, "run", ...reporters(report), ...args];
  return tests(name, executable, all, env, later);
}

/** These tests wait for processes more than they work: five at a time keep two cores busy. */
const WAITING = "--maxWorkers=5";

const npm = process.platform === "win32" ? "npm.cmd" : "npm";
await Promise.all([
  check("lint", npm, ["run", "--silent", "lint"]),
  check("types", npm, ["run", "--silent", "typecheck"], true),
]);
await check("build", process.execPath, ["esbuild.mjs", "--test"]);
await check("package", process.execPath, ["scripts/check-package.mjs"]);
const all = ["test/unit", "test/compat", "test/contract", "test/integration", "test/faults"];
await vitest("unit, contract, integration, faults", process.execPath, [...all, WAITING]);

/** What differs there: loading, files, sockets, TLS and threads; and each workload once. The rest is the same code. */
async function underNode22() {
  const oldest = node22();
  if (!oldest) return console.log("── Node 22 is not to be had for this machine: not tried");
  const whole = ["network", "native-ssh-product"].map((name) => `test/integration/${name}`);
  const parts = ["tailnet", "wire", "load", "runs", "workloads", "journal", "rpc", "stream"];
  const there = [...whole, ...parts.map((name) => `test/unit/${name}`)];
  await vitest("network, files and threads under Node 22", oldest, [...there, WAITING]);
}

/** Of those that go well, the ones that speak SSH. */
async function withoutElectronsLacks() {
  const name = "SSH without what Electron's BoringSSL lacks";
  const files = ["create-workspaces", "traffic.test"].map((file) => `test/integration/${file}`);
  const args = [...files, "-t", "goes well.*(connects|SSH|ssh)"];
  const mask = path.join(root, "test", "support", "electron-crypto.cjs");
  const env = { NODE_OPTIONS: `--require ${JSON.stringify(mask)}` };
  await vitest(name, process.execPath, args, env, true);
}

await Promise.all([underNode22(), withoutElectronsLacks()]);
await vitest("panel in a browser", process.execPath, ["test/webview"]);
// Both wait for VS Code, and leave the cores idle for a third of the time and more.
await Promise.all([
  vitest("the window from its outside", process.execPath, ["test/ui"]),
  tests("extension inside VS Code", process.execPath, () => ["scripts/test-extension.mjs"], {}, true),
]);

rmSync(reports, { recursive: true, force: true });
for (const failure of failures) console.log(`\nfailed: ${failure}`);
console.log(`\n${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed > 0 ? 1 : 0;
