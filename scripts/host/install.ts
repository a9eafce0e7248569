import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";

/**
 * The npm package that carries a complete VS Code server with its workbench, in lib/vscode. Version 4.139.1
 * is VS Code 1.139.1. Only that folder is taken, so nothing is compiled.
 */
const PACKAGE = "code-server";
export const HOST_VERSION = "4.139.1";

/** Large, and of no use for one extension's tests. */
const LEFT_OUT = ["copilot", "mermaid-markdown-features", "microsoft-authentication"];

/** Dependencies that are large, or native modules that would have to be compiled. */
const UNNEEDED = [
  "@github/copilot-sdk",
  "@microsoft/mxc-sdk",
  "@devcontainers/cli",
  "kerberos",
  "ssh2",
  "@vscode/sqlite3",
  "@vscode/sandbox-runtime",
];

/** The two native modules that the server cannot do without, in JavaScript. */
const STAND_INS = {
  "@vscode/spdlog": `
const fs = require("fs"), path = require("path");
const LEVELS = ["trace", "debug", "info", "warning", "error", "critical"];
class Logger {
  constructor(_type, _name, file) {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    this.file = file;
    this.level = 2;
    LEVELS.forEach((name, level) => { this[name === "warning" ? "warn" : name] = (text) => this.write(level, name, text); });
  }
  write(level, name, text) {
    if (level < this.level) return;
    try { fs.appendFileSync(this.file, new Date().toISOString() + " [" + name + "] " + text + "\\n"); } catch {}
  }
  getLevel() { return this.level; }
  setLevel(level) { this.level = level; }
  setPattern() {}
  clearFormatters() {}
  flush() {}
  drop() {}
}
exports.version = 0;
exports.Logger = Logger;
exports.setLevel = () => {};
exports.setFlushOn = () => {};
exports.createRotatingLogger = exports.createAsyncRotatingLogger = async (name, file) => new Logger("", name, file);
`,
  "@vscode/native-watchdog": `
exports.start = (pid) => setInterval(() => {
  try { process.kill(pid, 0); } catch { process.exit(0); }
}, 3000).unref();
exports.exit = (code) => process.exit(code || 0);
`,
};

/**
 * Installs the VS Code server from the npm registry where it is not there yet (about 12 seconds).
 * Returns its folder: `<cache>/vscode-host-<version>`.
 */
export async function installVscodeHost(env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const cache = env.VSCODE_HOST_CACHE ?? path.join(os.homedir(), ".cache", "coder-scaletest");
  const host = path.join(cache, `vscode-host-${HOST_VERSION}`);
  if (existsSync(path.join(host, "out", "server-main.js"))) return host;
  await mkdir(cache, { recursive: true });
  // Built beside its place and renamed into it: a second install at the same time does no harm.
  const draft = await mkdtemp(path.join(cache, "installing-"));
  try {
    console.log(`Installing the VS Code server (${PACKAGE} ${HOST_VERSION}) into ${host}`);
    unpack(draft);
    await trimDependencies(path.join(draft, "package.json"));
    npm(["install", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"], draft);
    for (const [name, source] of Object.entries(STAND_INS)) {
      await writeFile(path.join(draft, "node_modules", name, "index.js"), source.trimStart());
    }
    await rename(draft, host).catch((error: unknown) => {
      if (!existsSync(path.join(host, "out", "server-main.js"))) throw error;
    });
    return host;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

function unpack(folder: string): void {
  npm(["pack", "--silent", `${PACKAGE}@${HOST_VERSION}`], folder);
  const archive = path.join(folder, `${PACKAGE}-${HOST_VERSION}.tgz`);
  const excludes = LEFT_OUT.map((name) => `--exclude=*/extensions/${name}`);
  execFileSync("tar", ["xzf", archive, "--strip-components=3", ...excludes, "package/lib/vscode"], {
    cwd: folder,
  });
}

/** The shipped lock file does not fit the shipped package.json, so `npm ci` is no way. */
async function trimDependencies(file: string): Promise<void> {
  const manifest = JSON.parse(await readFile(file, "utf8"));
  for (const name of UNNEEDED) delete manifest.dependencies?.[name];
  await writeFile(file, JSON.stringify(manifest, null, 2));
}

function npm(args: string[], cwd: string): void {
  // What npm tells its scripts (npm_config_…, of the project's own command) is not meant for this install.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^npm_(command|lifecycle|package|execpath)/.test(name)),
  );
  execFileSync("npm", args, {
    cwd,
    env,
    stdio: ["ignore", "ignore", "inherit"],
    shell: process.platform === "win32",
  });
}
