// `npm test`: everything that has to hold before a change lands. Ends on a line "N passed, N failed".
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { node22 } from "./node22.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const reports = mkdtempSync(path.join(tmpdir(), "scaletest-reports-"));
const total = { passed: 0, failed: 0 };
/** What failed, to be said once more at the end: the output before it is long. */
const failures = [];

function step(name, command, args, env = {}) {
  console.log(`\n── ${name}`);
  const began = Date.now();
  const result = spawnSync(command, args, {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, ...env },
    shell: process.platform === "win32",
  });
  const ok = result.status === 0;
  console.log(
    `── ${name}: ${ok ? "ok" : `failed (exit status ${result.status})`} after ${Math.round((Date.now() - began) / 1000)} s`,
  );
  return ok;
}

/** A step that counts as one test. */
function check(name, command, args, env) {
  const ok = step(name, command, args, env);
  total[ok ? "passed" : "failed"]++;
  if (!ok) failures.push(name);
}

/** A step whose tests are counted by its own report. */
function tests(name, command, args, reportEnv = {}) {
  const report = path.join(reports, `${name.replaceAll(/\W+/g, "-")}.json`);
  const ok = step(name, command, args(report), { ...reportEnv, TEST_REPORT: report });
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

function vitest(name, executable, args, env) {
  const runner = path.join(root, "node_modules", "vitest", "vitest.mjs");
  const reporters = (report) => ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  tests(name, executable, (report) => [runner, "run", ...reporters(report), ...args], env);
}

/** These tests wait for processes more than they work: four at a time keep two cores busy. */
const WAITING = "--maxWorkers=4";

const npm = process.platform === "win32" ? "npm.cmd" : "npm";
check("lint", npm, ["run", "--silent", "lint"]);
check("types", npm, ["run", "--silent", "typecheck"]);
check("build", process.execPath, ["esbuild.mjs", "--test"]);
check("package", process.execPath, ["scripts/check-package.mjs"]);
const all = ["test/unit", "test/compat", "test/contract", "test/integration", "test/faults"];
vitest("unit, contract, integration, faults", process.execPath, [...all, WAITING]);
const oldest = node22();
if (oldest) {
  // What differs there: loading, files, sockets, TLS and threads; and each workload once. The rest is the same code.
  const whole = ["starting", "network", "native-ssh-product"].map((name) => `test/integration/${name}`);
  const parts = ["tailnet", "wire", "load", "runs", "workloads", "journal", "rpc", "stream"];
  const there = [...whole, ...parts.map((name) => `test/unit/${name}`)];
  vitest("start, network, files and threads under Node 22", oldest, [...there, WAITING]);
} else console.log("── Node 22 is not to be had for this machine: not tried");
const mask = path.join(root, "test", "support", "electron-crypto.cjs");
vitest(
  "SSH without what Electron's BoringSSL lacks",
  process.execPath,
  // Of those that go well, the ones that speak SSH.
  ["test/integration", "-t", "goes well.*(connects|SSH|ssh)", WAITING],
  {
    NODE_OPTIONS: `--require ${JSON.stringify(mask)}`,
  },
);
vitest("panel in a browser", process.execPath, ["test/webview"]);
vitest("the window from its outside", process.execPath, ["test/ui"]);
tests("extension inside VS Code", process.execPath, () => ["scripts/test-extension.mjs"]);

rmSync(reports, { recursive: true, force: true });
for (const failure of failures) console.log(`\nfailed: ${failure}`);
console.log(`\n${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed > 0 ? 1 : 0;
