// Runs test/extension inside VS Code: the desktop where it can be downloaded and shown, else the VS Code
// server. VSCODE_EXE chooses: a path of an executable, "desktop" (VSCODE_VERSION: "stable", "insiders", "1.101.0") or
// "server".
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { runTests } from "@vscode/test-electron";
import { desktopIsToBeHad } from "./host/desktop.ts";
import { stopRunners } from "./host/runners.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const scratch = mkdtempSync(path.join(os.tmpdir(), "scaletest-vscode-"));
const workspace = path.join(scratch, "workspace");
const report = path.join(scratch, "report.json");
mkdirSync(path.join(workspace, ".vscode"), { recursive: true });
const type = "coder-scaletest";
const create = { type, count: 2, concurrency: 0 };
const traffic = { type, workload: "workspace-traffic", rate: "1KB/s", duration: "2s" };
/** What the editor puts a value for. */
const variable = (name) => `\${${name}}`;
const tasks = [
  { ...create, label: "two", template: "kubernetes" },
  { ...create, label: "failing", template: "failing-build" },
  { ...create, label: "kept", template: "kubernetes", keep: true },
  { ...traffic, label: "traffic", thresholds: ["failures.rate<1%"] },
  { ...traffic, label: "too slow", thresholds: ["round_trip.p50<0.1ms"] },
  { ...traffic, label: "wrong", rate: "fast" },
  {
    ...create,
    label: "variables",
    template: variable("input:template"),
    count: variable("input:count"),
    runTimeoutMs: variable("input:milliseconds"),
    runLogOutput: variable("input:truth"),
    parameters: { home_disk_size: variable("input:count") },
    // A shell would make nothing of it.
    runCommand: `echo in ${variable("workspaceFolderBasename")}`,
    runExpectOutput: `in ${variable("workspaceFolderBasename")}`,
  },
  { ...create, label: "wrong option", template: "kubernetes", connectMode: "vpn" },
];
// The tests register the commands that answer.
const inputs = ["template", "count", "milliseconds", "truth"].map((id) => ({
  id,
  type: "command",
  command: `scaletest-tests.${id}`,
}));
writeFileSync(
  path.join(workspace, ".vscode", "tasks.json"),
  JSON.stringify({ version: "2.0.0", tasks, inputs }, null, 2),
);

async function executable() {
  const chosen = process.env.VSCODE_EXE;
  if (chosen === "desktop") return undefined;
  if (chosen && chosen !== "server") return chosen;
  if (chosen !== "server" && (await desktopIsToBeHad())) return undefined;
  return fileURLToPath(new URL("code-host.mjs", import.meta.url));
}

async function run() {
  const vscodeExecutablePath = await executable();
  await runTests({
    ...(vscodeExecutablePath
      ? { vscodeExecutablePath }
      : { version: process.env.VSCODE_VERSION ?? "stable" }),
    extensionDevelopmentPath: root,
    extensionTestsPath: path.join(root, "dist-test", "index.js"),
    launchArgs: [
      workspace,
      `--user-data-dir=${path.join(scratch, "user")}`,
      `--extensions-dir=${path.join(scratch, "extensions")}`,
      "--disable-extensions",
    ],
    extensionTestsEnv: {
      CODER_SCALETEST_HOME: path.join(scratch, "home"),
      CODER_SCALETEST_LATE_LIMIT: "1m",
      CODER_SCALETEST_TEST_REPORT: report,
      ...(process.env.GREP ? { CODER_SCALETEST_TEST_GREP: process.env.GREP } : {}),
    },
  });
  if (!existsSync(report)) throw new Error("VS Code ended without a report of the tests");
  const { passes, failures, failed } = JSON.parse(readFileSync(report, "utf8"));
  if (process.env.TEST_REPORT) {
    const assertionResults = failed.map(({ fullName, message }) => ({
      fullName,
      status: "failed",
      failureMessages: [message],
    }));
    const testResults = [{ name: path.join(root, "test", "extension"), assertionResults }];
    writeFileSync(
      process.env.TEST_REPORT,
      JSON.stringify({ numPassedTests: passes, numFailedTests: failures, testResults }),
    );
  }
  if (failures > 0 || passes === 0) throw new Error(`${passes} passed, ${failures} failed`);
  console.log(`in VS Code: ${passes} passed`);
}

try {
  await run();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await stopRunners(path.join(scratch, "home"));
  rmSync(scratch, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}
