// `npm start`: builds, starts the sandbox with VS Code beside it, the extension signed in to the sandbox and a
// scale test of 50 workspaces running. `npm start -- --headless`: the same run without an editor.
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { startDemoServer, writeQuickstart } from "./host/demo.ts";
import { desktopExecutable } from "./host/desktop.ts";
import { stopRunners } from "./host/runners.ts";
import { startSandbox } from "./host/sandbox.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const RUN = { template: "kubernetes", count: 50, concurrency: 0, runCommand: "sleep 2 && echo hello" };

function build() {
  execFileSync(process.execPath, ["esbuild.mjs"], { cwd: root, stdio: "inherit" });
}

/** Runs the command line; resolves with its exit status. */
function headless() {
  const flags = ["--sandbox", "--count", String(RUN.count), "--template", RUN.template];
  flags.push("--concurrency", String(RUN.concurrency), "--run-command", RUN.runCommand);
  const child = spawn(process.execPath, [path.join(root, "dist", "cli.js"), "create-workspaces", ...flags], {
    stdio: "inherit",
  });
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
  return new Promise((resolve) => child.once("exit", (code) => resolve(code ?? 1)));
}

/** A window of desktop VS Code of its own, with the extension from this folder. Resolves when it is closed. */
function desktop(executable, folder, env) {
  const args = [
    path.join(folder, "workspace"),
    `--extensionDevelopmentPath=${root}`,
    `--user-data-dir=${path.join(folder, "user")}`,
    `--extensions-dir=${path.join(folder, "extensions")}`,
    "--new-window",
    "--wait",
    "--disable-workspace-trust",
  ];
  const child = spawn(executable, args, { env, stdio: "inherit", shell: process.platform === "win32" });
  return new Promise((resolve) => child.once("exit", (code) => resolve(code ?? 1)));
}

/** Opens the address where somebody is there to see it. */
function openBrowser(address) {
  const somebody = process.platform !== "linux" || process.env.DISPLAY || process.env.WAYLAND_DISPLAY;
  if (process.env.CI === "true" || !somebody) return;
  const openers = { darwin: ["open"], win32: ["cmd", "/c", "start", ""] };
  const [command, ...args] = openers[process.platform] ?? ["xdg-open"];
  spawn(command, [...args, address], { stdio: "ignore", detached: true }).on("error", () => undefined);
}

async function editor() {
  const folder = path.join(root, ".vscode-test", "start");
  mkdirSync(path.join(folder, "workspace"), { recursive: true });
  const sandbox = await startSandbox(root);
  const home = path.join(folder, "home");
  const env = {
    ...process.env,
    CODER_SCALETEST_HOME: home,
    CODER_SCALETEST_QUICKSTART: writeQuickstart(folder, sandbox, RUN),
  };
  console.log(`Sandbox: ${sandbox.url} (token ${sandbox.token})`);
  const executable = await desktopExecutable();
  if (executable) {
    console.log(`VS Code: ${executable}; closing its window ends everything`);
    const status = await desktop(executable, folder, env);
    await stopRunners(home);
    sandbox.stop();
    return status;
  }
  const port = process.env.PORT ? Number(process.env.PORT) : undefined;
  const server = await startDemoServer({ root, folder, env, ...(port ? { port } : {}) });
  console.log(`VS Code: ${server.address}\nCtrl-C ends everything.`);
  openBrowser(server.address);
  const ended = new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, () => resolve(0));
  });
  const status = await Promise.race([ended, server.exited.then(() => 1)]);
  await server.stop();
  await stopRunners(home);
  sandbox.stop();
  return status;
}

build();
process.exit(await (process.argv.includes("--headless") ? headless() : editor()));
