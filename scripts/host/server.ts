import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** User settings of a quiet window: nothing that calls out, moves by itself or covers what is looked at. */
export const QUIET_SETTINGS: Record<string, unknown> = {
  "workbench.colorTheme": "Dark Modern",
  "workbench.startupEditor": "none",
  "workbench.tips.enabled": false,
  "workbench.enableExperiments": false,
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "workbench.layoutControl.enabled": false,
  "workbench.quickOpen.closeOnFocusLost": false,
  "window.commandCenter": false,
  "window.menuBarVisibility": "hidden",
  "window.autoDetectColorScheme": false,
  "window.autoDetectHighContrast": false,
  "telemetry.telemetryLevel": "off",
  "chat.disableAIFeatures": true,
  "extensions.autoUpdate": false,
  "extensions.autoCheckUpdates": false,
  "extensions.ignoreRecommendations": true,
  "git.enabled": false,
  "remote.autoForwardPorts": false,
  "terminal.integrated.gpuAcceleration": "off",
  "editor.cursorBlinking": "solid",
};

export interface ServerOptions {
  /** Folder of the VS Code server (see install.ts). */
  host: string;
  /** Holds settings, logs and storage of this server. */
  userData: string;
  extensions: string;
  /** Lets the workbench run an extension's tests; without it, they are silently not run. */
  testDriver?: boolean;
  settings?: Record<string, unknown>;
  env?: NodeJS.ProcessEnv;
  port?: number;
}

export interface Server {
  /** `http://127.0.0.1:<port>` */
  origin: string;
  authority: string;
  exited: Promise<number | null>;
  stop(): Promise<void>;
  /** As when the machine's memory is out: everything of it is gone at once, and says nothing. */
  crash(): Promise<void>;
}

/** Starts the VS Code server on loopback. Rejects where it is not up within 30 seconds. */
export async function startServer(options: ServerOptions): Promise<Server> {
  const port = options.port ?? (await freePort());
  writeSettings(options.userData, options.settings ?? QUIET_SETTINGS);
  const logFile = path.join(options.userData, "server.log");
  const log = openSync(logFile, "a");
  const child = spawn(serverNode(), serverArguments(options, port), {
    // A group of its own, since the server's own children (extension host, pty host) have to end with it.
    detached: process.platform !== "win32",
    stdio: ["ignore", log, log],
    env: serverEnvironment({ ...process.env, ...options.env }),
  });
  closeSync(log);
  const exited = new Promise<number | null>((resolve) => child.once("exit", (code) => resolve(code)));
  const server: Server = {
    origin: `http://127.0.0.1:${port}`,
    authority: `127.0.0.1:${port}`,
    exited,
    stop: () => stopGroup(child, exited),
    crash: async () => {
      signal(child, "SIGKILL");
      await exited;
    },
  };
  await untilUp(server, logFile);
  return server;
}

function serverArguments(options: ServerOptions, port: number): string[] {
  const args = [
    path.join(options.host, "out", "server-main.js"),
    "--host",
    "127.0.0.1",
    "--port",
    String(port),
  ];
  args.push("--without-connection-token", "--accept-server-license-terms", "--telemetry-level", "off");
  args.push("--server-data-dir", path.join(options.userData, "server"), "--user-data-dir", options.userData);
  args.push("--extensions-dir", options.extensions, "--disable-workspace-trust");
  if (options.testDriver) args.push("--enable-smoke-test-driver");
  return args;
}

/** Installs a packed extension into the server's extensions folder. */
export async function installExtension(options: ServerOptions, vsix: string): Promise<void> {
  const args = serverArguments(options, 0).filter((arg) => arg !== "--enable-smoke-test-driver");
  const child = spawn(serverNode(), [...args, "--install-extension", vsix, "--force"], {
    stdio: ["ignore", "ignore", "inherit"],
    env: serverEnvironment(process.env),
  });
  const code = await new Promise((resolve) => child.once("exit", resolve));
  if (code !== 0) throw new Error(`the extension ${vsix} could not be installed (exit status ${code})`);
}

function serverEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const dead = "http://127.0.0.1:9/";
  const gallery = { serviceUrl: dead, itemUrl: dead, resourceUrlTemplate: dead, controlUrl: "" };
  const copy: NodeJS.ProcessEnv = { ...env, EXTENSIONS_GALLERY: JSON.stringify(gallery) };
  for (const name of ["VSCODE_IPC_HOOK_CLI", "ELECTRON_RUN_AS_NODE", "NODE_OPTIONS"]) delete copy[name];
  return copy;
}

function writeSettings(userData: string, settings: Record<string, unknown>): void {
  const file = path.join(userData, "User", "settings.json");
  mkdirSync(path.dirname(file), { recursive: true });
  if (!existsSync(file)) writeFileSync(file, JSON.stringify(settings, null, 2));
}

/** The server needs Node 22.15; the project's own is 24. */
function serverNode(): string {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major > 22 || (major === 22 && minor >= 15)) return process.execPath;
  return fileURLToPath(new URL("../../node_modules/node/bin/node", import.meta.url));
}

async function untilUp(server: Server, logFile: string): Promise<void> {
  let over = false;
  void server.exited.then(() => {
    over = true;
  });
  const deadline = Date.now() + 30_000;
  while (!over && Date.now() < deadline) {
    const up = await fetch(`${server.origin}/version`).then(
      (answer) => answer.ok,
      () => false,
    );
    if (up) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await server.stop();
  throw new Error(`the VS Code server did not start; see ${logFile}`);
}

async function stopGroup(child: ChildProcess, exited: Promise<unknown>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  signal(child, "SIGTERM");
  const timer = setTimeout(() => signal(child, "SIGKILL"), 5_000);
  await exited;
  clearTimeout(timer);
}

function signal(child: ChildProcess, name: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    if (process.platform === "win32") child.kill(name);
    else process.kill(-child.pid, name);
  } catch {
    // Gone already.
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      const port = typeof address === "object" && address ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}
